//! What the system does when a signal arrives: sigaction(2).
#![allow(unsafe_code, reason = "rustix leaves sigaction(2) to the C library")]

use std::collections::BTreeMap;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Mutex, PoisonError};

/// The handler of each signal that was collected: that of `signal-hook-registry`, which
/// installs it once and takes it as installed for ever. Held while an action is changed.
static HANDLERS: Mutex<BTreeMap<i32, libc::sigaction>> = Mutex::new(BTreeMap::new());

/// Makes sure that the handler of `signal`, which the registry has installed at some time, is
/// installed, and that it runs on the alternate stack of its thread if that has one.
///
/// Some runtimes have stacks of a few KiB for their threads, with an alternate one for
/// handlers; that of Go ends the process for a handler without `SA_ONSTACK`.
pub(crate) fn ensure_handled(signal: i32) -> io::Result<()> {
    let mut handlers = HANDLERS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut action = current(signal)?;
    let is_handled = action.sa_sigaction != libc::SIG_DFL && action.sa_sigaction != libc::SIG_IGN;
    if !is_handled {
        // Somebody has taken it away.
        let Some(handler) = handlers.get(&signal) else { return Ok(()) };
        action = *handler;
    }
    if !is_handled || action.sa_flags & libc::SA_ONSTACK == 0 {
        action.sa_flags |= libc::SA_ONSTACK;
        install(signal, &action)?;
    }
    handlers.insert(signal, action);
    Ok(())
}

/// Gives `signal` its default action.
pub(super) fn set_default(signal: i32) -> io::Result<()> {
    let _handlers = HANDLERS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut action = current(signal)?;
    action.sa_sigaction = libc::SIG_DFL;
    install(signal, &action)
}

/// True if `signal` is ignored.
pub(super) fn is_ignored(signal: i32) -> io::Result<bool> {
    Ok(current(signal)?.sa_sigaction == libc::SIG_IGN)
}

/// The action that `signal` has.
fn current(signal: i32) -> io::Result<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: the first pointer may be null, and the second one is to memory of the right type.
    let result = unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a call that succeeds has written it.
    Ok(unsafe { action.assume_init() })
}

/// Gives `signal` an action that it had before, with other flags, or the default one.
fn install(signal: i32, action: &libc::sigaction) -> io::Result<()> {
    // SAFETY: the handler in it was a handler of this signal before, so it is safe as one.
    let result = unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
