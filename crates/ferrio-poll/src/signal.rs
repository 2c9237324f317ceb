//! Signals: the arrival of one is an event.
//!
//! - [`Signals`] is a source that collects the signals it was made for.
//! - [`ctrl_c`] is the one for the program that only wants to know when to end.
//! - [`restore_default`] and [`raise`] end the program by the signal itself.
//! - [`is_ignored`] tells what the program was started to leave alone.
//!
//! On Unix handlers are shared with all other code of the process that uses the crate
//! `signal-hook-registry`, as tokio and signal-hook do: each of them hears each signal.
//!
//! On Windows the signals are the events of the console, under the names that the C library
//! and libuv give them: SIGINT is ctrl-c, `SIGBREAK` ctrl-break, SIGHUP the closed window of the
//! console, and SIGTERM the shutdown of the system. With the last two the system ends the
//! process a few seconds later in any case. There are no others, and constants only for these.
//!
//! # A clean end
//!
//! A terminal sends SIGINT, and a process manager sends SIGTERM. The first one begins the end;
//! a second one ends the program at once, and as the signal would have: a shell that runs a
//! script sees that by the status, and ends the script too.
//!
//! ```no_run
//! # extern crate ferrio_poll as ferrio;
//! # fn main() -> std::io::Result<()> {
//! use ferrio::signal::{self, SIGINT, SIGTERM, Signals};
//! use ferrio::{Events, Interest, Poll, Token};
//!
//! const END: Token = Token(0);
//!
//! let mut poll = Poll::new()?;
//! let mut events = Events::with_capacity(64);
//! let mut signals = Signals::new([SIGINT, SIGTERM])?;
//! poll.registry().register(&mut signals, END, Interest::READABLE)?;
//! let mut is_ending = false;
//! # let has_finished = || false;
//! while !has_finished() {
//!     poll.wait(&mut events, None)?;
//!     while let Some(received) = signals.take() {
//!         if is_ending {
//!             signal::restore_default(received.signal())?;
//!             signal::raise(received.signal())?;
//!         }
//!         // Accept no more, and finish what is under way.
//!         is_ending = true;
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod inbox;
mod numbers;
mod received;
mod records;
mod signals;
#[cfg(unix)]
mod unix_numbers;
#[cfg(windows)]
mod windows_numbers;

use std::io;

use crate::sys::signal as system;

pub use crate::signal::numbers::{SIGHUP, SIGINT, SIGTERM, real_time};
pub use crate::signal::received::Received;
pub use crate::signal::signals::Signals;
#[cfg(unix)]
pub use crate::signal::unix_numbers::{
    SIGALRM, SIGCHLD, SIGCONT, SIGIO, SIGPIPE, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGUSR1, SIGUSR2,
    SIGWINCH,
};
#[cfg(windows)]
pub use crate::signal::windows_numbers::SIGBREAK;

pub use crate::sys::arrival::Origin;

/// The signal of a user who presses ctrl-c: [`Signals`] of [`SIGINT`] alone.
///
/// From then on ctrl-c no longer ends the program by itself.
///
/// # Errors
///
/// Those of [`Signals::new`].
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::{Interest, Poll, Token, signal};
///
/// let poll = Poll::new()?;
/// let mut ctrl_c = signal::ctrl_c()?;
/// poll.registry().register(&mut ctrl_c, Token(0), Interest::READABLE)?;
/// # Ok(())
/// # }
/// ```
pub fn ctrl_c() -> io::Result<Signals> {
    Signals::new([SIGINT])
}

/// Gives `signal` its default action: what it does in a program that never heard of signals,
/// such as to end it.
///
/// The action is the whole process's. All handlers of the signal are out of work, those of
/// other code too, and each [`Signals`] hears no more of it. Collecting the signal anew, by
/// [`Signals::new`] or [`Signals::add`], brings back all that were registered through
/// `signal-hook-registry`, as those of tokio and signal-hook are, and no other. A signal that
/// cannot be collected, such as SIGSEGV with the handler of std for overflows of the stack, keeps
/// its default action from then on.
///
/// On Windows the handlers of other code stay in work. Its event goes on to them, and to the
/// system's own handler, which ends the process.
///
/// Together with [`raise`] it ends the process by the signal, with the status that says so:
/// see [the example](self#a-clean-end). For SIGTSTP the pair stops the process; once it goes on,
/// `add` the signal again.
///
/// # Errors
///
/// `InvalidInput` for what is no signal, and for those that the C library keeps to itself. For
/// SIGKILL and SIGSTOP, which always have their default action, it does nothing.
///
/// # Implementation notes
///
/// On Unix sigaction(2) with `SIG_DFL`.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::signal::{self, SIGURG, Signals};
///
/// let mut signals = Signals::new([SIGURG])?;
/// // By default this signal is discarded.
/// signal::restore_default(SIGURG)?;
/// signal::raise(SIGURG)?;
/// assert_eq!(signals.take(), None);
///
/// signals.add(SIGURG)?;
/// signal::raise(SIGURG)?;
/// assert!(signals.take().is_some());
/// # Ok(())
/// # }
/// ```
#[doc(alias = "SIG_DFL")]
#[doc(alias = "sigaction")]
pub fn restore_default(signal: i32) -> io::Result<()> {
    system::restore_default(signal)
}

/// Sends `signal` to the calling thread. Its action takes place before this returns, unless
/// the thread blocks the signal.
///
/// # Errors
///
/// `InvalidInput` for what is no signal, and for those that the C library keeps to itself.
///
/// # Implementation notes
///
/// On Unix raise(3), which is tgkill(2): [`Received::code`] is `SI_TKILL`.
///
/// On Windows it is not sent by way of the console, which would reach all its processes: each
/// [`Signals`] of this process hears it, and handlers of other code do not. A signal with its
/// default action ends the process by ExitProcess with the status `STATUS_CONTROL_C_EXIT`, as
/// ctrl-c does.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::signal::{self, SIGUSR1, Signals};
///
/// let mut signals = Signals::new([SIGUSR1])?;
/// signal::raise(SIGUSR1)?;
/// assert_eq!(signals.take().map(|received| received.signal()), Some(SIGUSR1));
/// # Ok(())
/// # }
/// ```
pub fn raise(signal: i32) -> io::Result<()> {
    system::raise(signal)
}

/// True if `signal` is ignored.
///
/// A program inherits that: nohup(1) starts it with SIGHUP ignored, and a shell without job
/// control starts what runs in the background with SIGINT and SIGQUIT ignored. Collecting such
/// a signal would end the very protection that was asked for, so ask before.
///
/// # Errors
///
/// `InvalidInput` for what is no signal, and for those that the C library keeps to itself.
///
/// # Implementation notes
///
/// On Unix sigaction(2). std ignores SIGPIPE in every Rust program.
///
/// On Windows it is always false. A process may be started to ignore ctrl-c, but that is
/// not told; nor does collecting SIGINT undo it.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::signal::{self, SIGHUP, SIGINT, SIGTERM, Signals};
///
/// let mut signals = Signals::new([SIGTERM])?;
/// for signal in [SIGHUP, SIGINT] {
///     if !signal::is_ignored(signal)? {
///         signals.add(signal)?;
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[doc(alias = "SIG_IGN")]
#[doc(alias = "nohup")]
pub fn is_ignored(signal: i32) -> io::Result<bool> {
    system::is_ignored(signal)
}
