//! The errors of this crate and their texts.
//!
//! Each function is named after a cause. Its text says what was wrong, with what value, and
//! what to do. What a kernel refuses is in [`kernel`]; its errors for which there is no
//! advice are passed on as they are and keep `raw_os_error`. An error with a text keeps only the
//! kind of its cause.

pub(crate) mod host;
pub(crate) mod kernel;
#[cfg(unix)]
pub(crate) mod unix;
pub(crate) mod watches;
#[cfg(all(windows, not(ferrio_check_unsupported)))]
pub(crate) mod windows;

use std::fmt::{Debug, Display};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use crate::interest::Interest;
use crate::mode::Mode;

/// A registration that the source has already, of a source in this process.
#[cold]
pub(crate) fn in_process_source_registered() -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        "the source is registered with a Poll already: use reregister to change its token or mode",
    )
}

#[cold]
pub(crate) fn in_process_source_missing() -> io::Error {
    new(ErrorKind::NotFound, "the source is not registered with this Poll: register it first")
}

#[cold]
pub(crate) fn in_process_source_missing_here() -> io::Error {
    new(
        ErrorKind::NotFound,
        "the source belongs to another Poll, the first that it was registered with: call this on a Registry of \
         that one, or make a new source for this Poll",
    )
}

#[cold]
pub(crate) fn in_process_source_of_other_poll() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "the source belongs to another Poll, the first that it was registered with, and stays with it: make a \
         new one for this Poll",
    )
}

#[cold]
#[allow(dead_code, reason = "only Unix sockets may be without a name")]
pub(crate) fn address_without_name() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "the address is that of a socket without a name, which nobody can send to: its owner has to bind it",
    )
}

#[cold]
pub(crate) fn kinds_unknown(path: impl Debug, bits: u32) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("{bits:#x} is no kind of change to watch {path:?} for: use the constants of `Kinds`"),
    )
}

#[cold]
pub(crate) fn owned_source_registered() -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        "the source is registered with a Poll already: use reregister to change its token or interest, or \
         deregister it first",
    )
}

#[cold]
pub(crate) fn owned_source_missing() -> io::Error {
    new(ErrorKind::NotFound, "the source is not registered with a Poll: register it first")
}

#[cold]
pub(crate) fn owned_source_of_other_poll() -> io::Error {
    new(ErrorKind::AlreadyExists, "the source is registered with another Poll: deregister it there first")
}

/// Begins with the words of mio, whose users may look for them, as the two below.
#[cfg(debug_assertions)]
#[cold]
pub(crate) fn io_source_registered() -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        "I/O source already registered with a `Registry`: use reregister to change its token or interest, or \
         deregister it first",
    )
}

#[cfg(debug_assertions)]
#[cold]
pub(crate) fn io_source_of_other_poll() -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        "I/O source already registered with a different `Registry`: deregister it there first",
    )
}

#[cfg(debug_assertions)]
#[cold]
pub(crate) fn io_source_missing() -> io::Error {
    new(
        ErrorKind::NotFound,
        "I/O source not registered with `Registry`: register it first, and deregister before closing it",
    )
}

#[cold]
pub(crate) fn mode_dropped(mode: Mode) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "the source registers through another Registry than the one it is given, so that {mode:?} is \
             lost: register it without a mode, or have its `register` use its argument"
        ),
    )
}

/// A mode in which what decides itself when to be reported cannot be registered.
#[cold]
pub(crate) fn mode_of_its_own(mode: Mode, what: &str) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!("{what} keeps its own pace and cannot be registered as {mode:?}: register it as Mode::Edge"),
    )
}

/// An interest that a source of the kind `what` can never satisfy; `possible` are those that it
/// can.
#[cold]
pub(crate) fn interest_never_true(interest: Interest, what: &str, possible: &str) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!("interest {interest:?} never comes true for {what}: ask for {possible}"),
    )
}

#[cold]
pub(crate) fn forked() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this Poll was made before a fork and forbids its use in the child: make a new Poll there",
    )
}

#[cold]
pub(crate) fn events_without_room() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "Events::with_capacity(0) has no room for an event: give it a capacity of at least 1",
    )
}

#[cold]
#[allow(dead_code, reason = "a Poll has a descriptor on Unix alone")]
pub(crate) fn embeddable() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this backend has a descriptor for other waits: only one without waits beside another itself",
    )
}

#[cold]
pub(crate) fn no_such_backend(variable: &str, name: &str) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!(
            "{variable}={name:?} names no backend; use `epoll`, `iocp`, `kqueue`, `poll2` or `poll_oneoff`, or \
             unset it"
        ),
    )
}

/// A backend that this build lacks, where `candidates` are those it has.
#[cold]
pub(crate) fn backend_unavailable(backend: impl Debug, candidates: impl Debug) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!("the backend {backend:?} is not in this build: use one of {candidates:?}"),
    )
}

#[cold]
pub(crate) fn interval_of_zero() -> io::Error {
    new(ErrorKind::InvalidInput, "a timer with an interval of 0 would be due for ever: give it at least 1 ns")
}

#[cold]
pub(crate) fn schedule_without_interval(interval: Duration) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("an interval of {interval:?} never moves on: give at least a nanosecond"),
    )
}

/// A wall clock time that lies so long before 1970.
#[cold]
pub(crate) fn time_before_1970(by: Duration) -> io::Error {
    new(ErrorKind::InvalidInput, format!("a time {by:?} before 1970 cannot be set: give a later one"))
}

#[cold]
pub(crate) fn time_after_the_clock(since_1970: Duration) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!(
            "{since_1970:?} after 1970 is more than the kernel's clock knows, which ends in April 2262: give \
             less"
        ),
    )
}

/// A signal in words that was not added.
#[cold]
#[cfg(feature = "signal")]
pub(crate) fn signal_not_collected(signal: &str) -> io::Error {
    new(ErrorKind::NotFound, format!("{signal} is not collected here: add it first"))
}

/// A signal in words that no loop can hear of.
#[cold]
#[cfg(feature = "signal")]
pub(crate) fn signal_not_collectable(signal: &str, reason: &str) -> io::Error {
    new(ErrorKind::InvalidInput, format!("{signal} cannot be collected: {reason}"))
}

#[cold]
pub(crate) fn no_kinds_of_changes(path: impl Debug) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("no kinds of changes to watch {path:?} for: give at least one, or all by `Kinds::ALL`"),
    )
}

/// A directory that is watched, and whose entries cannot be.
#[cold]
pub(crate) fn directory_not_read(path: impl Debug, error: &io::Error) -> io::Error {
    new(
        error.kind(),
        format!("the directories in {path:?} cannot be watched, for it cannot be read: {error}"),
    )
}

#[cold]
pub(crate) fn receiver_gone() -> io::Error {
    new(
        ErrorKind::BrokenPipe,
        "the receiver of the channel was dropped, and the message can reach nothing: stop sending",
    )
}

/// An address that stands for nothing.
#[cold]
pub(crate) fn address_not_found(address: impl Debug, cause: &io::Error) -> io::Error {
    new(
        cause.kind(),
        format!("{address:?} is no address: {cause}; give one like 127.0.0.1:80, [::1]:80 or localhost:80"),
    )
}

/// An address that cannot be used, for a reason that the system gave.
#[cold]
pub(crate) fn address_unusable(address: impl Debug, cause: &io::Error) -> io::Error {
    new(cause.kind(), format!("{address:?} cannot be used: {cause}"))
}

/// Addresses that have all failed, each with its error.
#[cold]
pub(crate) fn connect_failed(failures: &[(SocketAddr, io::Error)]) -> io::Error {
    match failures.last() {
        Some((_, error)) => new(
            final_kind(error.kind()),
            format!("no connection: {}", failures.iter().map(failure).collect::<Vec<_>>().join("; ")),
        ),
        None => new(ErrorKind::InvalidInput, "no connection: there are no addresses, give at least one"),
    }
}

/// The kind of an error that ends something: not one by which a program would try again what is
/// over.
fn final_kind(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => ErrorKind::Other,
        kind => kind,
    }
}

/// Addresses of which some have not answered in time, and some may have failed.
#[cold]
pub(crate) fn connect_timed_out(
    silent: impl Iterator<Item = SocketAddr>,
    failures: &[(SocketAddr, io::Error)],
    timeout: Duration,
) -> io::Error {
    let silent = silent.map(|address| format!("{address}: no answer"));
    let all = silent.chain(failures.iter().map(failure)).collect::<Vec<_>>().join("; ");
    new(ErrorKind::TimedOut, format!("no connection within {timeout:?}: {all}"))
}

/// A Unix listener that has taken no connection for so long.
#[cold]
#[allow(dead_code, reason = "only Unix listeners tell that they are full")]
pub(crate) fn queue_is_full(address: impl Debug, passed: Duration) -> io::Error {
    new(
        ErrorKind::TimedOut,
        format!("the queue of the listener at {address:?} was full for {passed:?}: is it accepting?"),
    )
}

fn failure((address, error): &(SocketAddr, io::Error)) -> String {
    format!("{address}: {error}")
}

/// Too many bytes for an output buffer, in which some wait.
#[cold]
pub(crate) fn output_full(bytes: usize, waiting: usize, limit: usize) -> io::Error {
    new(
        ErrorKind::StorageFull,
        format!(
            "{bytes} bytes are too many for an output buffer with a limit of {limit} in which {waiting} wait: \
             write those first, or give the peer up"
        ),
    )
}

/// An option with its value that the system refused, or does not have.
#[cold]
pub(crate) fn socket_option_refused(option: impl Display, cause: &io::Error) -> io::Error {
    let text = match cause.kind() {
        ErrorKind::Unsupported => format!("{option} is an option that this system lacks: leave it out here"),
        ErrorKind::PermissionDenied => format!("{option} was refused, it needs a privilege: {cause}"),
        _ => format!("{option} was refused: {cause}"),
    };
    new(cause.kind(), text)
}

/// An option of sockets of another kind than the one in words.
#[cold]
pub(crate) fn socket_option_misplaced(option: impl Display, socket: &str) -> io::Error {
    new(ErrorKind::InvalidInput, format!("{option} means nothing to a {socket}: leave it out for this one"))
}

#[cold]
pub(crate) fn channel_full() -> io::Error {
    new(ErrorKind::WouldBlock, "the channel has no room for the message: send it again later")
}

/// An error with a text of our own.
fn new(kind: ErrorKind, text: impl Into<String>) -> io::Error {
    io::Error::new(kind, text.into())
}
