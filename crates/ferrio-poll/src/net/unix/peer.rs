//! The process at the other end of a Unix socket.

use std::io;
use std::os::fd::AsFd;

use crate::sys::peer;

/// The process at the other end of a Unix socket, as it was when that end connected, listened or
/// was made as a pair.
///
/// The kernel remembers them, so the peer cannot lie. But it may have handed the socket to another
/// process since, and a process that is gone leaves its number to another one: decide by the
/// user, or hold the process by
/// [`peer_pidfd`](crate::net::UnixStream::peer_pidfd).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerCredentials {
    pid: Option<u32>,
    uid: u32,
    gid: u32,
}

impl PeerCredentials {
    pub(super) fn of(socket: &impl AsFd) -> io::Result<PeerCredentials> {
        let (pid, uid, gid) = peer::credentials(socket)?;
        Ok(PeerCredentials { pid, uid, gid })
    }

    /// The id of the process; `None` on Apple's systems and the BSDs, where it is not told, and
    /// for a process that has no number in the pid namespace of this one.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// The effective user of the process.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// The effective group of the process.
    pub fn gid(&self) -> u32 {
        self.gid
    }
}

/// Implements what is asked of the peer for `$type`, a struct with the field `inner: IoSource<_>`.
macro_rules! peer_impls {
    ($type:ident) => {
        impl $type {
            /// The process, the user and the group at the other end.
            ///
            /// # Errors
            ///
            /// `Unsupported` on systems other than Linux, Android, Apple's and the BSDs.
            ///
            /// # Implementation notes
            ///
            /// The option `SO_PEERCRED`, or getpeereid(3), which does not tell the process.
            ///
            /// # Examples
            ///
            /// ```
            /// # extern crate ferrio_poll as ferrio;
            /// # fn main() -> std::io::Result<()> {
            /// use ferrio::net::UnixStream;
            ///
            /// let (one, _other) = UnixStream::pair()?;
            /// let peer = one.peer_credentials()?;
            /// if let Some(pid) = peer.pid() {
            ///     assert_eq!(pid, std::process::id());
            /// }
            /// # Ok(())
            /// # }
            /// ```
            #[doc(alias = "SO_PEERCRED")]
            #[doc(alias = "getpeereid")]
            pub fn peer_credentials(&self) -> io::Result<crate::net::unix::peer::PeerCredentials> {
                crate::net::unix::peer::PeerCredentials::of(&*self.inner)
            }

            /// A pidfd of the process at the other end, which stays that of this process when its
            /// number has been given to another one. It is readable once the process has exited.
            ///
            /// # Errors
            ///
            /// `Unsupported` on Linux before 6.5 and on other systems.
            ///
            /// # Implementation notes
            ///
            /// The option `SO_PEERPIDFD`. The descriptor is close-on-exec.
            #[doc(alias = "SO_PEERPIDFD")]
            pub fn peer_pidfd(&self) -> io::Result<std::os::fd::OwnedFd> {
                crate::sys::peer::pidfd(&*self.inner)
            }
        }
    };
}

pub(super) use peer_impls;
