//! What a proactor can do here, and why not more.

use std::fmt::{self, Display, Formatter};

/// How each kind of operation is done. By `Display` a table, with the reason why the ring was not
/// taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Capabilities {
    pub(crate) driver: DriverKind,
    pub(crate) reason: Option<String>,
    /// How a ring was set up.
    pub(crate) setup: Option<&'static str>,
    pub(crate) operations: Vec<(&'static str, Way)>,
    /// Why some of them are not done.
    pub(crate) lacks: Vec<(&'static str, &'static str)>,
}

/// Which driver does the operations.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DriverKind {
    /// io_uring.
    Ring,
    /// Readiness: system calls that do not block, once a descriptor is ready.
    Readiness,
}

/// How a kind of operation is done.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Way {
    /// By the kernel.
    Native,
    /// By system calls of this process.
    Emulated,
    /// Not at all.
    Unsupported,
}

impl Capabilities {
    /// Which driver does the operations.
    pub fn driver(&self) -> DriverKind {
        self.driver
    }

    /// Why it is not the ring: the kernel, the sysctl, a filter of system calls, or the system or
    /// processor. `None` if it is the ring, or the ring was not asked for.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The kinds of operations, by the names of their types in [`op`](crate::op), and how each is
    /// done.
    pub fn operations(&self) -> impl Iterator<Item = (&'static str, Way)> {
        self.operations.iter().copied()
    }

    /// How the kind of operation called `name` is done.
    pub fn of(&self, name: &str) -> Option<Way> {
        self.operations().find(|(known, _)| *known == name).map(|(_, way)| way)
    }

    /// Why the kind of operation called `name` is not done: `None` if it is.
    pub fn lack(&self, name: &str) -> Option<&str> {
        self.lacks.iter().find(|(known, _)| *known == name).map(|(_, reason)| *reason)
    }
}

impl Display for DriverKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            DriverKind::Ring => "ring",
            DriverKind::Readiness => "readiness",
        })
    }
}

impl Display for Way {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Way::Native => "native",
            Way::Emulated => "emulated",
            Way::Unsupported => "unsupported",
        })
    }
}

impl Display for Capabilities {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "driver: {}", self.driver)?;
        if let Some(setup) = self.setup {
            write!(f, ", {setup}")?;
        }
        if let Some(reason) = &self.reason {
            write!(f, " ({reason})")?;
        }
        for (name, way) in self.operations() {
            write!(f, "\n{name:<12} {way}")?;
            if let Some(reason) = self.lack(name) {
                write!(f, " ({reason})")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Capabilities, DriverKind, Way};

    #[test]
    fn it_is_printed_as_a_table_with_the_reason() {
        let capabilities = Capabilities {
            driver: DriverKind::Readiness,
            reason: Some("no ring".to_owned()),
            setup: None,
            operations: vec![("Send", Way::Emulated), ("Splice", Way::Unsupported)],
            lacks: vec![("Splice", "no call")],
        };
        let text = "driver: readiness (no ring)\nSend         emulated\nSplice       unsupported (no call)";
        assert_eq!((capabilities.lack("Splice"), capabilities.lack("Send")), (Some("no call"), None));
        assert_eq!(capabilities.to_string(), text);
        assert_eq!((capabilities.of("Splice"), capabilities.of("Sned")), (Some(Way::Unsupported), None));
    }
}
