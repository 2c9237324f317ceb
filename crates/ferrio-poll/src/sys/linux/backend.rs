//! The kernel interfaces a Poll can wait with.

use std::env;
use std::io;

/// A kernel interface that a [`Poll`](crate::Poll) can wait with.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use ferrio_poll::{Backend, Poll};
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
    /// epoll(7): the time of a wait does not depend on the number of sources.
    Epoll,
    /// poll(2), with edges made by Ferrio: for sandboxes that deny epoll, and for
    /// tests. The time of a wait grows with the number of sources.
    Poll2,
}

impl Backend {
    /// The backends of this build, the best first.
    ///
    /// Both on Linux and Android; only [`Poll2`](Backend::Poll2) in a build with
    /// `--cfg ferrio_force_poll` or `--cfg mio_unsupported_force_poll_poll`.
    pub const fn candidates() -> &'static [Backend] {
        if FORCE_POLL { &[Backend::Poll2] } else { &[Backend::Epoll, Backend::Poll2] }
    }

    /// The backend that the environment variable `FERRIO_BACKEND` names: `epoll` or
    /// `poll2`. The default if it is not set.
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

    fn named(name: &str) -> io::Result<Backend> {
        let backend = match name {
            "epoll" => Backend::Epoll,
            "poll2" => Backend::Poll2,
            _ => {
                let text =
                    format!("{VARIABLE}={name:?} names no backend; use `epoll` or `poll2`, or unset it");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
            }
        };
        backend.available()
    }

    /// This backend, if it is one of this build.
    pub(crate) fn available(self) -> io::Result<Backend> {
        if Backend::candidates().contains(&self) {
            return Ok(self);
        }
        let text = format!("backend {self:?} is not in this build, which a cfg limits to poll(2)");
        Err(io::Error::new(io::ErrorKind::Unsupported, text))
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

/// True if the build allows poll(2) only.
const FORCE_POLL: bool = cfg!(any(ferrio_force_poll, mio_unsupported_force_poll_poll));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_backend_is_an_error_that_lists_them() {
        let error = Backend::named("iocp").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("\"iocp\""), "{error}");
        assert!(error.to_string().contains("`poll2`"), "{error}");
    }

    #[test]
    fn each_candidate_has_a_name() {
        for backend in Backend::candidates() {
            let name = format!("{backend:?}").to_lowercase();
            assert_eq!(Backend::named(&name).unwrap(), *backend);
        }
    }
}
