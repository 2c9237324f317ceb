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
    /// Whether it is Ferrio: its losses are named.
    pub(crate) is_ours: bool,
}

/// All subjects, in the order in which they run first.
pub(crate) const SUBJECTS: &[Subject] = &[
    alone("mio", false),
    alone("ferrio-poll", true),
    Subject { name: "ferrio-poll-timed", program: "ferrio-poll", variant: Some("timed"), is_ours: true },
    Subject { name: "ferrio-poll-loop", program: "ferrio-poll", variant: Some("loop"), is_ours: true },
    Subject { name: "ferrio-poll-copy", program: "ferrio-poll", variant: Some("copy"), is_ours: true },
    alone("polling", false),
    alone("epoll", false),
    alone("tokio", false),
    alone("tokio-on-ferrio", true),
    Subject { name: "btreemap", program: "std", variant: Some("btreemap"), is_ours: false },
    Subject { name: "binary_heap", program: "std", variant: Some("binary_heap"), is_ours: false },
    Subject { name: "send_recv", program: "std", variant: Some("send_recv"), is_ours: false },
    alone("quinn-udp", false),
];

/// A subject with a program of its own.
const fn alone(name: &'static str, is_ours: bool) -> Subject {
    Subject { name, program: name, variant: None, is_ours }
}

/// The subject of a name.
pub(crate) fn named(name: &str) -> Option<&'static Subject> {
    SUBJECTS.iter().find(|subject| subject.name == name)
}
