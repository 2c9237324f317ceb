//! Which call fails how, for whom, and what may come of it.

use crate::hits::Hits;
use crate::subject::Subject::{self, Epoll, Poll2, Tokio, TokioPoll2};

/// A call that fails.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Fault {
    /// The calls, with commas, as strace takes them.
    pub(crate) calls: &'static str,
    pub(crate) error: &'static str,
    /// strace's `when`: which of the calls fail. The first one is the short table's.
    pub(crate) patterns: &'static [&'static str],
    pub(crate) subjects: &'static [Subject],
    pub(crate) kind: Kind,
    /// The file that the calls have to be about, if it matters.
    pub(crate) path: Option<&'static str>,
    /// Silent connections that keep the server full at first.
    pub(crate) crowd: usize,
    /// By what the program imposes the fault on itself. Then nothing is injected.
    pub(crate) arguments: &'static [&'static str],
}

/// Whether the client of a call that fails is lost with it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody may be lost.
    Passes,
    /// The same, and a server on completion is told of it, by an error of its driver or of a wait.
    Told,
    /// The same, if the kernel has it that way.
    MayTell,
    /// Nobody may be lost, and a server on completion does without a ring, and says why.
    Denied,
    /// Those whose calls failed, and nobody else.
    CostsAClient,
    /// The same, and what they got last need not join on: more was already on its way behind it.
    CostsAStream,
    /// No call is injected: the process has no more descriptors than that. Nobody may
    /// be lost.
    Limit(u32),
    /// No call is injected either: the loop itself sees to it that calls fail. What the trace
    /// says of such a call stands in the place of the error.
    Own,
}

/// The size of a run.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) clients: usize,
    /// How many lines each client sends at once.
    pub(crate) burst: usize,
}

impl Limits {
    pub(crate) fn of(short: bool) -> Self {
        if short { Self { clients: 6, burst: 200 } } else { Self { clients: 10, burst: 500 } }
    }
}

impl Fault {
    /// What strace is to do, and what it is to start.
    pub(crate) fn options(&self, pattern: &str) -> Vec<String> {
        let watch = format!("trace={}", self.calls);
        let what = match self.kind {
            Kind::Limit(most) => vec!["prlimit".to_owned(), format!("--nofile={most}:{most}")],
            // What such a loop costs is measured, so strace stops it at these calls alone.
            Kind::Own => vec!["--seccomp-bpf".to_owned()],
            _ if self.is_own() => Vec::new(),
            _ => vec!["-e".to_owned(), format!("inject={}:error={}:when={pattern}", self.calls, self.error)],
        };
        let path = self.path.map(|path| ["-P".to_owned(), path.to_owned()]);
        ["-e".to_owned(), watch].into_iter().chain(path.into_iter().flatten()).chain(what).collect()
    }

    /// Whether the program itself sees to it that calls fail.
    fn is_own(&self) -> bool {
        self.kind == Kind::Own || !self.arguments.is_empty()
    }

    /// The calls in `trace` that failed as they should.
    pub(crate) fn hits(&self, trace: &str) -> Hits {
        let wants_injected = !matches!(self.kind, Kind::Limit(_)) && !self.is_own();
        let failed =
            if self.kind == Kind::Own { self.error.to_owned() } else { format!("= -1 {} ", self.error) };
        Hits::of(trace, |line| line.contains(&failed) && line.ends_with("(INJECTED)") == wants_injected)
    }
}

const ALL: &[Subject] = &[Epoll, Poll2, Tokio, TokioPoll2];

/// The calls that wait: which one depends on the timeout and the processor. With a
/// question mark, strace does not mind a processor that lacks it.
pub(crate) const EPOLLS: &str = "?epoll_wait,epoll_pwait,?epoll_pwait2";
pub(crate) const POLLS: &str = "ppoll,?poll";

/// The subjects that write many lines by one `sendmsg`; the server on tokio writes each by a
/// `sendto`.
const GATHER: &[Subject] = &[Epoll, Poll2];

/// A fault of servers that no crowd keeps full.
pub(crate) const fn fault(
    calls: &'static str,
    error: &'static str,
    patterns: &'static [&'static str],
    subjects: &'static [Subject],
    kind: Kind,
) -> Fault {
    Fault { calls, error, patterns, subjects, kind, path: None, crowd: 0, arguments: &[] }
}

/// The faults. An EAGAIN is a lie: the socket is ready, and with edges nobody says so
/// again. It comes early and ends, so that later news of the same socket sets the server right.
pub(crate) const FAULTS: &[Fault] = &[
    fault(EPOLLS, "EINTR", &["2+2", "1..5", "3+3"], &[Epoll, Tokio], Kind::Passes),
    fault(POLLS, "EINTR", &["2+2", "1..5", "3+3"], &[Poll2, TokioPoll2], Kind::Passes),
    fault(POLLS, "ENOMEM", &["2+2", "1..5", "3+3"], &[Poll2, TokioPoll2], Kind::Passes),
    fault("accept4", "EAGAIN", &["1..2", "1", "2..3"], ALL, Kind::Passes),
    fault("accept4", "ECONNABORTED", &["2..3", "1+2", "1..6"], ALL, Kind::Passes),
    fault("accept4", "EMFILE", &["2..4", "1+2", "3..8"], ALL, Kind::Passes),
    fault("accept4", "ENFILE", &["2..4", "1+2", "3..8"], ALL, Kind::Passes),
    fault("epoll_ctl", "ENOMEM", &["6", "5..6", "7"], &[Epoll, Tokio], Kind::CostsAClient),
    fault("epoll_ctl", "ENOSPC", &["6", "5..6", "7"], &[Epoll, Tokio], Kind::CostsAClient),
    fault("sendmsg", "EAGAIN", &["20..25", "1..5", "60..90"], GATHER, Kind::Passes),
    fault("sendmsg", "ENOBUFS", &["40", "3", "60..61"], GATHER, Kind::CostsAClient),
    fault("sendmsg", "EPIPE", &["40", "3", "60..61"], GATHER, Kind::CostsAClient),
    fault("sendto", "EAGAIN", &["20..25", "1..5", "60..90"], &[Tokio, TokioPoll2], Kind::Passes),
    fault("sendto", "ENOBUFS", &["40", "3", "60..61"], &[Tokio, TokioPoll2], Kind::CostsAClient),
    fault("sendto", "EPIPE", &["40", "3", "60..61"], &[Tokio, TokioPoll2], Kind::CostsAClient),
    // tokio's timeouts are whole milliseconds, which need no fine wait.
    fault("epoll_pwait2", "ENOSYS", &["1+"], &[Epoll], Kind::Passes),
    fault("eventfd2", "ENOSYS", &["1+"], ALL, Kind::Passes),
    Fault { crowd: 30, ..fault("accept4", "EMFILE", &["limit"], ALL, Kind::Limit(24)) },
];

#[cfg(test)]
mod tests {
    use super::{Epoll, Kind, fault};

    #[test]
    fn only_what_was_injected_counts() {
        let emfile = |kind| fault("accept4", "EMFILE", &["1"], &[Epoll], kind);
        let trace = "1 accept4(4) = -1 EMFILE (Too many open files) (INJECTED)\n\
                     1 accept4(4) = -1 EAGAIN (Resource temporarily unavailable)\n\
                     1 accept4(4) = -1 EMFILE (Too many open files)\n\
                     1 accept4(4) = -1 EMFILE (Too many open files)\n";
        assert_eq!(emfile(Kind::Passes).hits(trace).count, 1);
        assert_eq!(emfile(Kind::Limit(9)).hits(trace).count, 2);
    }

    #[test]
    fn a_limit_injects_nothing() {
        let limit = fault("accept4", "EMFILE", &["-"], &[Epoll], Kind::Limit(9)).options("-").join(" ");
        assert_eq!(limit, "-e trace=accept4 prlimit --nofile=9:9");
        let own = fault("accept4", "EMFILE", &["-"], &[Epoll], Kind::Own).options("-").join(" ");
        assert_eq!(own, "-e trace=accept4 --seccomp-bpf");
        let inject = fault("accept4", "EMFILE", &["2"], &[Epoll], Kind::Passes).options("2").join(" ");
        assert_eq!(inject, "-e trace=accept4 -e inject=accept4:error=EMFILE:when=2");
    }
}
