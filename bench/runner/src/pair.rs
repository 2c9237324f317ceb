//! The pairs of subjects that are compared.

use crate::metric::Metric;
use crate::subject::{self, Subject};

/// A subject and what it is compared with: another one, a limit, or another one and
/// what may be added to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    /// The subject.
    pub(crate) subject: &'static str,
    /// The subject that is the measure.
    pub(crate) base: Option<&'static str>,
    /// What is added to that. Such a pair is of this metric alone.
    pub(crate) allowance: Option<(Metric, f64)>,
}

/// The subject that the others are shown beside.
pub(crate) const MEASURE: &str = "mio";

/// The pairs of a case that every subject can run.
pub(crate) const ALL: &[Pair] = &[FERRIO, pair("polling", MEASURE), EPOLL, pair("tokio", MEASURE), PATCHED];

/// Those of a case in which completion stands beside readiness.
pub(crate) const COMPLETION: &[Pair] = &[
    pair("ferrio-proactor", MEASURE),
    pair("ferrio-proactor-emulated", MEASURE),
    pair("io_uring", MEASURE),
    pair("monoio", MEASURE),
    pair("compio", MEASURE),
    pair("ferrio-proactor", "io_uring"),
    pair("ferrio-proactor", "monoio"),
    pair("io_uring-inline", MEASURE),
];

/// Those of both.
pub(crate) const BOTH: &[Pair] = &[
    ALL[0],
    ALL[1],
    ALL[2],
    ALL[3],
    ALL[4],
    COMPLETION[0],
    COMPLETION[1],
    COMPLETION[2],
    COMPLETION[3],
    COMPLETION[4],
    COMPLETION[5],
    COMPLETION[6],
    COMPLETION[7],
];

/// Those of both, and what an idle connection may take: 128 bytes, and its part of a pool of 256
/// buffers of 4 KiB for 10,000 connections.
pub(crate) const IDLE: &[Pair] = &[
    ALL[0],
    ALL[1],
    ALL[2],
    ALL[3],
    ALL[4],
    COMPLETION[0],
    COMPLETION[1],
    COMPLETION[2],
    COMPLETION[3],
    COMPLETION[4],
    COMPLETION[5],
    COMPLETION[6],
    COMPLETION[7],
    Pair { subject: "ferrio-proactor", base: None, allowance: Some((Metric::IdleMemory, 233.0)) },
    Pair { subject: "ferrio-proactor-emulated", base: None, allowance: Some((Metric::IdleMemory, 233.0)) },
];

/// Those of readiness in a loop that could complete.
pub(crate) const BESIDE: &[Pair] =
    &[pair("ferrio-proactor-beside", "ferrio-poll"), pair("ferrio-proactor-idle", "ferrio-poll")];

/// Those of a case for which an engine is enough and nothing is slow.
pub(crate) const BARE: &[Pair] = &[FERRIO, EPOLL];

/// Those of what only Ferrio has, and programs on mio build.
pub(crate) const OURS: &[Pair] = &[FERRIO];

/// Those of timers that can be cancelled.
pub(crate) const TIMERS: &[Pair] = &[pair("ferrio-poll", "tokio"), pair("ferrio-poll", "btreemap")];

/// That of timers that only expire.
pub(crate) const EXPIRED: &[Pair] = &[pair("ferrio-poll", "binary_heap")];

/// Those of the memory of timers.
pub(crate) const WEIGHED: &[Pair] = &[
    Pair { subject: "ferrio-poll", base: None, allowance: Some((Metric::TimerMemory, 64.0)) },
    TIMERS[0],
    TIMERS[1],
];

/// Those of what a poll costs beside its system call.
pub(crate) const COUNTED: &[Pair] = &[
    FERRIO,
    Pair { allowance: Some((Metric::ServerCpu, 5.0)), ..FERRIO },
    TIMED,
    Pair { allowance: Some((Metric::ServerCpu, 45.0)), ..TIMED },
];

/// Those of a poll that has to read the clock.
pub(crate) const WITHIN: &[Pair] = &[FERRIO, Pair { allowance: Some((Metric::ServerCpu, 35.0)), ..FERRIO }];

/// Those of an accept loop: two that are written by hand, and what an event may cost in vain.
pub(crate) const ACCEPTS: &[Pair] = &[
    pair("ferrio-poll", "ferrio-poll-loop"),
    FERRIO,
    Pair { subject: "ferrio-poll", base: None, allowance: Some((Metric::EmptyAccepts, 1.0)) },
];

/// That of a proxy that copies.
pub(crate) const PROXY: &[Pair] = &[pair("ferrio-poll", "ferrio-poll-copy")];

/// Those of a stream of datagrams.
pub(crate) const STREAM: &[Pair] = &[pair("ferrio-poll", "send_recv"), QUINN];

/// That of batches of datagrams.
pub(crate) const BATCH: &[Pair] = &[QUINN];

/// Those of files.
pub(crate) const FILES: &[Pair] =
    &[pair("ferrio-proactor", "thread_pool"), pair("ferrio-proactor-emulated", "thread_pool")];

const QUINN: Pair = pair("ferrio-poll", "quinn-udp");
const FERRIO: Pair = pair("ferrio-poll", MEASURE);
const EPOLL: Pair = pair("epoll", MEASURE);
const PATCHED: Pair = pair("tokio-on-ferrio", "tokio");
const TIMED: Pair = pair("ferrio-poll-timed", "ferrio-poll");

const fn pair(subject: &'static str, base: &'static str) -> Pair {
    Pair { subject, base: Some(base), allowance: None }
}

impl Pair {
    /// The name of the peer.
    pub(crate) fn peer(&self) -> String {
        let allowance = self.allowance.map(|(metric, most)| metric.show(most));
        let parts: Vec<String> = self.base.map(str::to_owned).into_iter().chain(allowance).collect();
        parts.join(" + ")
    }

    /// Both names.
    pub(crate) fn name(&self) -> String {
        format!("{} / {}", self.subject, self.peer())
    }

    /// Whether it says something about a metric.
    pub(crate) fn is_of(&self, metric: Metric) -> bool {
        self.allowance.is_none_or(|(only, _)| only == metric)
    }

    /// The figures of the peer beside those of the subject.
    pub(crate) fn peer_runs(&self, own: &[f64], base: &[f64]) -> Vec<f64> {
        let allowance = self.allowance.map_or(0.0, |(_, most)| most);
        match self.base {
            Some(_) => base.iter().map(|figure| figure + allowance).collect(),
            None => vec![allowance; own.len()],
        }
    }

    /// Whether the subject is Ferrio.
    pub(crate) fn is_ours(&self) -> bool {
        subject::named(self.subject).is_some_and(|subject| subject.is_ours)
    }

    /// Whether a subject runs for this pair.
    pub(crate) fn needs(&self, subject: &Subject) -> bool {
        self.subject == subject.name || self.base == Some(subject.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, BOTH, COMPLETION, COUNTED, IDLE, WEIGHED};
    use crate::case::CASES;
    use crate::subject;

    #[test]
    fn a_pair_is_of_subjects() {
        for pair in CASES.iter().flat_map(|case| case.pairs) {
            for name in [pair.subject].into_iter().chain(pair.base) {
                assert!(subject::named(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn both_leave_out_none() {
        assert_eq!(BOTH, [ALL, COMPLETION].concat());
        assert_eq!(IDLE[..BOTH.len()], *BOTH);
    }

    #[test]
    fn a_peer_is_named_with_what_is_added_to_it() {
        let names: Vec<String> =
            [COUNTED[0], COUNTED[1], WEIGHED[0]].iter().map(|pair| pair.peer()).collect();
        assert_eq!(names, ["mio", "mio + 5.0 ns", "64 B"]);
    }

    #[test]
    fn what_is_allowed_is_added_to_each_run_of_the_peer() {
        assert_eq!(COUNTED[1].peer_runs(&[1.0, 2.0], &[100.0, 200.0]), [105.0, 205.0]);
        assert_eq!(WEIGHED[0].peer_runs(&[1.0, 2.0], &[]), [64.0, 64.0]);
    }
}
