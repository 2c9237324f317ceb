//! Signals: the events of the console, under the names that the C library of Windows and libuv
//! give them.
//!
//! | event | signal |
//! |---|---|
//! | CTRL_C_EVENT | SIGINT |
//! | CTRL_BREAK_EVENT | SIGBREAK |
//! | CTRL_CLOSE_EVENT | SIGHUP |
//! | CTRL_SHUTDOWN_EVENT | SIGTERM |
//!
//! CTRL_LOGOFF_EVENT is left alone: a service gets it when any user goes.
#![allow(unsafe_code, reason = "the system calls a function for each event of the console")]

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use windows_sys::Win32::Foundation::STATUS_CONTROL_C_EXIT;
use windows_sys::Win32::System::Console::{
    CTRL_BREAK_EVENT, CTRL_C_EVENT, CTRL_CLOSE_EVENT, CTRL_SHUTDOWN_EVENT, SetConsoleCtrlHandler,
};
use windows_sys::Win32::System::Threading::ExitProcess;
use windows_sys::core::BOOL;

use crate::error;
use crate::error::kernel;
use crate::sys::arrival::Arrival;

pub(crate) const SIGBREAK: i32 = 21;
pub(crate) const SIGHUP: i32 = 1;
pub(crate) const SIGINT: i32 = 2;
pub(crate) const SIGTERM: i32 = 15;

/// A handler that is called for a signal; dropping it removes the handler.
#[derive(Debug)]
pub(crate) struct Listening {
    signal: i32,
    id: u64,
}

/// Calls `handler` for each `signal` that arrives, on a thread of the system or in `raise`. It
/// takes no signal and listens for none.
///
/// # Errors
///
/// `InvalidInput` for a signal that Windows lacks.
pub(crate) fn listen(
    signal: i32,
    handler: impl Fn(Arrival) + Send + Sync + 'static,
) -> io::Result<Listening> {
    if !is_signal(signal) {
        return Err(error::signal_not_collectable(&describe(signal), ALL));
    }
    let mut table = table();
    table.install()?;
    table.last_id += 1;
    let id = table.last_id;
    let entry = table.signals.entry(signal).or_default();
    entry.handlers.insert(id, Box::new(handler));
    entry.is_handled = true;
    Ok(Listening { signal, id })
}

/// Undoes a `restore_default` of `signal`, which is listened for.
pub(crate) fn ensure_handled(signal: i32) -> io::Result<()> {
    table().signals.entry(signal).or_default().is_handled = true;
    Ok(())
}

/// Gives `signal` its default action. All its handlers are out of work until `ensure_handled`.
pub(crate) fn restore_default(signal: i32) -> io::Result<()> {
    check_exists(signal)?;
    table().signals.entry(signal).or_default().is_handled = false;
    Ok(())
}

/// That a process ignores ctrl-c is not told, and collecting the signal does not undo it.
pub(crate) fn is_ignored(signal: i32) -> io::Result<bool> {
    check_exists(signal)?;
    Ok(false)
}

/// Has `signal` arrive in this process: the console would send it to others as well. It ends
/// the process if nobody has ever listened for it.
pub(crate) fn raise(signal: i32) -> io::Result<()> {
    check_exists(signal)?;
    if !arrive(signal, RAISED) {
        // The status by which a shell knows that it was a signal, as the system's own handler
        // gives it.
        // SAFETY: it takes a number, and does not return.
        unsafe { ExitProcess(STATUS_CONTROL_C_EXIT as u32) }
    }
    Ok(())
}

/// There are none.
pub(crate) fn real_time() -> RangeInclusive<i32> {
    RangeInclusive::new(1, 0)
}

/// A signal in words: its number, and its name if it has one.
pub(crate) fn describe(signal: i32) -> String {
    match NAMES.iter().find(|(number, _)| *number == signal) {
        Some((_, name)) => format!("signal {signal} ({name})"),
        None => format!("signal {signal}"),
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // Dropped after the lock was given back.
        let _handler = {
            let mut table = table();
            table.signals.get_mut(&self.signal).and_then(|entry| entry.handlers.remove(&self.id))
        };
    }
}

/// The listeners of all signals.
struct Table {
    /// True once the system calls `on_event`.
    is_installed: bool,
    last_id: u64,
    signals: BTreeMap<i32, Entry>,
}

/// The listeners of one signal.
#[derive(Default)]
struct Entry {
    handlers: BTreeMap<u64, Handler>,
    /// False as long as the signal has its default action. It stays true when the last
    /// handler goes, as on Unix.
    is_handled: bool,
}

type Handler = Box<dyn Fn(Arrival) + Send + Sync>;

impl Table {
    fn install(&mut self) -> io::Result<()> {
        if !self.is_installed {
            // SAFETY: the function is there for as long as the process.
            let result = unsafe { SetConsoleCtrlHandler(Some(on_event), 1) };
            if result == 0 {
                return Err(io::Error::last_os_error());
            }
            self.is_installed = true;
        }
        Ok(())
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("signals", &self.signals.keys()).finish_non_exhaustive()
    }
}

fn table() -> MutexGuard<'static, Table> {
    static TABLE: Mutex<Table> =
        Mutex::new(Table { is_installed: false, last_id: 0, signals: BTreeMap::new() });
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls the handlers of `signal`; false if it has its default action.
///
/// They run under the lock, so that none runs any more once it was removed.
fn arrive(signal: i32, code: i32) -> bool {
    let table = table();
    let Some(entry) = table.signals.get(&signal).filter(|entry| entry.is_handled) else {
        return false;
    };
    for handler in entry.handlers.values() {
        handler(Arrival { signal, origin: None, code: Some(code), datum: None });
    }
    true
}

/// Called by the system for each event of the console, on a thread of its own.
unsafe extern "system" fn on_event(event: u32) -> BOOL {
    let (signal, is_the_end) = match event {
        CTRL_C_EVENT => (SIGINT, false),
        CTRL_BREAK_EVENT => (SIGBREAK, false),
        CTRL_CLOSE_EVENT => (SIGHUP, true),
        CTRL_SHUTDOWN_EVENT => (SIGTERM, true),
        _ => return 0,
    };
    if !arrive(signal, event as i32) {
        // On to the handlers of other code, and to that of the system.
        return 0;
    }
    if !is_the_end {
        return 1;
    }
    loop {
        // The system ends the process as soon as this returns, and otherwise when its patience
        // is over: until then the loop of the program may end the process itself.
        thread::park();
    }
}

/// Refuses what is no signal.
fn check_exists(signal: i32) -> io::Result<()> {
    if is_signal(signal) { Ok(()) } else { Err(kernel::no_such_signal(&describe(signal), ALL)) }
}

fn is_signal(signal: i32) -> bool {
    NAMES.iter().any(|(number, _)| *number == signal)
}

const NAMES: [(i32, &str); 4] =
    [(SIGBREAK, "SIGBREAK"), (SIGHUP, "SIGHUP"), (SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")];

/// Why a number is no signal.
const ALL: &str = "Windows has SIGINT, SIGBREAK, SIGHUP and SIGTERM, which are events of the console";

/// The code of a signal that this process has raised. Those of the console count from 0.
const RAISED: i32 = -1;
