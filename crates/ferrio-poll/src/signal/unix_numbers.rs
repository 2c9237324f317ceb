//! The numbers of signals that Unix alone has.

use crate::sys::signal;

/// A timer of alarm(2) expired.
pub const SIGALRM: i32 = signal::SIGALRM;
/// A child process exited, stopped or went on. For the exit of one child,
/// [`ChildExit`](crate::process::ChildExit) needs no signal.
pub const SIGCHLD: i32 = signal::SIGCHLD;
/// The process goes on after it was stopped.
pub const SIGCONT: i32 = signal::SIGCONT;
/// A descriptor that was told to raise it is ready.
pub const SIGIO: i32 = signal::SIGIO;
/// A write went to a pipe that nobody reads. std ignores it in every Rust program.
pub const SIGPIPE: i32 = signal::SIGPIPE;
/// The user pressed ctrl-\\.
pub const SIGQUIT: i32 = signal::SIGQUIT;
/// The user pressed ctrl-z.
pub const SIGTSTP: i32 = signal::SIGTSTP;
/// The process read from the terminal while in the background.
pub const SIGTTIN: i32 = signal::SIGTTIN;
/// The process wrote to the terminal while in the background.
pub const SIGTTOU: i32 = signal::SIGTTOU;
/// Urgent data arrived at a socket that was told to raise it.
pub const SIGURG: i32 = signal::SIGURG;
/// What the program makes of it.
pub const SIGUSR1: i32 = signal::SIGUSR1;
/// What the program makes of it.
pub const SIGUSR2: i32 = signal::SIGUSR2;
/// The terminal has another size.
pub const SIGWINCH: i32 = signal::SIGWINCH;
