//! The bars that Ferrio sets itself. They are for a quiet machine and gate nothing:
//! a run says which are missed. Instructions have none: they are not time.

use crate::metric::Metric;
use crate::pair::{MEASURE, Pair};
use crate::record::Record;

/// The most that a ratio may be.
#[derive(Debug)]
pub(crate) struct Bar {
    /// The beginning of the names of its cases.
    pub(crate) cases: &'static str,
    /// The subject.
    pub(crate) subject: &'static str,
    /// The peer by its name; none stands for any.
    pub(crate) peer: Option<&'static str>,
    /// The metric.
    pub(crate) metric: Metric,
    /// The most, without noise.
    pub(crate) most: f64,
    /// What noise may add.
    pub(crate) noise: f64,
}

/// A bar of ferrio-poll.
const fn poll(cases: &'static str, metric: Metric, most: f64, noise: f64) -> Bar {
    Bar { cases, subject: "ferrio-poll", peer: None, metric, most, noise }
}

/// A bar of ferrio-poll's CPU time beside that of one peer.
const fn beside(peer: &'static str, cases: &'static str, most: f64) -> Bar {
    Bar { peer: Some(peer), ..poll(cases, Metric::ServerCpu, most, 0.0) }
}

/// A bar of ferrio-proactor's CPU time on a ring beside that of one peer.
const fn proactor(peer: &'static str, cases: &'static str, most: f64) -> Bar {
    Bar { subject: "ferrio-proactor", ..beside(peer, cases, most) }
}

/// A bar of what an idle connection takes.
const fn memory(subject: &'static str) -> Bar {
    Bar { subject, peer: Some("233 B"), ..poll("idle_", Metric::IdleMemory, 1.0, 0.0) }
}

/// All bars. The first that fits a case and a pair holds.
pub(crate) const BARS: &[Bar] = &[
    poll("echo_short_read", Metric::ServerCpu, 0.96, 0.0),
    poll("echo_", Metric::ServerCpu, 1.0, 0.03),
    poll("unix_echo_", Metric::ServerCpu, 1.0, 0.03),
    poll("churn", Metric::ServerCpu, 1.0, 0.03),
    poll("broadcast_", Metric::ServerCpu, 1.0, 0.03),
    poll("idle_", Metric::ServerCpu, 1.0, 0.03),
    poll("register", Metric::ServerCpu, 1.0, 0.05),
    poll("wake_redundant", Metric::ServerCpu, 0.08, 0.0),
    poll("wake_sleeping", Metric::ServerCpu, 1.05, 0.0),
    poll("accept", Metric::ServerCpu, 1.0, 0.03),
    Bar { peer: Some("1.00"), ..poll("accept", Metric::EmptyAccepts, 1.0, 0.0) },
    poll("proxy", Metric::ServerCpu, 0.8, 0.0),
    poll("user_event_awake", Metric::ServerCpu, 0.08, 0.0),
    poll("channel_awake", Metric::ServerCpu, 0.5, 0.0),
    beside("tokio", "timer_insert", 0.4),
    beside("tokio", "timer_cancel", 0.3),
    beside("btreemap", "timer_insert", 0.1),
    beside("btreemap", "timer_cancel", 0.1),
    beside("binary_heap", "timer_expire", 0.5),
    Bar { peer: Some("64 B"), ..poll("timer_memory", Metric::TimerMemory, 1.0, 0.0) },
    beside("send_recv", "udp_stream", 0.12),
    beside("quinn-udp", "udp_stream", 1.0),
    beside("quinn-udp", "udp_batch", 1.0),
    beside("mio", "wait_empty", 1.05),
    beside("mio", "wait_waker", 1.1),
    beside("mio + 35.0 ns", "wait_timeout", 1.0),
    beside("mio + 5.0 ns", "statistics", 1.0),
    Bar { subject: "ferrio-poll-timed", ..beside("ferrio-poll + 45.0 ns", "statistics", 1.0) },
    Bar { subject: "ferrio-proactor-beside", ..beside("ferrio-poll", "echo_beside", 1.04) },
    Bar { subject: "ferrio-proactor-idle", noise: 0.03, ..beside("ferrio-poll", "echo_beside", 1.0) },
    memory("ferrio-proactor"),
    memory("ferrio-proactor-emulated"),
    proactor(MEASURE, "echo_64x64", 0.9),
    proactor(MEASURE, "echo_1000x64", 0.91),
    proactor(MEASURE, "broadcast_", 0.92),
    proactor(MEASURE, "churn", 0.95),
    proactor("monoio", "echo_64x64", 0.9),
    proactor("monoio", "echo_1000x64", 0.82),
    proactor("io_uring", "", 1.05),
    Bar { subject: "ferrio-proactor-emulated", ..beside(MEASURE, "", 1.0) },
    Bar { subject: "ferrio-proactor", ..poll("", Metric::Allocations, 1.0, 0.0) },
    Bar { subject: "ferrio-proactor-emulated", ..poll("", Metric::Allocations, 1.0, 0.0) },
    poll("", Metric::Syscalls, 1.0, 0.005),
    poll("", Metric::Allocations, 1.0, 0.0),
    Bar { subject: "tokio-on-ferrio", ..poll("", Metric::ServerCpu, 1.0, 0.03) },
];

/// The bar of a ratio.
pub(crate) fn of(case: &str, metric: Metric, pair: &Pair) -> Option<&'static Bar> {
    let peer = pair.peer();
    let fits = |bar: &&Bar| {
        case.starts_with(bar.cases)
            && bar.metric == metric
            && bar.subject == pair.subject
            && bar.peer.is_none_or(|name| name == peer)
    };
    BARS.iter().find(fits)
}

/// What misses its bar: the case, the metric, the pair. Only one core counts.
pub(crate) fn missed(record: &Record) -> Vec<(&'static str, Metric, &'static Pair)> {
    let ratios = record.ratios().into_iter().filter(|_| !record.is_two_cores);
    let missed = ratios.filter(|(case, metric, pair, ratio)| {
        of(case.name, *metric, pair).is_some_and(|bar| ratio.median > bar.most + bar.noise)
    });
    missed.map(|(case, metric, pair, _)| (case.name, metric, pair)).collect()
}

#[cfg(test)]
mod tests {
    use super::{BARS, missed};
    use crate::case::CASES;
    use crate::record::fixture::record;

    #[test]
    fn every_bar_has_a_case_and_a_pair() {
        for bar in BARS {
            let cases = CASES.iter().filter(|case| case.name.starts_with(bar.cases));
            let mut pairs = cases.flat_map(|case| case.pairs).filter(|pair| pair.subject == bar.subject);
            assert!(pairs.any(|pair| bar.peer.is_none_or(|name| name == pair.peer())), "{bar:?}");
        }
    }

    #[test]
    fn only_what_is_over_its_bar_is_missed() {
        let fine = record(&[("mio", &[100.0]), ("ferrio-poll", &[103.0]), ("polling", &[200.0])]);
        assert!(missed(&fine).is_empty());
        let mut bad = record(&[("mio", &[100.0]), ("ferrio-poll", &[104.0])]);
        let names: Vec<_> = missed(&bad).iter().map(|(case, _, pair)| (*case, pair.subject)).collect();
        assert_eq!(names, [("echo_64x64", "ferrio-poll")]);
        bad.is_two_cores = true;
        assert!(missed(&bad).is_empty());
    }
}
