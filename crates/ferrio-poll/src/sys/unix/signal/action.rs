//! What the system does when a signal arrives: sigaction(2).
#![allow(unsafe_code, reason = "rustix leaves sigaction(2) to the C library")]

use std::collections::BTreeMap;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::kernel;

/// The handler of each signal that was ever collected, or whose default was restored: as far as
/// is known that of `signal-hook-registry`, which installs it once and takes it as installed
/// for ever. Held while an action is changed.
static HANDLERS: Mutex<BTreeMap<i32, libc::sigaction>> = Mutex::new(BTreeMap::new());

/// Has `register` put a handler of `signal` into the registry, and makes sure that it is
/// called.
pub(super) fn handle<R>(signal: i32, register: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
    // Locked before: the handler has to be seen before somebody restores the default.
    let mut handlers = handlers();
    let before = current(signal)?;
    let registered = register()?;
    let action = current(signal)?;
    if action.sa_sigaction != before.sa_sigaction {
        // Installed just now, so it is the registry's.
        handlers.insert(signal, action);
    }
    ensure(&mut handlers, signal)?;
    Ok(registered)
}

/// Makes sure that the handler of `signal`, which is in the registry, is called.
pub(crate) fn ensure_handled(signal: i32) -> io::Result<()> {
    ensure(&mut handlers(), signal)
}

/// Makes sure that the handler of `signal` is installed, and that it runs on the alternate
/// stack of its thread if that has one.
///
/// Some runtimes have stacks of a few KiB for their threads, with an alternate one for
/// handlers; that of Go ends the process for a handler without `SA_ONSTACK`. std's alternate
/// stack has 8 KiB, of which the kernel takes some 3 for the state of the processor, so the
/// handler of one signal must not be interrupted by that of another: all are blocked in it.
///
/// A handler that other code has put in its place since stays as it is: it may call this one,
/// or not.
fn ensure(handlers: &mut BTreeMap<i32, libc::sigaction>, signal: i32) -> io::Result<()> {
    let mut action = current(signal)?;
    let known = handlers.get(&signal);
    let is_handled = is_handler(&action);
    match known {
        // Somebody has taken it away.
        Some(known) if !is_handled => action = *known,
        None if !is_handled => return Err(kernel::signal_handler_unknown(signal)),
        Some(known) if known.sa_sigaction != action.sa_sigaction => return Ok(()),
        _ => {}
    }
    if !is_handled || action.sa_flags & libc::SA_ONSTACK == 0 {
        action.sa_flags |= libc::SA_ONSTACK;
        block_all(&mut action);
        install(signal, &action)?;
    }
    // Not a later one, which may be of code that calls the first.
    handlers.entry(signal).or_insert(action);
    Ok(())
}

/// Gives `signal` its default action.
pub(super) fn set_default(signal: i32) -> io::Result<()> {
    let mut handlers = handlers();
    let mut action = current(signal)?;
    if is_handler(&action) {
        // Other code may have put it there by the registry, before it was collected here.
        handlers.entry(signal).or_insert(action);
    }
    action.sa_sigaction = libc::SIG_DFL;
    // The flags of the handler would mean something for the default action too.
    action.sa_flags = 0;
    install(signal, &action)
}

/// True if `signal` is ignored.
pub(super) fn is_ignored(signal: i32) -> io::Result<bool> {
    Ok(current(signal)?.sa_sigaction == libc::SIG_IGN)
}

/// True for an action that calls a function of this process.
fn is_handler(action: &libc::sigaction) -> bool {
    action.sa_sigaction != libc::SIG_DFL && action.sa_sigaction != libc::SIG_IGN
}

fn handlers() -> MutexGuard<'static, BTreeMap<i32, libc::sigaction>> {
    HANDLERS.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Has all signals wait while the handler of `action` runs.
fn block_all(action: &mut libc::sigaction) {
    // SAFETY: it writes the set that it is given.
    let result = unsafe { libc::sigfillset(&mut action.sa_mask) };
    debug_assert_eq!(result, 0, "the pointer is valid");
}

/// Gives `signal` an action that it had before, with other flags and another mask, or the default one.
fn install(signal: i32, action: &libc::sigaction) -> io::Result<()> {
    // SAFETY: the handler in it was a handler of this signal before, so it is safe as one.
    let result = unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
