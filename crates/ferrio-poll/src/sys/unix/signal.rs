//! Signals: numbers, names, and what arrives; see signal(7).
#![allow(
    unsafe_code,
    reason = "siginfo_t has a union, what runs in a signal handler has to be safe there, and rustix leaves \
              raise(3) to the C library"
)]

mod action;

use std::io;

use libc::siginfo_t;
use signal_hook_registry::SigId;

use crate::error;
use crate::error::kernel;
use crate::sys::arrival::{Arrival, Datum, Origin};
pub(crate) use crate::sys::system::signals::real_time;
use crate::sys::system::signals::{self, LAST};

pub(crate) use crate::sys::unix::signal::action::ensure_handled;
pub(crate) use libc::{
    SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU,
    SIGURG, SIGUSR1, SIGUSR2, SIGWINCH,
};

/// A handler that is called for a signal; dropping it removes the handler.
#[derive(Debug)]
pub(crate) struct Listening(SigId);

/// Calls `handler` for each `signal` that arrives.
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
    handler: impl Fn(Arrival) + Send + Sync + 'static,
) -> io::Result<Listening> {
    check_collectable(signal)?;
    let action = move |info: &siginfo_t| handler(arrival(signal, info));
    action::handle(signal, || {
        // SAFETY: `action` reads what the kernel wrote for it and calls `handler`, which is safe
        // in a signal handler.
        let id = unsafe { signal_hook_registry::register_sigaction(signal, action)? };
        Ok(Listening(id))
    })
}

/// Gives `signal` its default action. All its handlers are out of work until
/// `ensure_handled`.
pub(crate) fn restore_default(signal: i32) -> io::Result<()> {
    check_exists(signal)?;
    // No process can take the default action of these two away.
    if signal == libc::SIGKILL || signal == libc::SIGSTOP { Ok(()) } else { action::set_default(signal) }
}

/// True if `signal` is ignored.
pub(crate) fn is_ignored(signal: i32) -> io::Result<bool> {
    check_exists(signal)?;
    action::is_ignored(signal)
}

/// Sends `signal` to the calling thread.
pub(crate) fn raise(signal: i32) -> io::Result<()> {
    check_exists(signal)?;
    // SAFETY: it takes a number. What the action of the signal does is that of the code that set
    // it.
    let result = unsafe { libc::raise(signal) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

impl Drop for Listening {
    fn drop(&mut self) {
        signal_hook_registry::unregister(self.0);
    }
}

/// What the kernel says of a signal. Safe in a signal handler.
fn arrival(signal: i32, info: &siginfo_t) -> Arrival {
    let is_sent = signals::SENT.contains(&Some(info.si_code));
    let is_queued = signals::SENT[1] == Some(info.si_code);
    let is_of_child = TELLS_OF_CHILDREN
        && info.si_signo == SIGCHLD
        && (libc::CLD_EXITED..=libc::CLD_CONTINUED).contains(&info.si_code);
    let datum = match is_queued {
        true => Some(Datum::Value(value(info))),
        false if is_of_child => Some(Datum::Status(status(info))),
        false => None,
    };
    let origin = if is_sent || is_of_child { origin(info) } else { None };
    Arrival { signal, origin, code: Some(info.si_code), datum }
}

/// The process of a signal that has one, if this process can see it.
#[cfg(not(target_os = "openbsd"))]
fn origin(info: &siginfo_t) -> Option<Origin> {
    // SAFETY: with the codes that the caller lets through the kernel fills the process in.
    let pid = unsafe { info.si_pid() };
    // SAFETY: and the user with it.
    let uid = unsafe { info.si_uid() };
    // It is zero for a process outside of this one's namespace of process ids.
    u32::try_from(pid).ok().filter(|pid| *pid > 0).map(|pid| Origin::new(pid, uid))
}

/// The bindings have these fields at another place than the system there.
#[cfg(target_os = "openbsd")]
fn origin(_: &siginfo_t) -> Option<Origin> {
    None
}

/// The integer of a signal of sigqueue(3).
fn value(info: &siginfo_t) -> i32 {
    // SAFETY: with `SI_QUEUE` the kernel fills it in.
    let value = unsafe { info.si_value() };
    // A union of a pointer and an integer, of which libc knows the pointer: the integer is at
    // its beginning, whatever the order of the bytes.
    let bytes = value.sival_ptr.addr().to_ne_bytes();
    i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// The status of a child.
fn status(info: &siginfo_t) -> i32 {
    // SAFETY: with the codes of SIGCHLD the kernel fills it in.
    unsafe { info.si_status() }
}

/// Whether the bindings have the status of a child where the system puts it.
const TELLS_OF_CHILDREN: bool = cfg!(not(target_os = "openbsd"));

/// Refuses what cannot be caught, or not by a loop.
fn check_collectable(signal: i32) -> io::Result<()> {
    let reason = match signal {
        libc::SIGKILL | libc::SIGSTOP => {
            "no process can catch it: ask for SIGTERM or SIGTSTP, which come first"
        }
        libc::SIGABRT | libc::SIGBUS | libc::SIGFPE | libc::SIGILL | libc::SIGSEGV => {
            "it tells of a fault of this process, which would go on with it before any loop hears of it"
        }
        _ => match reason_against(signal) {
            Some(reason) => reason,
            None => return Ok(()),
        },
    };
    Err(error::signal_not_collectable(&describe(signal), reason))
}

/// Refuses what is no signal of this process.
fn check_exists(signal: i32) -> io::Result<()> {
    match reason_against(signal) {
        Some(reason) => Err(kernel::no_such_signal(&describe(signal), reason)),
        None => Ok(()),
    }
}

/// Why `signal` is none that a program may use.
fn reason_against(signal: i32) -> Option<&'static str> {
    match signal {
        i32::MIN..=0 => Some("signals count from 1"),
        _ if signal > LAST => Some("there is no such signal, or none that is collected on this system"),
        _ if signal > LAST_STANDARD && !real_time().contains(&signal) => Some(
            "the C library uses it for itself: count real-time signals from the first of `signal::real_time`",
        ),
        _ => None,
    }
}

/// A signal in words: its number, and its name if it has one.
pub(crate) fn describe(signal: i32) -> String {
    match NAMES.iter().chain(signals::NAMES).find(|(number, _)| *number == signal) {
        Some((_, name)) => format!("signal {signal} ({name})"),
        None => format!("signal {signal}"),
    }
}

/// The last one that is not a real-time signal.
const LAST_STANDARD: i32 = 31;

/// The standard signals. Their numbers depend on the architecture.
const NAMES: [(i32, &str); 29] = [
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
        let mut numbers: Vec<_> = NAMES.iter().chain(signals::NAMES).map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), NAMES.len() + signals::NAMES.len());
        assert!(numbers.iter().all(|number| (1..=LAST_STANDARD).contains(number)));
    }

    #[test]
    fn a_signal_of_the_kernel_has_no_sender() {
        // SAFETY: all zeros are a valid `siginfo_t`, of integers and pointers.
        let mut info: siginfo_t = unsafe { std::mem::zeroed() };
        info.si_signo = SIGPIPE;
        // No process sends with this code.
        info.si_code = 0x80;
        assert_eq!(arrival(SIGPIPE, &info).origin, None);
        assert_eq!(arrival(SIGPIPE, &info).code, Some(0x80));
        // The kernel writes a process id of zero for one that cannot be seen from here.
        info.si_code = signals::SENT[0].unwrap_or(0);
        assert_eq!(arrival(SIGPIPE, &info).origin, None);
        assert_eq!(arrival(SIGPIPE, &info).datum, None);
    }
}
