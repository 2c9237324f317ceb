//! The faults of servers on completion, and what their accounts have to say beside those of
//! every server.

use crate::server::Ledger;
use crate::subject::Subject;
use crate::subject::{
    READINESS, READINESS_ECHO, READINESS_MESSAGES, READINESS_POLL2, RING, RING_ECHO, RING_MESSAGES,
    RING_POLL2,
};
use crate::table::{EPOLLS, Fault, Kind, POLLS, fault};

const RINGS: &[Subject] = &[RING, RING_POLL2, RING_ECHO, RING_MESSAGES];
const ACCEPTORS: &[Subject] = &[READINESS_POLL2, READINESS_ECHO];
/// Those that send and receive without messages.
const STREAMS: &[Subject] = &[READINESS, READINESS_ECHO];
const MESSAGES: &[Subject] = &[READINESS_MESSAGES];
const ALL_CALLS: &str = "io_uring_setup,io_uring_enter,io_uring_register";
/// Those that a limit of memory may fail.
const LOCKING: &str = "mlockall,io_uring_setup,io_uring_register";

/// The faults. The ring is tried by the first call that enters it. What registers it comes in
/// this order: its index, which it does without if it must, the question what it can do, what it
/// signals, its buffers, and at the end the index again.
pub(crate) const FAULTS: &[Fault] = &[
    // Each refusal of entries is followed by a call that waits, so of every second call the
    // submissions alone would fail, for ever.
    enter("EINTR", &["1+2", "3+7", "1..200"], RINGS, Kind::Passes),
    enter("EAGAIN", &["1+3", "3+7", "5..60"], RINGS, Kind::Passes),
    enter("EBUSY", &["1+3", "3+7", "5..60"], RINGS, Kind::Passes),
    enter("EPERM", &["5+9", "30..40", "3+3"], &[RING], Kind::Told),
    enter("ENOSYS", &["5+9", "30..40", "3+3"], &[RING_ECHO], Kind::Told),
    enter("EACCES", &["5+9", "30..40", "3+3"], &[RING], Kind::Told),
    enter("ENOMEM", &["5+9", "1..2", "30..40"], &[RING], Kind::Told),
    enter("EMFILE", &["1..2", "5+9", "30..40"], &[RING_ECHO], Kind::Told),
    enter("EPERM", &["1"], &[RING_ECHO], Kind::Denied),
    enter("ENOSYS", &["1"], &[RING], Kind::Denied),
    setup("EPERM", &["1+"], &[RING], Kind::Denied),
    setup("ENOSYS", &["1+"], &[RING], Kind::Denied),
    setup("EACCES", &["1+"], &[RING_POLL2], Kind::Denied),
    setup("ENOMEM", &["1", "1..3"], &[RING], Kind::Told),
    setup("EMFILE", &["1", "1..3"], &[RING_ECHO], Kind::Told),
    setup("EINTR", &["1", "1..3"], &[RING], Kind::Told),
    setup("EAGAIN", &["1", "1..3"], &[RING], Kind::Told),
    setup("EBUSY", &["1", "1..3"], &[RING], Kind::Told),
    register("EPERM", &["2", "3", "4"], &[RING], Kind::Denied),
    register("ENOSYS", &["3", "4", "2"], &[RING], Kind::Denied),
    register("EACCES", &["4", "2", "3"], &[RING_POLL2], Kind::Denied),
    register("ENOMEM", &["4", "2..3", "3"], &[RING], Kind::Told),
    register("EMFILE", &["2", "4", "3"], &[RING_POLL2], Kind::Told),
    register("EINTR", &["3", "4", "2"], &[RING], Kind::Told),
    register("EAGAIN", &["4", "3", "2"], &[RING], Kind::Told),
    register("EBUSY", &["3", "4", "2"], &[RING], Kind::Told),
    // It does without its index.
    register("EINVAL", &["1", "5"], &[RING_ECHO], Kind::Passes),
    denied(ALL_CALLS, "EPERM", &["deny", ALL_CALLS, "EPERM"]),
    denied(ALL_CALLS, "ENOSYS", &["deny", ALL_CALLS, "ENOSYS"]),
    own("io_uring_register", "EPERM", &["deny", "io_uring_register", "EPERM"], &[RING], Kind::Denied),
    own("io_uring_enter", "ENOSYS", &["deny", "io_uring_enter", "ENOSYS"], &[RING_ECHO], Kind::Denied),
    // Whether a ring counts against that limit depends on the kernel. The program shows first that
    // there is one, and lifts it after an error.
    own(LOCKING, "ENOMEM", &["memlock", "0"], &[RING, READINESS_ECHO], Kind::MayTell),
    own(LOCKING, "ENOMEM", &["memlock", "24576"], &[RING, RING_ECHO], Kind::MayTell),
    Fault { crowd: 30, ..fault("accept4", "EMFILE", &["limit"], &[RING, READINESS], Kind::Limit(24)) },
    fault(EPOLLS, "EINTR", &["2+2", "1..5", "3+3"], &[READINESS, READINESS_ECHO], Kind::Passes),
    fault(POLLS, "EINTR", &["2+2", "1..5", "3+3"], &[READINESS_POLL2], Kind::Passes),
    fault(POLLS, "ENOMEM", &["2+2", "1..5", "3+3"], &[RING_POLL2], Kind::Passes),
    // Then a pipe wakes the loop, and only the ring sleeps.
    fault("eventfd2", "ENOSYS", &["1+"], &[RING], Kind::Passes),
    fault("recvfrom", "EINTR", &["2+2", "1..9", "20..50"], STREAMS, Kind::Passes),
    fault("recvfrom", "EAGAIN", &["2+2", "1..9", "20..50"], STREAMS, Kind::Passes),
    fault("recvfrom", "ECONNRESET", &["40", "3", "60..61"], STREAMS, Kind::CostsAClient),
    fault("sendto", "EINTR", &["2+2", "1..9", "20..50"], STREAMS, Kind::Passes),
    fault("sendto", "EAGAIN", &["2+2", "1..9", "20..50"], STREAMS, Kind::Passes),
    fault("sendto", "EPIPE", &["40", "3", "60..61"], &[READINESS], Kind::CostsAStream),
    fault("sendto", "ENOBUFS", &["40", "3", "60..61"], STREAMS, Kind::CostsAStream),
    fault("recvmsg", "EINTR", &["2+2", "1..9", "20..50"], MESSAGES, Kind::Passes),
    fault("recvmsg", "EAGAIN", &["2+2", "1..9", "20..50"], MESSAGES, Kind::Passes),
    fault("recvmsg", "ECONNRESET", &["20", "3", "30..31"], MESSAGES, Kind::CostsAClient),
    fault("sendmsg", "EINTR", &["2+2", "1..9", "20..50"], MESSAGES, Kind::Passes),
    fault("sendmsg", "EAGAIN", &["2+2", "1..9", "20..50"], MESSAGES, Kind::Passes),
    fault("sendmsg", "EPIPE", &["20", "3", "30..31"], MESSAGES, Kind::CostsAClient),
    fault("accept4", "EINTR", &["1+2", "1..3", "3..8"], &[READINESS], Kind::Passes),
    fault("accept4", "EAGAIN", &["1+2", "1..3", "3..8"], &[READINESS], Kind::Passes),
    fault("accept4", "ECONNABORTED", &["1+2", "2..3", "1..6"], &[READINESS], Kind::Passes),
    fault("accept4", "EMFILE", &["2..4", "1+2", "3..8"], ACCEPTORS, Kind::Passes),
    fault("epoll_ctl", "ENOMEM", &["8", "7..8", "9"], &[READINESS], Kind::CostsAClient),
    fault("epoll_ctl", "ENOSPC", &["8", "7..8", "9"], &[READINESS_ECHO], Kind::CostsAClient),
];

const fn enter(
    error: &'static str,
    patterns: &'static [&'static str],
    subjects: &'static [Subject],
    kind: Kind,
) -> Fault {
    fault("io_uring_enter", error, patterns, subjects, kind)
}

const fn setup(
    error: &'static str,
    patterns: &'static [&'static str],
    subjects: &'static [Subject],
    kind: Kind,
) -> Fault {
    fault("io_uring_setup", error, patterns, subjects, kind)
}

const fn register(
    error: &'static str,
    patterns: &'static [&'static str],
    subjects: &'static [Subject],
    kind: Kind,
) -> Fault {
    fault("io_uring_register", error, patterns, subjects, kind)
}

/// What a filter denies.
const fn denied(calls: &'static str, error: &'static str, arguments: &'static [&'static str]) -> Fault {
    own(calls, error, arguments, &[RING, RING_ECHO], Kind::Denied)
}

/// What the program imposes on itself, by these arguments.
const fn own(
    calls: &'static str,
    error: &'static str,
    arguments: &'static [&'static str],
    subjects: &'static [Subject],
    kind: Kind,
) -> Fault {
    Fault { arguments, ..fault(calls, error, &["own"], subjects, kind) }
}

/// How many accepts failed for want of descriptors: the trace of a ring has no call for them.
pub(crate) fn shortages(ledger: &Ledger) -> usize {
    ledger.values(["shortages"]).map_or(0, |[count]| count as usize)
}

/// What is wrong with the account of a server on completion after `injected` faults of `kind`, if
/// anything is; an error is the name of a value that is not there.
pub(crate) fn complain(
    wants_ring: bool,
    kind: Kind,
    injected: u64,
    ledger: &Ledger,
) -> Result<Option<String>, &'static str> {
    let [submitted, completed] = ledger.values(["submitted", "completed"])?;
    let [held, handles, leaked] = ledger.values(["held", "handles", "leaked"])?;
    let [ring, explained, told, troubles] = ledger.values(["ring", "explained", "told", "troubles"])?;
    let [interrupted] = ledger.values(["interrupted"])?;
    if submitted != completed || submitted == 0 {
        return Ok(Some(format!("{completed} of {submitted} operations are over")));
    }
    if [held, handles, leaked] != [0; 3] {
        let text = format!("{held} buffers held, {handles} handles open, {leaked} descriptors leaked");
        return Ok(Some(text));
    }
    let is_denied = kind == Kind::Denied;
    if (ring == 1) != (wants_ring && !is_denied) || (explained == 1) != is_denied {
        let what = if ring == 1 { "a ring" } else { "no ring" };
        let why = if explained == 1 { "with" } else { "without" };
        return Ok(Some(format!("{what}, {why} a reason")));
    }
    let is_well = match kind {
        Kind::Told => (1..=injected).contains(&(told + troubles)),
        Kind::MayTell => told <= injected && troubles == 0,
        _ => told + troubles == 0,
    };
    if !is_well {
        return Ok(Some(format!("{told} errors of the driver and {troubles} of waits, {injected} injected")));
    }
    // SIGTERM interrupts too.
    let is_explained = interrupted <= injected + 1;
    Ok((!is_explained).then(|| format!("{interrupted} polls were interrupted, {injected} injected")))
}

#[cfg(test)]
mod tests {
    use super::{Kind, Ledger, complain};

    const WELL: &str = "final: submitted=9 completed=9 held=0 handles=0 leaked=0 ring=1 explained=0 told=0 \
                        troubles=0 interrupted=1";

    fn is_well(kind: Kind, text: &str) -> bool {
        complain(true, kind, 3, &Ledger::last_of(text)).expect("all values").is_none()
    }

    #[test]
    fn what_is_left_or_not_over_is_seen() {
        assert!(is_well(Kind::Passes, WELL));
        let wrong = [
            ("completed=9", "completed=8"),
            ("submitted=9 completed=9", "submitted=0 completed=0"),
            ("held=0", "held=1"),
            ("handles=0", "handles=1"),
            ("leaked=0", "leaked=1"),
            ("ring=1", "ring=0"),
            ("explained=0", "explained=1"),
            ("told=0", "told=1"),
            ("troubles=0", "troubles=1"),
            ("interrupted=1", "interrupted=5"),
        ];
        for (old, new) in wrong {
            assert_eq!(WELL.matches(old).count(), 1, "{old}");
            assert!(!is_well(Kind::Passes, &WELL.replace(old, new)), "{new}");
            let name = old.split('=').next().unwrap();
            let lacking = Ledger::last_of(&WELL.replace(old, ""));
            assert_eq!(complain(true, Kind::Passes, 3, &lacking).err(), Some(name), "{old}");
        }
    }

    #[test]
    fn a_denial_and_a_lack_are_told_apart() {
        let denied = WELL.replace("ring=1 explained=0", "ring=0 explained=1");
        assert!(is_well(Kind::Denied, &denied) && !is_well(Kind::Denied, WELL));
        assert!(!is_well(Kind::Denied, &denied.replace("explained=1", "explained=0")));
        assert!(!is_well(Kind::Denied, &denied.replace("told=0", "told=1")));
        let told = WELL.replace("told=0", "told=2");
        assert!(is_well(Kind::Told, &told) && !is_well(Kind::Told, WELL));
        assert!(is_well(Kind::Told, &WELL.replace("troubles=0", "troubles=3")));
        assert!(!is_well(Kind::Told, &told.replace("troubles=0", "troubles=2")));
        assert!(!is_well(Kind::Told, &told.replace("ring=1", "ring=0")));
        assert!(is_well(Kind::MayTell, &told) && is_well(Kind::MayTell, WELL));
        assert!(!is_well(Kind::MayTell, &WELL.replace("told=0", "told=4")));
        assert!(!is_well(Kind::MayTell, &told.replace("ring=1", "ring=0")));
        // One that wants none says no reason.
        let readiness = Ledger::last_of(&WELL.replace("ring=1", "ring=0"));
        assert_eq!(complain(false, Kind::Passes, 3, &readiness), Ok(None));
        assert!(complain(false, Kind::Passes, 3, &Ledger::last_of(WELL)).unwrap().is_some());
    }
}
