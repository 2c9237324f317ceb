//! waitid(2), where rustix has not all of it: nothing on OpenBSD, and no status on NetBSD.
//!
//! Its items are those of rustix, as far as `waiting` needs them.
#![allow(unsafe_code, reason = "rustix does not tell there what the call has written")]

use std::convert::Infallible;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use bitflags::bitflags;
use rustix::io::Errno;
use rustix::process::Pid;

/// Which child.
#[derive(Clone, Debug)]
pub(crate) enum WaitId<'a> {
    Pid(Pid),
    /// There is no such one. On other systems it may be a descriptor, which is borrowed.
    #[allow(dead_code, reason = "it is there for its lifetime")]
    None(Infallible, PhantomData<&'a ()>),
}

bitflags! {
    /// What is waited for, and how.
    #[derive(Copy, Clone, Debug)]
    pub(crate) struct WaitIdOptions: i32 {
        const CONTINUED = libc::WCONTINUED;
        const EXITED = libc::WEXITED;
        const NOHANG = libc::WNOHANG;
        const NOWAIT = libc::WNOWAIT;
        const STOPPED = libc::WSTOPPED;
    }
}

/// What happened to a child.
#[derive(Copy, Clone, Debug)]
pub(crate) struct WaitIdStatus {
    /// A constant that begins with `CLD_`.
    code: i32,
    /// The code of the exit, or the number of the signal.
    status: i32,
}

impl WaitIdStatus {
    pub(crate) fn continued(&self) -> bool {
        self.code == libc::CLD_CONTINUED
    }

    pub(crate) fn dumped(&self) -> bool {
        self.code == libc::CLD_DUMPED
    }

    pub(crate) fn exit_status(&self) -> Option<i32> {
        (self.code == libc::CLD_EXITED).then_some(self.status)
    }

    pub(crate) fn stopping_signal(&self) -> Option<i32> {
        (self.code == libc::CLD_STOPPED).then_some(self.status)
    }

    pub(crate) fn terminating_signal(&self) -> Option<i32> {
        matches!(self.code, libc::CLD_KILLED | libc::CLD_DUMPED).then_some(self.status)
    }
}

/// waitid(2). `None` if there is nothing to tell.
pub(crate) fn waitid(id: WaitId<'_>, options: WaitIdOptions) -> Result<Option<WaitIdStatus>, Errno> {
    let WaitId::Pid(pid) = id;
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let pid = pid.as_raw_pid() as libc::id_t;
    // SAFETY: `info` is writable, and as large as the call takes it to be.
    let result = unsafe { libc::waitid(libc::P_PID, pid, info.as_mut_ptr(), options.bits()) };
    if result != 0 {
        return Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL));
    }
    // SAFETY: it is made of integers and pointers, for which zeros are values.
    let info = unsafe { info.assume_init() };
    if info.si_signo == 0 {
        return Ok(None);
    }
    Ok(Some(WaitIdStatus { code: info.si_code, status: status(&info) }))
}

/// The status in `info`, which tells of a child.
#[cfg(not(target_os = "openbsd"))]
fn status(info: &libc::siginfo_t) -> i32 {
    // SAFETY: of a child there is a status.
    unsafe { info.si_status() }
}

/// The same, by a layout of our own: that of libc 0.2.191 puts the fields of a child behind
/// padding that the header of the system has beside them, beyond the end of the structure.
#[cfg(target_os = "openbsd")]
fn status(info: &libc::siginfo_t) -> i32 {
    const { assert!(size_of::<ChildInfo>() <= size_of::<libc::siginfo_t>()) };
    const { assert!(align_of::<ChildInfo>() <= align_of::<libc::siginfo_t>()) };
    // SAFETY: it is no larger than what `info` refers to, is aligned like it, and is made of integers.
    let info = unsafe { std::ptr::from_ref(info).cast::<ChildInfo>().read() };
    info.fields.status
}

/// `siginfo_t` of OpenBSD, as far as the fields of a child.
#[cfg(target_os = "openbsd")]
#[repr(C)]
struct ChildInfo {
    signo: i32,
    code: i32,
    errno: i32,
    fields: ChildFields,
}

#[cfg(target_os = "openbsd")]
#[repr(C)]
struct ChildFields {
    pid: i32,
    /// What it has used of the processor, as the system counts it.
    user_time: i64,
    system_time: i64,
    status: i32,
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::process::{Child, Command};

    use super::*;

    fn shell(script: &str) -> (Child, WaitId<'static>) {
        let child = Command::new("sh").args(["-c", script]).spawn().unwrap();
        let pid = Pid::from_child(&child);
        (child, WaitId::Pid(pid))
    }

    #[test]
    fn a_status_is_seen_before_and_after_it_is_taken() {
        let (mut child, id) = shell("exit 7");
        for _ in 0..2 {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            let status = waitid(id.clone(), options).unwrap().unwrap();
            assert_eq!((status.exit_status(), status.terminating_signal()), (Some(7), None));
        }
        assert_eq!(child.wait().unwrap().code(), Some(7));
        assert_eq!(waitid(id, WaitIdOptions::EXITED).unwrap_err(), Errno::CHILD);
    }

    #[test]
    fn a_stop_an_end_of_it_and_a_signal_are_told_apart() {
        let (child, id) = shell("kill -STOP $$; sleep 60");
        let taken = |options| waitid(id.clone(), options).unwrap().unwrap();
        assert_eq!(taken(WaitIdOptions::STOPPED).stopping_signal(), Some(libc::SIGSTOP));
        let changes = WaitIdOptions::STOPPED | WaitIdOptions::CONTINUED | WaitIdOptions::NOHANG;
        assert!(waitid(id.clone(), changes).unwrap().is_none(), "it was taken");
        for (signal, options) in [
            (rustix::process::Signal::CONT, WaitIdOptions::CONTINUED),
            (rustix::process::Signal::KILL, WaitIdOptions::EXITED),
        ] {
            rustix::process::kill_process(Pid::from_child(&child), signal).unwrap();
            let status = taken(options);
            let is_end = options.contains(WaitIdOptions::EXITED);
            assert_eq!((status.continued(), status.dumped()), (!is_end, false));
            assert_eq!(status.terminating_signal(), is_end.then_some(libc::SIGKILL));
            assert_eq!(status.exit_status(), None);
        }
    }
}
