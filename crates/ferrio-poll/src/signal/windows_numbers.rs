//! The numbers of signals that Windows alone has.

use crate::sys::signal;

/// The user pressed ctrl-break, or a process was asked to end by those that started it: it is
/// the one signal that can be sent to a process group of Windows.
#[doc(alias = "CTRL_BREAK_EVENT")]
pub const SIGBREAK: i32 = signal::SIGBREAK;
