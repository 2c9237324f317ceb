//! Signals as a source.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;

use crate::error;
use crate::interest::Interest;
use crate::registry::check_readable;
use crate::registry::{Registry, Source};
use crate::signal::inbox::Inbox;
use crate::signal::received::Received;
use crate::sys::signal::{self, Listening};
use crate::token::Token;

/// Signals that are collected: readable when one of them has arrived.
///
/// Register it as readable, and on each event [take](Signals::take) signals until there
/// is none. Those that arrived before it was registered are reported by that. The
/// [modes](crate::Mode) mean what they mean for a socket with unread data.
///
/// A signal that arrives for any thread of the process is heard by every `Signals` that
/// was made for it, and by other handlers that the process has for it.
///
/// # What may be lost
///
/// The number of no signal is. Standard signals coalesce: the system itself keeps only
/// one of each while it is on its way, so there is at least one [`Received`] for any
/// number of them. Real-time signals are counted as long as no more than 64 signals wait
/// to be taken here; of those above that each number is reported once, without its
/// origin.
///
/// # What becomes of the default action
///
/// Once a signal was asked for, its default action, such as to end the process, no
/// longer takes place. Dropping the `Signals` does not bring that back: the handler,
/// which others may have joined, stays installed and does nothing;
/// [`restore_default`](crate::signal::restore_default) takes it away.
///
/// Code that installs a handler by sigaction(2) afterwards, without calling the one that was
/// there, takes the signal away from this and all other users of the registry.
///
/// # Implementation notes
///
/// On Unix sigaction(2) by the crate `signal-hook-registry`, one handler for all that share it. It
/// writes two words, and wakes the Poll as a [`Trigger`](crate::user::Trigger) does. It has no
/// descriptor.
///
/// The handler has `SA_RESTART`, and `SA_ONSTACK`, without which a process with a Go runtime
/// aborts. So it runs on the alternate stack of its thread, for which std makes 8 KiB, and all
/// signals wait meanwhile. Handlers of other code that share it run there as well: they should
/// need little room.
///
/// On Windows SetConsoleCtrlHandler, with one handler for the whole process, which the system
/// calls on a thread of its own. After SIGHUP and SIGTERM that thread does not return: the
/// system ends the process as soon as it does. A signal that was asked for does not reach the handlers
/// that other code has installed before.
///
/// It stays with the first Poll that it is registered with; registering it with another
/// is `InvalidInput`.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::process::Command;
/// use ferrio::signal::{SIGUSR1, Signals};
/// use ferrio::{Events, Interest, Poll, Token};
///
/// let mut poll = Poll::new()?;
/// let mut signals = Signals::new([SIGUSR1])?;
/// poll.registry().register(&mut signals, Token(0), Interest::READABLE)?;
///
/// let mut sender = Command::new("sh").args(["-c", "kill -USR1 $PPID"]).spawn()?;
/// poll.wait(&mut Events::with_capacity(1), None)?;
/// let received = signals.take().unwrap();
/// assert_eq!(received.signal(), SIGUSR1);
/// assert_eq!(received.origin().map(|origin| origin.pid), Some(sender.id()));
/// # sender.wait()?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "ev_signal")]
#[doc(alias = "uv_signal_t")]
#[doc(alias = "signalfd")]
pub struct Signals {
    /// Shared with the handlers.
    inbox: Arc<Inbox>,
    /// The handler of each signal.
    handlers: BTreeMap<i32, Listening>,
}

impl Signals {
    /// Collects `signals`.
    ///
    /// # Errors
    ///
    /// Those of [`add`](Signals::add), for the first signal that has one.
    pub fn new(signals: impl IntoIterator<Item = i32>) -> io::Result<Signals> {
        let mut this = Signals { inbox: Arc::new(Inbox::new()), handlers: BTreeMap::new() };
        signals.into_iter().try_for_each(|signal| this.add(signal))?;
        Ok(this)
    }

    /// Collects `signal` as well. One that is collected already goes on to be, also after a
    /// [`restore_default`](crate::signal::restore_default).
    ///
    /// # Errors
    ///
    /// `InvalidInput` for what is no signal, for SIGKILL and SIGSTOP, which no process can
    /// catch, for those that report a fault of this process (SIGILL, SIGFPE, SIGSEGV,
    /// SIGBUS, and SIGABRT), after which no loop goes on, and for those that the C
    /// library keeps to itself; on Windows for all but its four. The error names the signal and
    /// the reason.
    pub fn add(&mut self, signal: i32) -> io::Result<()> {
        if self.handlers.contains_key(&signal) {
            return signal::ensure_handled(signal);
        }
        let inbox = Arc::clone(&self.inbox);
        // Safe in a signal handler, for `put` is.
        let listening = signal::listen(signal, move |arrival| inbox.put(arrival))?;
        self.handlers.insert(signal, listening);
        Ok(())
    }

    /// No longer collects `signal`. What has arrived of it can still be taken.
    ///
    /// # Errors
    ///
    /// `NotFound` if it was not collected.
    pub fn remove(&mut self, signal: i32) -> io::Result<()> {
        let listening = self.handlers.remove(&signal);
        listening.map(drop).ok_or_else(|| error::signal_not_collected(&signal::describe(signal)))
    }

    /// The next signal that has arrived; `None` if there is none now, and only after that does
    /// the next event come. They are taken in the order in which they arrived, and
    /// then those that came while 64 others waited.
    pub fn take(&mut self) -> Option<Received> {
        self.inbox.take()
    }
}

impl Source for Signals {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check_readable(interest, "signals")?;
        self.inbox.readiness.register(registry, token)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        check_readable(interest, "signals")?;
        self.inbox.readiness.reregister(registry, token)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.inbox.readiness.deregister(registry)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        // No handler fires what is no longer registered.
        self.handlers.clear();
        self.inbox.readiness.end_registration();
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.handlers.keys().map(|signal| signal::describe(*signal)).collect();
        write!(f, "Signals({})", names.join(", "))
    }
}
