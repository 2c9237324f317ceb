//! What only Unixes have: descriptors by their numbers, flags of open(2), and what passes over Unix
//! sockets.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use ferrio_poll::os::ancillary;

use crate::buffer::StableBufMut;
use crate::id::Handle;
use crate::op::control::{Control, ReceivedControl};
use crate::op::credentials::Credentials;
use crate::op::datagram::Datagram;
use crate::op::message::RecvMsg;
use crate::op::open::Open;
use crate::proactor::Proactor;

impl Proactor {
    /// The descriptor of a handle, to set its options or to register it for readiness besides.
    /// `None` if the handle is stale.
    pub fn as_fd(&self, handle: Handle) -> Option<BorrowedFd<'_>> {
        self.borrow(handle)
    }
}

impl Open {
    /// Opens the file at `path` with the flags of open(2), and the mode for a new file.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the path has a zero byte.
    pub fn with_flags(path: impl AsRef<Path>, flags: i32, mode: u32) -> io::Result<Open> {
        Open::new(path.as_ref(), (flags, mode))
    }
}

impl Control {
    /// The most descriptors that one message passes: 253.
    pub const DESCRIPTORS_MAX: usize = ancillary::DESCRIPTORS_MAX;

    /// Passes duplicates of `fds` over a Unix socket. They are closed with the operation. The kernel
    /// refuses a message with more than [`DESCRIPTORS_MAX`](Control::DESCRIPTORS_MAX) by `EINVAL`.
    #[doc(alias = "SCM_RIGHTS")]
    #[must_use]
    pub fn with_descriptors(mut self, fds: impl IntoIterator<Item = OwnedFd>) -> Control {
        self.fds.extend(fds);
        let numbers: Vec<u8> = self.fds.iter().flat_map(|fd| fd.as_raw_fd().to_ne_bytes()).collect();
        if !numbers.is_empty() {
            // One message for all: some kernels refuse a second one.
            let others = self.bytes.split_off(self.fds_len);
            self.bytes.clear();
            ancillary::add_message(&mut self.bytes, libc::SOL_SOCKET, libc::SCM_RIGHTS, &numbers);
            self.fds_len = self.bytes.len();
            self.bytes.extend(others);
        }
        self
    }

    /// Tells the receiver at the other end of a Unix socket, which has to ask for it by
    /// `SO_PASSCRED`, the ids of this process and of its real user and group. On Linux and Android.
    #[doc(alias = "SCM_CREDENTIALS")]
    #[must_use]
    pub fn with_credentials(mut self) -> Control {
        let ids =
            [std::process::id(), rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw()];
        let ids = ids.map(u32::to_ne_bytes).concat();
        ancillary::add_credentials(&mut self.bytes, &ids);
        self
    }

    /// The descriptors that are passed.
    pub fn descriptors(&self) -> &[OwnedFd] {
        &self.fds
    }
}

impl ReceivedControl<'_> {
    /// The process that sent it over a Unix socket; asked for by `SO_PASSCRED`.
    #[doc(alias = "SCM_CREDENTIALS")]
    pub fn credentials(&self) -> Option<Credentials> {
        let (pid, uid, gid) = self.ancillary.credentials()?;
        Some(Credentials { pid, uid, gid })
    }
}

impl<B: StableBufMut> RecvMsg<B> {
    /// Takes the descriptors that came, in the order in which they were sent. Those that are left in
    /// the iterator are closed with it; where not all had room,
    /// [`is_control_truncated`](RecvMsg::is_control_truncated) says so. What they are is for the
    /// receiver to find out, as with [`Descriptors`](ferrio_poll::net::Descriptors).
    ///
    /// One that the kernel adds by itself, for `SO_PASSPIDFD`, is closed.
    #[doc(alias = "SCM_RIGHTS")]
    pub fn descriptors(&mut self) -> impl Iterator<Item = OwnedFd> {
        self.passed().drain(..)
    }
}

impl Datagram {
    /// Takes the descriptors that came with it over a Unix socket, as
    /// [`RecvMsg::descriptors`](crate::op::RecvMsg::descriptors).
    #[doc(alias = "SCM_RIGHTS")]
    pub fn descriptors(&mut self) -> impl Iterator<Item = OwnedFd> {
        self.fds.iter_mut().flat_map(|fds| fds.drain(..))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::fd::OwnedFd;

    use crate::op::control::{Control, ReceivedControl};

    #[test]
    #[should_panic = "Control::with_descriptors"]
    fn a_number_passes_no_descriptor() {
        let _ = Control::new().with_message(libc::SOL_SOCKET, libc::SCM_RIGHTS, &[0; 4]);
    }

    #[test]
    fn descriptors_are_owned_and_none_is_no_message() {
        let file = || OwnedFd::from(File::open("/dev/null").unwrap());
        let control = Control::new().with_descriptors([]);
        assert!(control.bytes().is_empty());
        let control = control.with_descriptors([file(), file()]).with_descriptors([file()]);
        assert_eq!(control.descriptors().len(), 3);
        let received = ReceivedControl::new(control.bytes());
        assert_eq!(received.messages().map(|(_, _, data)| data.len()).collect::<Vec<_>>(), [12]);
        assert!(control.bytes().len() < ReceivedControl::room_for(3));
        // Other messages stay whole.
        let control = control.with_message(1, 2, b"text").with_descriptors([file()]);
        let received = ReceivedControl::new(control.bytes());
        assert_eq!(received.messages().map(|(_, _, data)| data.len()).collect::<Vec<_>>(), [16, 4]);
    }
}
