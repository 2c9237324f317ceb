//! The signals of Linux: numbers, names, senders; see signal(7).
#![allow(
    unsafe_code,
    reason = "siginfo_t has a union, and what runs in a signal handler has to be safe there"
)]

use std::io;
use std::ops::RangeInclusive;

use libc::siginfo_t;
use signal_hook_registry::SigId;

use crate::error;

pub(crate) use libc::{
    SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU,
    SIGURG, SIGUSR1, SIGUSR2, SIGWINCH,
};

/// The process that a signal came from. For SIGCHLD it is the child.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Origin {
    /// The id of the process. It may be gone by now, and its id another's.
    pub pid: u32,
    /// The user that it ran as.
    pub uid: u32,
}

impl Origin {
    pub(crate) fn new(pid: u32, uid: u32) -> Origin {
        Origin { pid, uid }
    }
}

/// A handler that is called for a signal; dropping it removes the handler.
#[derive(Debug)]
pub(crate) struct Listening(SigId);

/// Calls `handler` for each `signal` that arrives, with its origin if that is known.
///
/// It runs in a signal handler: it may change atomics and write to descriptors, but takes no
/// lock, allocates and frees nothing, and does not panic. Its callers in this crate uphold
/// that.
///
/// # Errors
///
/// `InvalidInput` for a signal that cannot be caught, or not by a loop.
pub(crate) fn listen(
    signal: i32,
    handler: impl Fn(Option<Origin>) + Send + Sync + 'static,
) -> io::Result<Listening> {
    check(signal)?;
    let action = move |info: &siginfo_t| handler(origin(info));
    // SAFETY: `action` reads what the kernel wrote for it and calls `handler`, which is safe
    // in a signal handler.
    let id = unsafe { signal_hook_registry::register_sigaction(signal, action)? };
    Ok(Listening(id))
}

impl Drop for Listening {
    fn drop(&mut self) {
        signal_hook_registry::unregister(self.0);
    }
}

/// The process that sent a signal, if it was one that this process can see. Safe in a signal
/// handler.
fn origin(info: &siginfo_t) -> Option<Origin> {
    let is_sent = matches!(info.si_code, libc::SI_USER | libc::SI_QUEUE | libc::SI_TKILL);
    let is_of_child =
        info.si_signo == SIGCHLD && (libc::CLD_EXITED..=libc::CLD_CONTINUED).contains(&info.si_code);
    if !is_sent && !is_of_child {
        return None;
    }
    // SAFETY: with each of these codes the kernel fills the process in.
    let pid = unsafe { info.si_pid() };
    // SAFETY: and the user with it.
    let uid = unsafe { info.si_uid() };
    // It is zero for a process outside of this one's namespace of process ids.
    u32::try_from(pid).ok().filter(|pid| *pid > 0).map(|pid| Origin::new(pid, uid))
}

/// The real-time signals that the C library leaves to programs.
pub(crate) fn real_time() -> RangeInclusive<i32> {
    libc::SIGRTMIN()..=libc::SIGRTMAX().min(LAST)
}

/// Refuses what cannot be caught, or not by a loop.
fn check(signal: i32) -> io::Result<()> {
    let reason = match signal {
        i32::MIN..=0 => "signals count from 1",
        libc::SIGKILL | libc::SIGSTOP => {
            "no process can catch it: ask for SIGTERM or SIGTSTP, which come first"
        }
        libc::SIGABRT | libc::SIGBUS | libc::SIGFPE | libc::SIGILL | libc::SIGSEGV => {
            "it tells of a fault of this process, which would go on with it before any loop hears of it"
        }
        _ if signal > LAST => "there is no such signal, the last one is 64",
        _ if signal > LAST_STANDARD && !real_time().contains(&signal) => {
            "the C library uses it for itself: count real-time signals from the first of `signal::real_time`"
        }
        _ => return Ok(()),
    };
    Err(error::signal_not_collectable(&describe(signal), reason))
}

/// A signal in words: its number, and its name if it has one.
pub(crate) fn describe(signal: i32) -> String {
    match NAMES.iter().find(|(number, _)| *number == signal) {
        Some((_, name)) => format!("signal {signal} ({name})"),
        None => format!("signal {signal}"),
    }
}

/// The last signal there is; few architectures have more.
const LAST: i32 = 64;

/// The last one that is not a real-time signal.
const LAST_STANDARD: i32 = 31;

/// The standard signals. Their numbers depend on the architecture.
const NAMES: [(i32, &str); 30] = [
    (libc::SIGABRT, "SIGABRT"),
    (SIGALRM, "SIGALRM"),
    (libc::SIGBUS, "SIGBUS"),
    (SIGCHLD, "SIGCHLD"),
    (SIGCONT, "SIGCONT"),
    (libc::SIGFPE, "SIGFPE"),
    (SIGHUP, "SIGHUP"),
    (libc::SIGILL, "SIGILL"),
    (SIGINT, "SIGINT"),
    (SIGIO, "SIGIO"),
    (libc::SIGKILL, "SIGKILL"),
    (SIGPIPE, "SIGPIPE"),
    (libc::SIGPROF, "SIGPROF"),
    (libc::SIGPWR, "SIGPWR"),
    (SIGQUIT, "SIGQUIT"),
    (libc::SIGSEGV, "SIGSEGV"),
    (libc::SIGSTOP, "SIGSTOP"),
    (libc::SIGSYS, "SIGSYS"),
    (SIGTERM, "SIGTERM"),
    (libc::SIGTRAP, "SIGTRAP"),
    (SIGTSTP, "SIGTSTP"),
    (SIGTTIN, "SIGTTIN"),
    (SIGTTOU, "SIGTTOU"),
    (SIGURG, "SIGURG"),
    (SIGUSR1, "SIGUSR1"),
    (SIGUSR2, "SIGUSR2"),
    (libc::SIGVTALRM, "SIGVTALRM"),
    (SIGWINCH, "SIGWINCH"),
    (libc::SIGXCPU, "SIGXCPU"),
    (libc::SIGXFSZ, "SIGXFSZ"),
];

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_described_by_its_number_and_its_name() {
        assert_eq!(describe(SIGTERM), format!("signal {} (SIGTERM)", SIGTERM));
        assert_eq!(describe(99), "signal 99");
    }

    #[test]
    fn no_two_names_share_a_number_and_each_is_a_standard_signal() {
        let mut numbers: Vec<_> = NAMES.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), NAMES.len());
        assert!(numbers.iter().all(|number| (1..=LAST_STANDARD).contains(number)));
    }

    #[test]
    fn a_signal_of_the_kernel_has_no_sender() {
        // SAFETY: all zeros are a valid `siginfo_t`, of integers.
        let mut info: siginfo_t = unsafe { std::mem::zeroed() };
        info.si_signo = SIGPIPE;
        info.si_code = libc::SI_KERNEL;
        assert_eq!(origin(&info), None);
        // The kernel writes a process id of zero for one that cannot be seen from here.
        info.si_code = libc::SI_USER;
        assert_eq!(origin(&info), None);
    }
}
