//! The accounts of loops with sockets.

use crate::alone::{Alone, Job, Verdict, on};
use crate::server::Ledger;
use crate::table::{Fault, Kind, fault};

/// What the last line of such a loop has to say.
pub(crate) struct Terms {
    /// What must not have happened.
    pub(super) never: &'static [&'static str],
    /// What must have happened: else nothing was tried.
    pub(super) some: &'static [&'static str],
    /// What can come of an injected fault alone, all of it together.
    pub(super) injected: &'static [&'static str],
    /// Sums that are equal.
    pub(super) equal: &'static [(&'static [&'static str], &'static [&'static str])],
}

/// All of them.
pub(crate) const SOCKETS: &[Alone] = &[
    on(Job::Datagrams, "epoll", send("EIO")),
    on(Job::Datagrams, "epoll", send("EINVAL")),
    on(Job::Datagrams, "epoll", send("EMSGSIZE")),
    on(Job::Datagrams, "epoll", send("ENOBUFS")),
    on(Job::Datagrams, "epoll", send("EAGAIN")),
    on(Job::Datagrams, "epoll", send("EINTR")),
    on(Job::Datagrams, "epoll", send("ECONNREFUSED")),
    on(Job::Datagrams, "poll2", send("EIO")),
    on(Job::Datagrams, "poll2", send("EAGAIN")),
    on(Job::Datagrams, "epoll", every("sendto", "EAGAIN")),
    on(Job::Datagrams, "epoll", every("sendto", "ENOBUFS")),
    on(Job::Datagrams, "epoll", every("recvmmsg", "EINTR")),
    on(Job::Datagrams, "epoll", every("recvmmsg", "EAGAIN")),
    on(Job::Datagrams, "epoll", every("recvmmsg", "ECONNREFUSED")),
    on(Job::Datagrams, "epoll", every("recvmmsg", "ENOBUFS")),
    on(Job::Datagrams, "poll2", every("recvmmsg", "EINTR")),
    on(Job::Datagrams, "poll2", every("recvmmsg", "EAGAIN")),
    on(Job::Datagrams, "epoll", some("recvfrom", "EAGAIN")),
    on(Job::Passing, "epoll", DESCRIPTORS_CUT),
    on(Job::Passing, "poll2", DESCRIPTORS_CUT),
    on(Job::Passing, "epoll", every("recvmsg", "EINTR")),
    on(Job::Passing, "epoll", every("recvmsg", "EAGAIN")),
    on(Job::Passing, "epoll", every("recvmsg", "EMFILE")),
    on(Job::Passing, "epoll", every("sendmsg", "EAGAIN")),
    on(Job::Passing, "epoll", every("sendmsg", "ENOBUFS")),
    on(Job::Passing, "epoll", every("sendmsg", "ETOOMANYREFS")),
    on(Job::Connects, "epoll", every("connect", "EINTR")),
    on(Job::Connects, "epoll", every("connect", "EAGAIN")),
    on(Job::Connects, "epoll", every("connect", "EADDRNOTAVAIL")),
    on(Job::Silences, "epoll", some("connect", "EINPROGRESS")),
    on(Job::Silences, "poll2", some("connect", "EINPROGRESS")),
    on(Job::Queues, "epoll", FULL),
    on(Job::Queues, "poll2", FULL),
    on(Job::Splices, "epoll", fault("splice", "EINTR", SPARSE, &[], Kind::Passes)),
    on(Job::Splices, "epoll", fault("splice", "EAGAIN", SPARSE, &[], Kind::Passes)),
    on(Job::Splices, "poll2", fault("splice", "EAGAIN", SPARSE, &[], Kind::Passes)),
    on(Job::Splices, "epoll", fault("splice", "EINVAL", &["9+90", "2+50", "40"], &[], Kind::Passes)),
    on(Job::Files, "epoll", every("sendfile", "EINTR")),
    on(Job::Files, "epoll", every("sendfile", "EAGAIN")),
    on(Job::Files, "poll2", every("sendfile", "EAGAIN")),
    on(Job::Files, "epoll", fault("sendfile", "EINVAL", &["9+40", "1+20", "30"], &[], Kind::Passes)),
    on(Job::Setups, "epoll", setup("ENOMEM")),
    on(Job::Setups, "epoll", setup("EPERM")),
    on(Job::Setups, "poll2", setup("ENOBUFS")),
];

/// The calls by which sources are made and registered; each is counted on its own.
const SETUP: &str = "socket,bind,listen,connect,accept4,socketpair,setsockopt,getsockname,getpeername,fcntl,\
                     ioctl,pipe2,eventfd2,epoll_create1,epoll_ctl,timerfd_create,fchmod,recvmsg,recvfrom,sendto";

const SPARSE: &[&str] = &["7+9", "2+2", "1..40"];

/// The kernel says so when a receiver has no room for a descriptor, or may not have more.
const DESCRIPTORS_CUT: Fault = fault("recvmsg", "MSG_CTRUNC", &["own"], &[], Kind::Own);

/// Not so many one after the other that the connector gives up.
const FULL: Fault = fault("connect", "EAGAIN", &["2+2", "3+5", "1..8"], &[], Kind::Passes);

/// A send of a batch, which is made again singly where the error may be of its division.
const fn send(error: &'static str) -> Fault {
    fault("sendmmsg", error, &["3+3", "20..30", "2+7"], &[], Kind::Passes)
}

const fn every(call: &'static str, error: &'static str) -> Fault {
    fault(call, error, &["2+2", "3+5", "1..20"], &[], Kind::Passes)
}

/// The same, where each takes its time.
const fn some(call: &'static str, error: &'static str) -> Fault {
    fault(call, error, &["3+5", "2+2", "1..20"], &[], Kind::Passes)
}

const fn setup(error: &'static str) -> Fault {
    fault(SETUP, error, &["4+5", "2+3", "7+11"], &[], Kind::Passes)
}

pub(crate) const DATAGRAMS: Terms = Terms {
    never: &["lost", "twice", "denied", "changed", "disordered", "idle"],
    some: &["sent", "divided", "impossible"],
    injected: &["made_up", "blocked", "troubles", "unannounced"],
    equal: &[(&["overlong"], &["impossible"])],
};

pub(crate) const PASSING: Terms = Terms {
    never: &["misnamed", "wrong", "inherited", "unannounced", "held", "leaked"],
    some: &["sent", "got", "cut", "short"],
    injected: &["troubles"],
    equal: &[(&["cut", "short", "cut", "short"], &["rounds"])],
};

pub(crate) const CONNECTS: Terms = Terms {
    never: &["late", "unnamed", "vague", "broken", "hung", "again", "spinning", "leaked"],
    some: &["connected"],
    injected: &["unexpected"],
    equal: &[(&["begun"], &["connected", "failed"])],
};

/// A connection that is said to be on its way, and is not, fails by the timeout.
pub(crate) const SILENCES: Terms =
    Terms { never: &["unnamed", "vague", "broken", "hung", "again", "spinning", "leaked"], ..CONNECTS };

pub(crate) const QUEUES: Terms =
    Terms { never: &["failed", "vague", "broken", "hung", "again", "spinning", "leaked"], ..CONNECTS };

pub(crate) const TRANSFERS: Terms = Terms {
    never: &["stranded", "wrong", "leaked"],
    some: &["whole"],
    injected: &["broken", "copied"],
    equal: &[(&["transfers"], &["whole", "broken"])],
};

pub(crate) const SETUPS: Terms =
    Terms { never: &["leaked"], some: &["made", "failed"], injected: &["failed"], equal: &[] };

impl Terms {
    /// What is wrong with an account, if anything is, after `injected` faults.
    pub(crate) fn complain(&self, injected: u64, ledger: &Ledger) -> Verdict {
        let value = |name: &'static str| ledger.values([name]).map(|[value]| value);
        let sum = |names: &[&'static str]| names.iter().map(|name| value(name)).sum::<Result<u64, _>>();
        let mut complaints = Vec::new();
        for name in self.never {
            complaints
                .extend(Some(value(name)?).filter(|count| *count > 0).map(|count| format!("{count} {name}")));
        }
        for name in self.some {
            complaints
                .extend(Some(value(name)?).filter(|count| *count == 0).map(|_| format!("nothing {name}")));
        }
        for (one, other) in self.equal {
            let (left, right) = (sum(one)?, sum(other)?);
            let text = || format!("{left} {}, but {right} {}", one.join(" and "), other.join(" and "));
            complaints.extend((left != right).then(text));
        }
        let count = sum(self.injected)?;
        let text = || format!("{count} {}, {injected} injected", self.injected.join(" and "));
        complaints.extend((count > injected).then(text));
        Ok(complaints.into_iter().next())
    }
}

#[cfg(test)]
mod tests {
    use crate::alone::Job;
    use crate::alone::tests::try_judge;

    #[test]
    fn a_datagram_that_is_lost_or_comes_twice_is_seen() {
        let well = "final: sent=90 lost=0 twice=0 impossible=6 overlong=6 made_up=1 denied=0 divided=40 singly=1 \
                    blocked=1 troubles=1 changed=0 disordered=0 unannounced=2 idle=0";
        let words = [
            "sent",
            "lost",
            "twice",
            "impossible",
            "overlong",
            "made_up",
            "denied",
            "divided",
            "blocked",
            "troubles",
            "changed",
            "disordered",
            "unannounced",
            "idle",
        ];
        let wrong = [
            ("lost=0", "lost=1"),
            ("twice=0", "twice=1"),
            ("overlong=6", "overlong=5"),
            ("made_up=1", "made_up=2"),
            ("denied=0", "denied=1"),
            ("divided=40", "divided=0"),
            ("unannounced=2", "unannounced=3"),
            ("changed=0", "changed=1"),
            ("disordered=0", "disordered=1"),
            ("idle=0", "idle=1"),
        ];
        try_judge(Job::Datagrams, 5, well, &words, &wrong);
    }

    #[test]
    fn a_descriptor_that_stays_open_is_seen() {
        let well = "final: rounds=12 sent=40 got=9 cut=3 short=3 misnamed=0 troubles=5 wrong=0 inherited=0 \
                    unannounced=0 held=0 leaked=0";
        let words = [
            "rounds",
            "got",
            "cut",
            "short",
            "misnamed",
            "troubles",
            "wrong",
            "inherited",
            "unannounced",
            "held",
            "leaked",
        ];
        let wrong = [
            ("misnamed=0", "misnamed=1"),
            ("held=0", "held=1"),
            ("leaked=0", "leaked=1"),
            ("wrong=0", "wrong=1"),
            ("inherited=0", "inherited=1"),
            ("unannounced=0", "unannounced=1"),
            ("got=9", "got=0"),
            ("cut=3", "cut=2"),
            ("short=3", "short=2"),
            ("troubles=5", "troubles=6"),
        ];
        try_judge(Job::Passing, 5, well, &words, &wrong);
    }

    #[test]
    fn a_connection_without_an_outcome_is_seen() {
        let well = "final: begun=20 connected=12 failed=8 unexpected=5 unnamed=0 vague=0 late=0 broken=0 hung=0 again=0 \
                    spinning=0 slowest_ms=9 leaked=0";
        let words = [
            "begun",
            "connected",
            "failed",
            "unexpected",
            "unnamed",
            "broken",
            "hung",
            "again",
            "spinning",
            "leaked",
        ];
        let wrong = [
            ("hung=0", "hung=1"),
            ("again=0", "again=1"),
            ("broken=0", "broken=1"),
            ("unnamed=0", "unnamed=1"),
            ("spinning=0", "spinning=1"),
            ("leaked=0", "leaked=1"),
            ("unexpected=5", "unexpected=6"),
            ("failed=8", "failed=7"),
            ("connected=12 failed=8", "connected=0 failed=20"),
        ];
        try_judge(Job::Connects, 5, well, &words, &wrong);
        let late = [("late=0", "late=1")];
        try_judge(Job::Connects, 5, well, &["late"], &late);
        try_judge(Job::Silences, 5, &well.replace("late=0", "late=5"), &["unnamed"], &wrong);
        let full = well.replace("connected=12 failed=8 unexpected=5", "connected=20 failed=0 unexpected=0");
        let wrong = [("connected=20 failed=0", "connected=19 failed=1")];
        try_judge(Job::Queues, 5, &full, &["failed"], &wrong);
    }

    #[test]
    fn bytes_that_are_lost_without_an_error_are_seen() {
        let well = "final: transfers=12 whole=7 broken=5 copied=0 stranded=0 wrong=0 leaked=0";
        let words = ["transfers", "whole", "broken", "copied", "stranded", "wrong", "leaked"];
        let wrong = [
            ("whole=7", "whole=6"),
            ("whole=7 broken=5", "whole=6 broken=6"),
            ("copied=0", "copied=1"),
            ("stranded=0", "stranded=1"),
            ("wrong=0", "wrong=1"),
            ("leaked=0", "leaked=1"),
        ];
        try_judge(Job::Splices, 5, well, &words, &wrong);
    }

    #[test]
    fn a_descriptor_of_what_could_not_be_made_is_seen() {
        let well = "final: made=7 failed=5 leaked=0";
        let wrong = [
            ("leaked=0", "leaked=1"),
            ("failed=5", "failed=6"),
            ("made=7", "made=0"),
            ("failed=5", "failed=0"),
        ];
        try_judge(Job::Setups, 5, well, &["made", "failed", "leaked"], &wrong);
    }
}
