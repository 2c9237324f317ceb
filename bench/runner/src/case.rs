//! The cases.

use crate::metric::Metric;
use crate::pair::{self, Pair};

/// A case.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: &'static str,
    /// What a request is, for the reader.
    pub(crate) request: &'static str,
    /// The pairs of subjects that are compared. Only these run.
    pub(crate) pairs: &'static [Pair],
    /// What happens.
    pub(crate) work: Work,
}

/// What happens in a case.
#[derive(Debug)]
pub(crate) enum Work {
    /// Clients talk to a server.
    Clients(Clients),
    /// A loop of the subject's own process.
    Loop {
        /// How often it goes round.
        rounds: u64,
        /// How often when every system call is traced.
        rounds_traced: u64,
        /// Whether the time that it takes is a figure of this case: it waits for a disk.
        has_wall: bool,
    },
    /// A structure of the subject's own process, which is weighed.
    Weighed,
    /// A loop under valgrind, for the subjects that have it.
    Counted {
        /// How often it goes round.
        rounds: u64,
    },
}

/// What the clients are.
#[derive(Debug)]
pub(crate) struct Clients {
    /// How the load generator calls what they do.
    pub(crate) shape: &'static str,
    /// How many there are.
    pub(crate) connections: usize,
    /// How many of them talk.
    pub(crate) active: usize,
    /// The length of a message.
    pub(crate) size: usize,
    /// A Unix socket instead of TCP.
    pub(crate) is_unix: bool,
    /// Whether the time to the answer is a figure of this case.
    pub(crate) has_latency: bool,
    /// Whether the memory of a connection is.
    pub(crate) has_memory: bool,
}

/// Echo over TCP, the start of most cases.
const ECHO: Clients = Clients {
    shape: "echo",
    connections: 64,
    active: 64,
    size: 64,
    is_unix: false,
    has_latency: false,
    has_memory: false,
};

/// All cases.
pub(crate) const CASES: &[Case] = &[
    both("echo_64x64", "a message and its echo", ECHO),
    both(
        "echo_1000x64",
        "a message and its echo",
        Clients { connections: 1000, active: 1000, has_latency: true, ..ECHO },
    ),
    both(
        "echo_1000x4096",
        "a message and its echo",
        Clients { connections: 1000, active: 1000, size: 4096, ..ECHO },
    ),
    Case {
        pairs: pair::BARE,
        ..clients("echo_short_read", "a message and its echo", Clients { shape: "echo_short_read", ..ECHO })
    },
    clients("unix_echo_64x64", "a message and its echo", Clients { is_unix: true, ..ECHO }),
    both("churn", "a connection with one echo", Clients { shape: "churn", ..ECHO }),
    both(
        "broadcast_1000",
        "a delivery",
        Clients { shape: "broadcast", connections: 1000, active: 1, ..ECHO },
    ),
    Case {
        pairs: pair::IDLE,
        ..clients(
            "idle_10000_active_100",
            "a message and its echo",
            Clients { connections: 10_000, active: 100, has_memory: true, ..ECHO },
        )
    },
    Case { pairs: pair::BESIDE, ..clients("echo_beside", "a message and its echo", ECHO) },
    turns("register", "a registration and its end", pair::ALL, 300, 3),
    turns("wake_redundant", "a wake of a loop that is awake", pair::ALL, 1000, 3),
    turns("wake_sleeping", "a wake of a sleeper, and its poll", pair::ALL, 40_000, 100),
    clients(
        "latency_1x64",
        "a message and its echo",
        Clients { connections: 1, active: 1, has_latency: true, ..ECHO },
    ),
    turns("accept", "a connection that is accepted, in bursts of 1 to 128", pair::ACCEPTS, 60, 1),
    turns("proxy", "64 KiB through a proxy, for 64 clients in turn", pair::PROXY, 40, 1),
    turns("user_event_awake", "a user event, or a wake, of a loop that is awake", pair::OURS, 2000, 3),
    turns("user_event_taken", "a user event after the last one was taken, or a wake", pair::OURS, 2000, 3),
    turns("channel_awake", "a message of 64 to a poll", pair::OURS, 20_000, 30),
    turns("timer_insert", "a timer, beside 1,000,000 others", pair::TIMERS, 1000, 3),
    turns("timer_cancel", "a timer that is cancelled, one of 1,000,000", pair::TIMERS, 1000, 3),
    turns("timer_expire", "a timer that comes, one of 1,000,000", pair::EXPIRED, 1, 1),
    Case {
        name: "timer_memory",
        request: "a timer, one of 1,000,000",
        pairs: pair::WEIGHED,
        work: Work::Weighed,
    },
    turns(
        "udp_stream",
        "a datagram of 1200 bytes, sent and received in pieces of many",
        pair::STREAM,
        3000,
        30,
    ),
    turns("udp_batch", "a datagram of 1200 bytes, sent and received singly", pair::BATCH, 3000, 30),
    files("file_copy", "a block of 256 KiB of a cached file that is copied, 8 at once", 40),
    files("random_reads", "a read of 4 KiB at a random place of a file that is not cached, 32 at once", 10),
    turns("statistics", "a poll that finds nothing", pair::COUNTED, 2_000_000, 1000),
    turns("wait_empty", "a poll that finds nothing", pair::OURS, 2_000_000, 1000),
    turns("wait_waker", "a poll that finds nothing, of a loop with a waker", pair::OURS, 2_000_000, 1000),
    turns("wait_timeout", "a write, and a poll with a timeout that finds it", pair::WITHIN, 1_000_000, 1000),
    counted("poll_empty", "a poll that finds nothing"),
    counted("poll_empty_waker", "a poll that finds nothing, of a loop with a waker"),
    counted("poll_events", "an event of a poll that finds 64"),
    counted("poll_events_waker", "an event of a poll that finds 64, of a loop with a waker"),
];

const fn clients(name: &'static str, request: &'static str, clients: Clients) -> Case {
    Case { name, request, pairs: pair::ALL, work: Work::Clients(clients) }
}

const fn both(name: &'static str, request: &'static str, talk: Clients) -> Case {
    Case { pairs: pair::BOTH, ..clients(name, request, talk) }
}

const fn turns(
    name: &'static str,
    request: &'static str,
    pairs: &'static [Pair],
    rounds: u64,
    rounds_traced: u64,
) -> Case {
    Case { name, request, pairs, work: Work::Loop { rounds, rounds_traced, has_wall: false } }
}

const fn files(name: &'static str, request: &'static str, rounds: u64) -> Case {
    Case { name, request, pairs: pair::FILES, work: Work::Loop { rounds, rounds_traced: 1, has_wall: true } }
}

const fn counted(name: &'static str, request: &'static str) -> Case {
    Case { name, request, pairs: pair::BARE, work: Work::Counted { rounds: 1000 } }
}

impl Case {
    /// Whether a pair compares this metric with a limit of its own.
    pub(crate) fn has_limit(&self, metric: Metric) -> bool {
        self.pairs.iter().any(|pair| pair.allowance.is_some_and(|(own, _)| own == metric))
    }

    /// Whether its pairs are columns of the tables that many share.
    pub(crate) fn is_in_common_table(&self) -> bool {
        self.pairs.iter().all(|pair| pair.base.is_none() || pair::BOTH.contains(pair))
            && self.pairs.iter().any(|pair| pair.base.is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CASES;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = CASES.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), CASES.len());
    }
}
