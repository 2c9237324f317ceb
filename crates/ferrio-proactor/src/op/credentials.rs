//! The sender of a message over a Unix socket.

/// The sender of a message over a Unix socket, as the kernel has checked it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Credentials {
    /// The process; 0 if it has no number in the pid namespace of this one.
    pub pid: u32,
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}
