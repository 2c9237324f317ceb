//! The subjects.

/// A subject.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its program.
    pub(crate) program: &'static str,
    /// Which of the subjects of that program it is, if there are several.
    pub(crate) variant: Option<&'static str>,
    /// Where its program is built.
    pub(crate) workspace: Workspace,
    /// Whether it is Ferrio: its losses are named.
    pub(crate) is_ours: bool,
}

/// A workspace of `bench/`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Workspace {
    /// That of most subjects.
    Main,
    /// That with Ferrio under tokio.
    Patched,
    /// That of runtimes on completion.
    Rings,
}

/// What a quick run leaves out, for it is there to show that our programs work: some peers, and
/// what a program does that another of its subjects shows to work.
pub(crate) const NOT_QUICK: &[&str] = &[
    "ferrio-proactor-emulated",
    "ferrio-proactor-beside",
    "ferrio-proactor-idle",
    "io_uring",
    "io_uring-inline",
    "monoio",
    "compio",
];

/// All subjects, in the order in which they run first.
pub(crate) const SUBJECTS: &[Subject] = &[
    alone("mio", false),
    alone("ferrio-poll", true),
    Subject { name: "ferrio-poll-timed", ..variant("ferrio-poll", "timed", true) },
    Subject { name: "ferrio-poll-loop", ..variant("ferrio-poll", "loop", true) },
    Subject { name: "ferrio-poll-copy", ..variant("ferrio-poll", "copy", true) },
    Subject { name: "ferrio-proactor", ..variant("ferrio-proactor", "ring", true) },
    Subject { name: "ferrio-proactor-emulated", ..variant("ferrio-proactor", "emulated", true) },
    Subject { name: "ferrio-proactor-beside", ..variant("ferrio-proactor", "beside", true) },
    Subject { name: "ferrio-proactor-idle", ..variant("ferrio-proactor", "idle", true) },
    alone("io_uring", false),
    Subject { name: "io_uring-inline", ..variant("io_uring", "inline", false) },
    Subject { workspace: Workspace::Rings, ..alone("monoio", false) },
    Subject { workspace: Workspace::Rings, ..alone("compio", false) },
    alone("polling", false),
    alone("epoll", false),
    alone("tokio", false),
    Subject { workspace: Workspace::Patched, ..alone("tokio-on-ferrio", true) },
    variant("std", "btreemap", false),
    variant("std", "binary_heap", false),
    variant("std", "send_recv", false),
    variant("std", "thread_pool", false),
    alone("quinn-udp", false),
];

/// A subject with a program of its own.
const fn alone(name: &'static str, is_ours: bool) -> Subject {
    Subject { name, program: name, variant: None, workspace: Workspace::Main, is_ours }
}

/// A subject of a program with several, which has the name of its variant.
const fn variant(program: &'static str, name: &'static str, is_ours: bool) -> Subject {
    Subject { program, variant: Some(name), ..alone(name, is_ours) }
}

/// The subject of a name.
pub(crate) fn named(name: &str) -> Option<&'static Subject> {
    SUBJECTS.iter().find(|subject| subject.name == name)
}
