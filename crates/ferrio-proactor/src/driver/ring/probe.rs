//! What the kernel can do: which operations a ring has, and why there is none.
#![allow(unsafe_code, reason = "entries name descriptors")]

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use io_uring::{opcode, types};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, listen, socket};

use crate::driver::ring::queue::{Queue, is_refusal};

/// Where the administrator allows rings or forbids them.
const DISABLED: &str = "/proc/sys/kernel/io_uring_disabled";

/// The operations of a ring.
pub(crate) struct Probe {
    probe: io_uring::Probe,
}

impl Probe {
    /// Asks the kernel.
    ///
    /// # Errors
    ///
    /// `InvalidInput` on kernels before Linux 5.6.
    pub(crate) fn of(queue: &Queue) -> io::Result<Probe> {
        let mut probe = io_uring::Probe::new();
        queue.ring().submitter().register_probe(&mut probe)?;
        Ok(Probe { probe })
    }

    /// True if the kernel has the operation `opcode`. Says nothing about its flags.
    pub(crate) fn has(&self, opcode: u8) -> bool {
        self.probe.is_supported(opcode)
    }
}

/// Which operations may complete more than once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Multishot {
    /// An accept. Since Linux 5.19.
    pub(crate) accept: bool,
    /// A receive into provided buffers. Since Linux 6.0.
    pub(crate) recv: bool,
}

impl Multishot {
    /// Tries them, the first time in a process; `queue` has nothing else in flight.
    ///
    /// # Errors
    ///
    /// If there is no socket to try them on, or the ring does not answer or may not be entered.
    pub(crate) fn of(queue: &mut Queue) -> Result<Multishot, Failure> {
        static FOUND: OnceLock<Multishot> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return Ok(*found);
        }
        let found = Multishot::try_all(queue)?;
        Ok(*FOUND.get_or_init(|| found))
    }

    fn try_all(queue: &mut Queue) -> Result<Multishot, Failure> {
        const ACCEPT: u64 = 0;
        const RECV: u64 = 1;
        const CANCEL: u64 = 2;
        // No such group exists.
        const GROUP: u16 = u16::MAX;
        // Each ends at once.
        const PATIENCE: Duration = Duration::from_secs(1);

        let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None);
        let listener = socket.map_err(io::Error::from)?;
        // Without a name the kernel chooses one.
        bind(&listener, &SocketAddrUnix::new_unnamed()).map_err(io::Error::from)?;
        listen(&listener, 1).map_err(io::Error::from)?;
        // The end of a stream: a receive from it ends at once, whatever the kernel looks at first.
        let (stream, _) = UnixStream::pair()?;
        let [listener_fd, stream_fd] = [listener.as_raw_fd(), stream.as_raw_fd()].map(types::Fd);
        let entries = [
            opcode::AcceptMulti::new(listener_fd).build().user_data(ACCEPT),
            opcode::RecvMulti::new(stream_fd, GROUP).build().user_data(RECV),
            opcode::AsyncCancel::new(ACCEPT).build().user_data(CANCEL),
        ];
        for entry in &entries {
            // SAFETY: they name no memory, and their descriptors are open until the first enter
            // below, in which the kernel takes the files themselves.
            unsafe { queue.push(entry) };
        }
        let mut done = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while done.len() < entries.len() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Failure::Lack(io::ErrorKind::TimedOut.into()));
            }
            match queue.enter((entries.len() - done.len()) as u32, Some(left)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted || is_refusal(&error) => {}
                entered => entered.map_err(Failure::of_call)?,
            }
            queue.reap(&mut done);
        }
        // A kernel that does not know the flag refuses it. Others cancel the accept, and find no
        // buffer for the receive.
        let knows =
            |user_data| done.iter().all(|cqe| cqe.user_data != user_data || cqe.result != -libc::EINVAL);
        Ok(Multishot { accept: knows(ACCEPT), recv: knows(RECV) })
    }
}

/// Why a ring was not made.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The system denies it.
    Denied(Denied),
    /// It lacks something, which passes.
    Lack(io::Error),
}

impl Failure {
    /// Reads the error of a call of a ring.
    pub(super) fn of_call(error: io::Error) -> Failure {
        Denied::of(&error).map_or(Failure::Lack(error), Failure::Denied)
    }
}

/// An error of another call, which says nothing about rings.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Lack(error)
    }
}

/// Why there are no rings here, on a system that lacks nothing else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Denied {
    /// The kernel has none, or one that is too old.
    Kernel,
    /// A filter of system calls, or a security module, forbids them.
    Seccomp,
    /// The administrator forbids them.
    Sysctl,
}

impl Denied {
    /// Reads the error of a call of a ring; `None` if it is a lack of memory or descriptors, or
    /// anything else that is no denial.
    pub(crate) fn of(error: &io::Error) -> Option<Denied> {
        let is_disabled = || fs::read_to_string(DISABLED).is_ok_and(|value| value.trim() != "0");
        match error.raw_os_error()? {
            libc::ENOSYS => Some(Denied::Kernel),
            libc::EPERM if is_disabled() => Some(Denied::Sysctl),
            libc::EPERM | libc::EACCES => Some(Denied::Seccomp),
            _ => None,
        }
    }
}

impl Display for Denied {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Denied::Kernel => "the kernel has no io_uring, or one from before Linux 6.0",
            Denied::Seccomp => "a filter of system calls or a security module forbids io_uring",
            Denied::Sysctl => "the sysctl kernel.io_uring_disabled forbids io_uring",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use io_uring::opcode;

    use super::{Denied, Multishot, Probe};
    use crate::driver::ring::queue::Queue;
    use crate::driver::ring::setup::Setup;

    #[test]
    fn the_operations_of_the_kernel_are_known() {
        let mut queue = match Queue::open(8, None) {
            Ok(queue) => queue,
            Err(error) => {
                let denied = Denied::of(&error).expect("a ring, or a denial");
                println!("SKIPPED: {denied}");
                return;
            }
        };
        let probe = Probe::of(&queue).unwrap();
        assert!(probe.has(opcode::Nop::CODE) && probe.has(opcode::Recv::CODE));
        assert!(!probe.has(u8::MAX));
        let multishot = Multishot::try_all(&mut queue).unwrap();
        // The kernels that defer are younger than both.
        if queue.setup() == Setup::Defer {
            assert_eq!(multishot, Multishot { accept: true, recv: true });
        }
        assert_eq!(Multishot::of(&mut queue).unwrap(), multishot);
        // Nothing of it is left in the ring.
        let mut left = Vec::new();
        queue.enter(0, None).unwrap();
        queue.reap(&mut left);
        assert_eq!(left, []);
    }

    #[test]
    fn a_denial_is_told_from_a_lack() {
        let of = |code| Denied::of(&io::Error::from_raw_os_error(code));
        assert_eq!(of(libc::ENOSYS), Some(Denied::Kernel));
        assert_eq!(of(libc::EACCES), Some(Denied::Seccomp));
        assert!(matches!(of(libc::EPERM), Some(Denied::Seccomp | Denied::Sysctl)));
        assert_eq!([libc::ENOMEM, libc::EMFILE, libc::ENFILE, libc::EINVAL].map(of), [None; 4]);
        assert_eq!(Denied::of(&io::ErrorKind::PermissionDenied.into()), None);
    }
}
