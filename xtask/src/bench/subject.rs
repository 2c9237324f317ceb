//! The subjects and whom each is compared with.

/// A subject.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whom it is compared with.
    pub(crate) peer: Option<&'static str>,
    /// Whether it has the loops that valgrind counts.
    pub(crate) is_counted: bool,
    /// Whether it is Ferrio: its losses are named.
    pub(crate) is_ours: bool,
}

/// All subjects, in the order in which they run.
pub(crate) const SUBJECTS: &[Subject] = &[
    Subject { name: "mio", peer: None, is_counted: true, is_ours: false },
    Subject { name: "ferrio-poll", peer: Some("mio"), is_counted: true, is_ours: true },
    Subject { name: "polling", peer: Some("mio"), is_counted: false, is_ours: false },
    Subject { name: "epoll", peer: Some("mio"), is_counted: true, is_ours: false },
    Subject { name: "tokio", peer: Some("mio"), is_counted: false, is_ours: false },
    Subject { name: "tokio-on-ferrio", peer: Some("tokio"), is_counted: false, is_ours: true },
];

#[cfg(test)]
mod tests {
    use super::SUBJECTS;

    #[test]
    fn a_peer_is_a_subject_too() {
        for peer in SUBJECTS.iter().filter_map(|subject| subject.peer) {
            assert!(SUBJECTS.iter().any(|subject| subject.name == peer), "{peer}");
        }
    }
}
