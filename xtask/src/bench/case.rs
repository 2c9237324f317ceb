//! The cases.

/// A case.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: &'static str,
    /// What a request is, for the reader.
    pub(crate) request: &'static str,
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
    },
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
    clients("echo_64x64", "a message and its echo", ECHO),
    clients(
        "echo_1000x64",
        "a message and its echo",
        Clients { connections: 1000, active: 1000, has_latency: true, ..ECHO },
    ),
    clients(
        "echo_1000x4096",
        "a message and its echo",
        Clients { connections: 1000, active: 1000, size: 4096, ..ECHO },
    ),
    clients("unix_echo_64x64", "a message and its echo", Clients { is_unix: true, ..ECHO }),
    clients("churn", "a connection with one echo", Clients { shape: "churn", ..ECHO }),
    clients(
        "broadcast_1000",
        "a delivery",
        Clients { shape: "broadcast", connections: 1000, active: 1, ..ECHO },
    ),
    clients(
        "idle_10000_active_100",
        "a message and its echo",
        Clients { connections: 10_000, active: 100, has_memory: true, ..ECHO },
    ),
    Case {
        name: "register",
        request: "a registration and its end",
        work: Work::Loop { rounds: 300, rounds_traced: 3 },
    },
    Case {
        name: "wake_redundant",
        request: "a wake of a loop that is awake",
        work: Work::Loop { rounds: 1000, rounds_traced: 3 },
    },
    Case {
        name: "wake_sleeping",
        request: "a wake of a sleeper, and its poll",
        work: Work::Loop { rounds: 40_000, rounds_traced: 100 },
    },
    clients(
        "latency_1x64",
        "a message and its echo",
        Clients { connections: 1, active: 1, has_latency: true, ..ECHO },
    ),
    Case { name: "poll_empty", request: "a poll that finds nothing", work: Work::Counted { rounds: 1000 } },
    Case {
        name: "poll_events",
        request: "an event of a poll that finds 64",
        work: Work::Counted { rounds: 1000 },
    },
];

const fn clients(name: &'static str, request: &'static str, clients: Clients) -> Case {
    Case { name, request, work: Work::Clients(clients) }
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
