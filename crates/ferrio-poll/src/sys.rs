//! The operating systems, and what each must provide.
//!
//! This file and those below it are the only ones that know an operating system
//! by name, and each list of systems stands here once. To add a system, write a
//! module with the items below; to add a backend to a system, write one file with
//! a `Selector` of the shape below and add it to that system's `selector`. Then
//! run the contract suite on it.
//!
//! # What a system provides
//!
//! - `event`: the type `Event` as the kernel writes it, an `EMPTY` one, `CAPACITY_MAX`,
//!   the most of them that one wait can ask for, `readable`
//!   to make one for a token, one function for each public method of
//!   [`Event`](crate::event::Event), and `details` for its alternate `Debug`.
//! - `backend`: the public `Backend`, with its candidates and its default.
//! - `selector`: `Selector`, one `match` per method over the backends, and
//!   `Scratch`, the memory that one Poll lends to its waits.
//! - `selected`: `Selected`, what a wait found once the wake descriptor is taken out.
//! - `hooks`: `rearm`, called when an operation of a socket or pipe ran short or
//!   would block, and `forget`, called before its descriptor is closed. Each is one
//!   relaxed load unless a backend needs it.
//! - `descriptor`: the one way from a raw descriptor to a borrowed one.
//! - `socket`, `unix_address`, `pipe`: descriptors made with close-on-exec and
//!   non-blocking set atomically, and writes that raise no SIGPIPE.
//! - `fork`: `watch` has forks of this process counted, `generation` is the count.
//! - `child`: a descriptor that is readable once a child process has exited; `peek`
//!   gives its status and leaves it to be waited for, `reap` waits for it. Both would
//!   block while it runs.
//! - `watch`: a descriptor that is readable when a watched path changed, `add` and
//!   `remove` for its watches, the bit of each kind of change, and `Records`, which
//!   reads changes through one buffer and gives each of them once.
//! - `wall_timer`: a descriptor that is readable at a time of the wall clock and when
//!   that clock was set; `arm`, `disarm`, and `read`, which tells the two apart.
//! - `signal`, with the feature of that name: the numbers of signals, `check`, which
//!   refuses those that no loop can hear of, `origin`, which tells who sent one and is
//!   safe in a handler, and `describe`, which names one.
//!
//! # What a backend's `Selector` provides
//!
//! - `new()`: close-on-exec is set atomically.
//! - `register(fd, token, interest, mode)`, `reregister(..)`, `deregister(fd)`: act
//!   at once, from any thread, also while another thread sleeps in `wait`. All
//!   bits of a token are the user's. `register` fails with `AlreadyExists` for a
//!   descriptor that is registered here, the others with `NotFound` for one that is
//!   not; a regular file is `PermissionDenied`; an interest or mode that the
//!   backend lacks is `Unsupported`. Once `deregister` has returned no later
//!   `wait` reports the token; for a closed descriptor it fails, whether or not the
//!   registration could be removed.
//! - `register_flags(fd, token, flags)`, `reregister_flags(..)`: the same with the flags
//!   of epoll_ctl(2); `set_busy_poll(parameters)`, `busy_poll()`: have the kernel poll
//!   devices. `Unsupported` where it cannot.
//! - `open_wake()`: makes the wake descriptor ready for use; may be called again.
//! - `signal()`: makes the current `wait` return, or else the next; never blocks.
//! - `wait(scratch, events, timeout)`: waits until a registered source is ready, a
//!   signal arrives or the time is over, and writes at most `events.len()` events; one
//!   of them may be the wake descriptor's. Fails with `Interrupted`, and with
//!   `InvalidInput` if `events` has no room; poll(2) also for more sources than the
//!   limit of open descriptors.
//! - `take_wake(scratch, events, count)`: takes the event of the wake descriptor out of
//!   what `wait` wrote, and tells whether there was one. Called after each `wait` that
//!   gave a count, unless `open_wake` was never called.
//! - `is_woken(scratch, events, count)`: whether there is one; where there is none,
//!   `take_wake` need not be called.
//! - `descriptor()`: what becomes readable when the selector has something to
//!   report.
//! - `capabilities()`: what the backend can do.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::{
    backend, child, descriptor, event, event::Event, fork, hooks, inotify as watch, pipe, selected, selector,
    socket, timer_fd as wall_timer, unix_address,
};

#[cfg(all(feature = "signal", any(target_os = "linux", target_os = "android")))]
pub(crate) use linux::signal;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
compile_error!(
    "ferrio-poll runs on Linux and Android so far; the README's platform table says what is planned"
);
