//! The kernel interfaces a Poll can wait with.

use std::env;
use std::io;

use crate::error;
use crate::sys::CANDIDATES;

/// A kernel interface that a [`Poll`](crate::Poll) can wait with.
///
/// Every name exists on every system, so that a program can read one from its settings
/// anywhere. Which of them a build has is what [`candidates`](Backend::candidates) says;
/// the README's table says which of them Ferrio has at all.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::{Backend, Poll};
///
/// for backend in Backend::candidates() {
///     Poll::builder().backend(*backend).build()?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// epoll(7) of Linux and illumos: the time of a wait does not depend on the number of
    /// sources.
    Epoll,
    /// I/O completion ports of Windows.
    Iocp,
    /// kqueue(2) of Apple's systems and the BSDs.
    Kqueue,
    /// poll(2), with edges made by Ferrio: for sandboxes that deny the system's own
    /// interface, and for tests. The time of a wait grows with the number of sources.
    Poll2,
    /// `poll_oneoff` of WASI.
    PollOneoff,
}

impl Backend {
    /// The backends of this build, the best first.
    ///
    /// On Linux, Android and illumos [`Epoll`](Backend::Epoll) and [`Poll2`](Backend::Poll2), on Apple's
    /// systems and the BSDs [`Kqueue`](Backend::Kqueue) and `Poll2`; only `Poll2` on other
    /// Unixes, Emscripten and the second version of WASI, whose first has
    /// [`PollOneoff`](Backend::PollOneoff); only `Poll2` too in a build with `--cfg ferrio_force_poll` or
    /// `--cfg mio_unsupported_force_poll_poll`.
    pub const fn candidates() -> &'static [Backend] {
        CANDIDATES
    }

    /// The backend that the environment variable `FERRIO_BACKEND` names: `epoll`, `iocp`,
    /// `kqueue`, `poll2` or `poll_oneoff`. The default if it is not set.
    ///
    /// Nothing in Ferrio calls this by itself: a program that wants to be steered
    /// by the environment does.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the variable names no backend, `Unsupported` if it names
    /// one that this build lacks.
    pub fn from_env() -> io::Result<Backend> {
        match env::var_os(VARIABLE) {
            None => Ok(Backend::default()),
            Some(name) => Backend::named(&name.to_string_lossy()),
        }
    }

    /// True if this build has it.
    pub fn is_available(self) -> bool {
        Backend::candidates().contains(&self)
    }

    fn named(name: &str) -> io::Result<Backend> {
        let named = NAMES.iter().find(|(_, known)| *known == name);
        let (backend, _) = named.ok_or_else(|| error::no_such_backend(VARIABLE, name))?;
        backend.available()
    }

    /// This backend, if this build has it.
    pub(crate) fn available(self) -> io::Result<Backend> {
        if self.is_available() {
            return Ok(self);
        }
        Err(error::backend_unavailable(self, Backend::candidates()))
    }
}

impl Default for Backend {
    /// The first of the [`candidates`](Backend::candidates).
    fn default() -> Backend {
        Backend::candidates()[0]
    }
}

/// The variable that [`Backend::from_env`] reads.
const VARIABLE: &str = "FERRIO_BACKEND";

/// The backends by the names that the variable gives them.
const NAMES: [(Backend, &str); 5] = [
    (Backend::Epoll, "epoll"),
    (Backend::Iocp, "iocp"),
    (Backend::Kqueue, "kqueue"),
    (Backend::Poll2, "poll2"),
    (Backend::PollOneoff, "poll_oneoff"),
];

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_backend_is_an_error_that_lists_them() {
        let error = Backend::named("select").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("\"select\""), "{error}");
        assert!(NAMES.iter().all(|(_, name)| error.to_string().contains(name)), "{error}");
    }

    #[test]
    fn each_candidate_has_a_name() {
        for backend in Backend::candidates() {
            let (_, name) = NAMES.iter().find(|(known, _)| known == backend).unwrap();
            assert_eq!(Backend::named(name).unwrap(), *backend);
        }
    }

    #[test]
    fn a_backend_of_another_system_is_unsupported_and_the_error_names_those_of_this_one() {
        for (backend, name) in NAMES.iter().filter(|(backend, _)| !backend.is_available()) {
            let error = Backend::named(name).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            let text = error.to_string();
            assert!(text.contains(&format!("{backend:?}")), "{text}");
            assert!(text.contains(&format!("{:?}", Backend::default())), "{text}");
        }
    }
}
