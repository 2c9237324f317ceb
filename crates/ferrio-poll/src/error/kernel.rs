//! What a kernel refuses, in words. The code of the kernel becomes a cause in `sys`.
#![allow(dead_code, reason = "which of these refusals there are depends on the system")]

use std::fmt::Debug;
use std::io::{self, ErrorKind};

use crate::error::new;
use crate::interest::Interest;

#[cold]
pub(crate) fn descriptor_registered() -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        "the descriptor is registered with this Poll already: use reregister to change its token or interest",
    )
}

#[cold]
pub(crate) fn descriptor_missing() -> io::Error {
    new(
        ErrorKind::NotFound,
        "the descriptor is not registered with this Poll: register it first, and deregister before closing it",
    )
}

/// A socket that AFD saw close.
#[cold]
pub(crate) fn socket_closed() -> io::Error {
    new(
        ErrorKind::NotFound,
        "the socket was closed while it was registered, which ended the registration: deregister a source \
         before closing what it is made of",
    )
}

#[cold]
pub(crate) fn not_pollable() -> io::Error {
    new(
        ErrorKind::PermissionDenied,
        "a file of this kind (a regular one, a directory, a device like /dev/null) is always ready and cannot \
         be watched: read or write it directly, on a thread of its own if it may be slow",
    )
}

#[cold]
pub(crate) fn poll_in_poll() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "a Poll cannot watch itself, nor be nested in a circle or more than five deep",
    )
}

#[cold]
pub(crate) fn exclusive_unchangeable() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "a registration with EPOLLEXCLUSIVE cannot be changed: deregister it and register it anew",
    )
}

#[cold]
pub(crate) fn aio_not_watched(interest: Interest) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "interest {interest:?} cannot be watched: AIO of Linux ends on an eventfd, whose descriptor is \
             registered as READABLE, and that of a BSD in the kqueue that the request names, see `os::bsd`"
        ),
    )
}

#[cold]
pub(crate) fn aio_on_windows(interest: Interest) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "interest {interest:?} cannot be watched on Windows, which has no POSIX AIO: use READABLE or WRITABLE"
        ),
    )
}

#[cold]
pub(crate) fn object_only_readable(interest: Interest) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!("interest {interest:?}: an object that can be waited for is READABLE, and nothing else"),
    )
}

/// What only a kqueue has.
#[cold]
pub(crate) fn only_kqueue() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "the backend of this Poll is no kqueue: build the Poll with Backend::Kqueue, on one of Apple's systems or \
         a BSD",
    )
}

/// Something that only epoll has.
#[cold]
pub(crate) fn only_epoll(what: &str) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!("the backend of this Poll has no {what}: build the Poll with Backend::Epoll, on Linux"),
    )
}

/// Raw flags that epoll_ctl(2) refuses.
#[cold]
pub(crate) fn flags_refused(flags: impl Debug) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "the kernel refuses the flags {flags:?}: EPOLLEXCLUSIVE goes with EPOLLIN, EPOLLOUT, EPOLLWAKEUP \
             and EPOLLET only, on a first registration that is not of another epoll instance"
        ),
    )
}

#[cold]
pub(crate) fn wakeup_without_capability() -> io::Error {
    new(
        ErrorKind::PermissionDenied,
        "EPOLLWAKEUP needs CAP_BLOCK_SUSPEND, without which the kernel ignores it: grant it, or leave the \
         flag out",
    )
}

/// Sixteen tokens from `first` on, one of which the wake descriptor needs.
#[cold]
pub(crate) fn wake_marks_used_up(first: u64) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("the tokens {first} to {} are all in use; the Poll needs one of them free", first + 15),
    )
}

#[cold]
pub(crate) fn busy_poll_too_old() -> io::Error {
    new(ErrorKind::Unsupported, "this kernel has no busy polling for epoll: it needs Linux 6.9")
}

#[cold]
pub(crate) fn busy_poll_not_built() -> io::Error {
    new(ErrorKind::Unsupported, "this kernel was built without CONFIG_NET_RX_BUSY_POLL")
}

#[cold]
pub(crate) fn busy_poll_too_long(micros: u32) -> io::Error {
    new(ErrorKind::InvalidInput, format!("busy polling for {micros} us: at most {} are possible", i32::MAX))
}

#[cold]
pub(crate) fn busy_poll_budget(budget: u16) -> io::Error {
    new(
        ErrorKind::PermissionDenied,
        format!("a busy poll budget of {budget} packets: more than 64 needs CAP_NET_ADMIN"),
    )
}

#[cold]
pub(crate) fn no_process(pid: u32) -> io::Error {
    new(ErrorKind::NotFound, format!("there is no process {pid}: watch a child before anybody waits for it"))
}

#[cold]
pub(crate) fn no_process_id(pid: u32) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("{pid} is not the id of a process, as that of a thread is not: give that of a child"),
    )
}

#[cold]
pub(crate) fn no_pidfd(pid: u32) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "process {pid} cannot be watched, for Linux before 5.4 and some sandboxes have no pidfd for it: \
             wait for the child in a thread that wakes the Poll"
        ),
    )
}

/// A system on which no child can be watched.
#[cold]
pub(crate) fn no_child_events(pid: u32, system: &str) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "process {pid} cannot be watched on {system} yet: wait for the child in a thread that wakes the Poll"
        ),
    )
}

#[cold]
pub(crate) fn not_a_child(pid: u32) -> io::Error {
    new(
        ErrorKind::PermissionDenied,
        format!(
            "process {pid} is not a child of this process, which alone is told how it exits: start it from \
             here, or ask its parent"
        ),
    )
}

#[cold]
pub(crate) fn child_waited_for(pid: u32) -> io::Error {
    new(
        ErrorKind::NotFound,
        format!(
            "child {pid} was waited for already, and its status went there: ask before, or leave the waiting \
             to `reap`; a program that ignores SIGCHLD is told no status at all"
        ),
    )
}

/// A system for which there is no backend.
#[cold]
pub(crate) fn unsupported_system() -> io::Error {
    new(ErrorKind::Unsupported, "ferrio-poll has no backend for this system")
}

/// A process that need not be a child.
#[cold]
pub(crate) fn no_such_process(pid: u32) -> io::Error {
    new(
        ErrorKind::NotFound,
        format!("there is no process {pid}: it has exited and was waited for, or the number is wrong"),
    )
}

#[cold]
pub(crate) fn not_a_process_id(pid: u32) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!(
            "{pid} is not the id of a process, as that of a thread is not: give that of its first thread"
        ),
    )
}

#[cold]
pub(crate) fn no_process_events(pid: u32) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "process {pid} cannot be watched, for Linux before 5.3 and some sandboxes have no pidfd for it: \
             look for it at intervals, or keep a pipe open that it closes when it exits"
        ),
    )
}

/// A signal in words that no program can use.
#[cold]
pub(crate) fn no_such_signal(signal: &str, reason: &str) -> io::Error {
    new(ErrorKind::InvalidInput, format!("{signal} has no action and cannot be raised: {reason}"))
}

/// A handle that no Poll can watch, with what the system says of it.
#[cold]
pub(crate) fn not_waitable(error: &io::Error) -> io::Error {
    new(
        error.kind(),
        format!(
            "the handle cannot be waited for ({error}): give that of an event, a process, a thread, a timer or \
             a semaphore, with the access right SYNCHRONIZE"
        ),
    )
}

/// A process of another user, or one that the system protects.
#[cold]
pub(crate) fn process_not_opened(pid: u32) -> io::Error {
    new(
        ErrorKind::PermissionDenied,
        format!(
            "process {pid} may not be watched: it is another user's or protected, and this process lacks the \
             right to open it"
        ),
    )
}

/// A kqueue that gives no receipts.
#[cold]
pub(crate) fn kqueue_without_receipts() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "the kernel gives no receipts for changes of a kqueue (EV_RECEIPT): NetBSD has them from version 10 \
         on; build the Poll with Backend::Poll2",
    )
}

/// A kqueue in a child of fork(2).
#[cold]
pub(crate) fn kqueue_of_parent() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this process was forked off from the one that made the Poll, and a kqueue stays with its parent: make \
         a new Poll in the child",
    )
}

/// A device that a kqueue does not take.
#[cold]
pub(crate) fn device_refused() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "the kernel cannot watch this device by a kqueue: in place of /dev/tty open the terminal by the path \
         that ttyname(3) gives for the standard input, or build the Poll with Backend::Poll2",
    )
}

#[cold]
pub(crate) fn priority_absent(interest: Interest) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "interest {interest:?} cannot be watched here, for the kqueue of this system does not report urgent \
             data: build the Poll with Backend::Poll2"
        ),
    )
}

/// A clock that counts suspends is missing.
#[cold]
pub(crate) fn no_boot_clock() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "no clock of this system counts suspends: use a WallTimer, which is readable after each, or a Timer",
    )
}

/// A system without timers of other clocks than the monotonic one.
#[cold]
pub(crate) fn no_wall_timers() -> io::Error {
    new(
        ErrorKind::Unsupported,
        "this system has no timer of the wall clock, nor of one that counts suspends, that can be waited for: use a \
         Timer, and look at the clock when it is due",
    )
}

/// A system whose signals are not collected.
#[cold]
pub(crate) fn no_signals() -> io::Error {
    new(ErrorKind::Unsupported, "signals are not collected on this system yet: handle them by sigaction(2)")
}

#[cold]
pub(crate) fn signal_handler_unknown(signal: i32) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "signal {signal} has a handler that other code registered, and other code has set its default \
             action since: collect the signal before that, or give it back by `restore_default`"
        ),
    )
}

/// Something that a socket could be asked for elsewhere.
#[cold]
pub(crate) fn facility_absent(what: &str) -> io::Error {
    new(
        ErrorKind::Unsupported,
        format!(
            "{what} is not there on this system: do without, or see where it is in the docs of the method"
        ),
    )
}

/// An entry of an error queue that names no cause of a known kind.
#[cold]
pub(crate) fn unknown_queue_entry() -> io::Error {
    new(
        ErrorKind::InvalidData,
        "an entry of the error queue is of a kind that ferrio-poll does not know, and was dropped: take the next",
    )
}
