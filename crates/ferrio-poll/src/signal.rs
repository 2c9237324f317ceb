//! Signals: the arrival of one is an event.
//!
//! - [`Signals`] is a source that collects the signals it was made for.
//! - [`ctrl_c`] is the one for the program that only wants to know when to end.
//!
//! Handlers are shared with all other code of the process that uses the crate
//! `signal-hook-registry`, as tokio and signal-hook do: each of them hears each signal.
//!
//! # A clean end
//!
//! A terminal sends SIGINT, and a process manager sends SIGTERM:
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! use ferrio_poll::signal::{SIGINT, SIGTERM, Signals};
//! use ferrio_poll::{Events, Interest, Poll, Token};
//!
//! const END: Token = Token(0);
//!
//! let mut poll = Poll::new()?;
//! let mut events = Events::with_capacity(64);
//! let mut signals = Signals::new([SIGINT, SIGTERM])?;
//! poll.registry().register(&mut signals, END, Interest::READABLE)?;
//! loop {
//!     poll.wait(&mut events, None)?;
//!     if events.iter().any(|event| event.token() == END) {
//!         // Finish what is under way. A second signal could end that, too.
//!         return Ok(());
//!     }
//! }
//! # }
//! ```

mod inbox;
mod numbers;
mod received;
mod records;
mod signals;

use std::io;

pub use crate::signal::numbers::{
    SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPIPE, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU,
    SIGURG, SIGUSR1, SIGUSR2, SIGWINCH, real_time,
};
pub use crate::signal::received::Received;
pub use crate::signal::signals::Signals;

pub use crate::sys::signal::Origin;

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
/// # fn main() -> std::io::Result<()> {
/// use ferrio_poll::{Interest, Poll, Token, signal};
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
