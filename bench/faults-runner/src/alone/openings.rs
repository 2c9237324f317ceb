//! The accounts of proactors that are made while calls fail.

use crate::alone::sockets::Terms;
use crate::alone::{Alone, Job, on};
use crate::table::{Fault, Kind, fault};

/// All of them.
pub(crate) const OPENINGS: &[Alone] = &[
    on(Job::Denials, "epoll", setup("EPERM")),
    on(Job::Denials, "epoll", setup("ENOSYS")),
    on(Job::Denials, "poll2", setup("EACCES")),
    on(Job::Denials, "epoll", register("EPERM")),
    on(Job::Denials, "poll2", register("ENOSYS")),
    on(Job::Denials, "epoll", register("EACCES")),
    on(Job::Lacks, "epoll", setup("ENOMEM")),
    on(Job::Lacks, "poll2", setup("EMFILE")),
    on(Job::Lacks, "epoll", setup("EINTR")),
    on(Job::Lacks, "epoll", setup("EAGAIN")),
    on(Job::Lacks, "epoll", setup("EBUSY")),
    on(Job::Lacks, "epoll", register("ENOMEM")),
    on(Job::Lacks, "poll2", register("EMFILE")),
    on(Job::Lacks, "epoll", register("EINTR")),
    on(Job::Lacks, "epoll", register("EAGAIN")),
    on(Job::Lacks, "epoll", register("EBUSY")),
    on(Job::Lacks, "epoll", enter("ENOMEM", &["1..3", "1+9", "1+4"])),
    on(Job::Lacks, "poll2", enter("EMFILE", &["1..3", "1+9", "1+4"])),
    on(Job::Refused, "epoll", enter("EINTR", &["1+2", "2+3", "1..40"])),
    on(Job::Refused, "epoll", enter("EAGAIN", &["1+3", "2+3", "1..40"])),
    on(Job::Refused, "poll2", enter("EBUSY", &["1+3", "2+3", "1..40"])),
];

const fn setup(error: &'static str) -> Fault {
    fault("io_uring_setup", error, &["2+3", "1..4", "6..9"], &[], Kind::Passes)
}

/// So that each of the registrations of a ring is hit. A ring has five, and one that fails is tried
/// again: a step of four or five would hit all at the same place.
const fn register(error: &'static str) -> Fault {
    fault("io_uring_register", error, &["2+7", "3+13", "2..12"], &[], Kind::Passes)
}

const fn enter(error: &'static str, patterns: &'static [&'static str]) -> Fault {
    fault("io_uring_enter", error, patterns, &[], Kind::Passes)
}

/// Each that got no ring says why, and works without one if it may.
pub(crate) const DENIALS: Terms = Terms {
    never: &[
        "told",
        "driverless",
        "silent",
        "unnamed",
        "troubles",
        "wrong",
        "stranded",
        "held",
        "left",
        "leaked",
    ],
    some: &["rings", "fell_back", "refused"],
    injected: &["fell_back", "refused"],
    equal: &[(&["made"], &["rings", "fell_back", "refused"]), (&["submitted"], &["completed"])],
};

/// No lack lets a proactor do without a ring: it is told, and the next attempt succeeds.
pub(crate) const LACKS: Terms = Terms {
    never: &[
        "fell_back",
        "refused",
        "driverless",
        "silent",
        "unnamed",
        "wrong",
        "stranded",
        "held",
        "left",
        "leaked",
    ],
    some: &["rings", "told"],
    injected: &["told", "troubles"],
    equal: &[(&["made"], &["rings"]), (&["submitted"], &["completed"])],
};

/// Nobody is told but of an interruption.
pub(crate) const REFUSALS: Terms = Terms {
    never: &[
        "told",
        "fell_back",
        "refused",
        "driverless",
        "silent",
        "unnamed",
        "troubles",
        "wrong",
        "stranded",
        "held",
        "left",
        "leaked",
    ],
    some: &["rings"],
    injected: &["interrupted"],
    equal: &[(&["made"], &["rings"]), (&["submitted"], &["completed"])],
};

#[cfg(test)]
mod tests {
    use crate::alone::Job;
    use crate::alone::tests::try_judge;

    const WELL: &str = "final: made=9 rings=9 fell_back=0 refused=0 told=0 driverless=0 silent=0 unnamed=0 \
                        troubles=0 interrupted=0 wrong=0 stranded=0 submitted=50 completed=50 held=0 left=0 \
                        leaked=0";

    /// What none may say.
    const NEVER: [(&str, &str); 9] = [
        ("driverless=0", "driverless=1"),
        ("silent=0", "silent=1"),
        ("unnamed=0", "unnamed=1"),
        ("wrong=0", "wrong=1"),
        ("stranded=0", "stranded=1"),
        ("completed=50", "completed=49"),
        ("held=0", "held=1"),
        ("left=0", "left=1"),
        ("leaked=0", "leaked=1"),
    ];

    #[test]
    fn a_denial_that_is_told_or_without_a_reason_is_seen() {
        let well = WELL.replace("rings=9 fell_back=0 refused=0", "rings=4 fell_back=3 refused=2");
        let words = ["made", "rings", "fell_back", "refused", "told", "submitted", "completed", "leaked"];
        let wrong = [
            ("told=0", "told=1"),
            ("troubles=0", "troubles=1"),
            ("fell_back=3", "fell_back=2"),
            ("rings=4 fell_back=3", "rings=7 fell_back=0"),
        ];
        try_judge(Job::Denials, 5, &well, &words, &[&NEVER[..], &wrong].concat());
        try_judge(Job::Denials, 5, &well, &[], &[("rings=4 fell_back=3", "rings=3 fell_back=4")]);
    }

    #[test]
    fn a_lack_for_which_a_ring_is_done_without_is_seen() {
        let well = WELL.replace("told=0", "told=5");
        let words = ["made", "rings", "told", "fell_back", "refused", "submitted", "completed", "leaked"];
        let wrong = [
            ("told=5", "told=0"),
            ("told=5", "told=6"),
            ("rings=9 fell_back=0", "rings=8 fell_back=1"),
            ("rings=9 fell_back=0 refused=0", "rings=8 fell_back=0 refused=1"),
        ];
        try_judge(Job::Lacks, 5, &well, &words, &[&NEVER[..], &wrong].concat());
    }

    #[test]
    fn a_refusal_that_is_told_is_seen() {
        let words = ["made", "rings", "told", "interrupted", "submitted", "completed", "leaked"];
        let wrong = [
            ("told=0", "told=1"),
            ("troubles=0", "troubles=1"),
            ("interrupted=0", "interrupted=6"),
            ("rings=9 fell_back=0", "rings=8 fell_back=1"),
        ];
        try_judge(Job::Refused, 5, WELL, &words, &[&NEVER[..], &wrong].concat());
    }
}
