//! The operating systems, and what each must provide.
//!
//! This file and those below it are the only ones that know an operating system
//! by name, and the lists of systems stand here. To add a system, write a
//! module with the items below; to add a backend to a system, write one file with
//! a `Selector` of the shape below and add it to that system's `selector`. Then
//! run the contract suite on it.
//!
//! The types in this folder that belong to no system are `arrival`, [`backend`],
//! [`capabilities`], [`datagram`], [`job_change`], [`queued`], [`raw`] and [`selected`]: the words in
//! which a system answers.
//!
//! # What a system provides
//!
//! - `CANDIDATES`: its backends, the best first.
//! - `handle`: `AsSource`, the trait of what can be watched; `Handle`, what such a thing
//!   shows to a selector, and `of`, which gets it;
//!   `is_blocking`, for the warning of debug builds; `Place`, what a registered source
//!   remembers of its registration, zero-sized on Unix; the macros `object_impls` and
//!   `owner_impls`, which give a source type the system's own traits.
//! - `event`: the type `Event` as the kernel writes it, an `EMPTY` one, `CAPACITY_MAX`,
//!   the most of them that one wait can ask for, `new` to make one for a token that is readable or writable
//!   or both, one function for each public method of
//!   [`Event`](crate::event::Event), and `details` for its alternate `Debug`.
//! - `selector`: `Selector`, one `match` per method over the backends, and
//!   `Scratch`, the memory that one Poll lends to its waits.
//! - `hooks`: `rearm`, called when an operation of a source ran short or would block;
//!   `touch`, called when one ended in a way that says nothing of what is left; `forget`, called before its handle is closed; `release`, called when a source is taken
//!   apart and its handle lives on. Each costs one relaxed load unless a backend needs it.
//! - `socket`: std's socket types, made with close-on-exec and non-blocking set atomically
//!   (`tcp_listener`, `tcp_accept`, `tcp_stream`, `udp`); `send` and `send_vectored`, which
//!   raise no SIGPIPE; `BUFFERS_MAX`, how many buffers one call takes; `only_v6`;
//!   `is_of_the_connection` and `is_shortage`, which sort the errors of `accept`.
//! - `datagrams`: many datagrams by one call: `Inbound`, memory into which `receive` takes them,
//!   each a `Message`; `Outbound`, memory with which `send` sends from the front of some
//!   transmits, says how many datagrams went out, and divides what the kernel refuses to divide;
//!   `set_facility` and `facility`, what a socket tells of each datagram; `segments_max`.
//! - `error_queue`: `Memory`, into which `receive` takes an entry of the error queue of a source.
//! - `fork`: `watch` has forks of this process counted, `generation` is the count.
//! - `child`: `Exit`, which is readable once a process has exited: `open` takes a child of this
//!   process, `open_any` any process, of which only `has_exited` may be asked. `peek` gives the
//!   status of a child and leaves it to be waited for, `reap` waits for it; `take_job_change`
//!   takes a stop of it. They would block while there is nothing to tell, and none of them
//!   takes what it does not report.
//! - `watch`: `Watcher`, which is readable when a watched path changed, with `add` and
//!   `remove`; the bit of each kind of change and of each way to add, and `UNTOLD`, the kinds that
//!   the system cannot tell; `Records`, which reads changes through one
//!   buffer and gives each of them once.
//! - `wall_timer`: `Timer`, which is readable at a time of the wall clock and when that
//!   clock was set; `arm`, `disarm`, and `read`, which tells the two apart by a `Reading`;
//!   `BootTimer`, which is readable after a span of time that goes on in a suspend.
//! - `signal`, with the feature of that name: the numbers of signals; `listen`, which calls
//!   a closure for each arrival until the `Listening` it returns is dropped, and refuses
//!   signals that no loop can hear of; `ensure_handled`, which undoes a `restore_default` of a
//!   signal that is listened for; `restore_default`, `is_ignored` and `raise`; `describe`,
//!   which names a signal.
//!
//! # What a backend's `Selector` provides
//!
//! - `new(backend)`: close-on-exec is set atomically. What `signal` needs is made here, so
//!   that waking never fails for lack of a descriptor.
//! - `register(handle, place, token, interest, mode)`, `reregister(..)`,
//!   `deregister(handle, place)`: act at once, from any thread, also while another thread
//!   sleeps in `wait`. All bits of a token are the user's. `register` fails with
//!   `AlreadyExists` for a handle that is registered here, the others with `NotFound` for
//!   one that is not; a regular file is `PermissionDenied`; an interest or mode that the
//!   backend lacks is `Unsupported`. Once `deregister` has returned no later
//!   `wait` reports the token; for a closed handle it fails, whether or not the
//!   registration could be removed.
//! - `signal()`: makes the current `wait` return, or else the next; never blocks.
//! - `wait(scratch, events, timeout)`: waits until a registered source is ready, a
//!   signal arrives or the time is over. Writes at most `events.len()` events, which is not
//!   0, takes its own wake event out of them, and returns a
//!   [`Selected`](selected::Selected): their number, and whether a signal ended the wait. No
//!   event is written twice. Fails with `Interrupted` only; poll(2) also with `InvalidInput`
//!   for more sources than the limit of open descriptors, WASI with `Unsupported` for a wait
//!   that nothing could end.
//! - `capabilities()`: what the backend can do.
//!
//! # What a Unix provides beyond that
//!
//! - `descriptor`: the one way from a raw descriptor to a borrowed one.
//! - `pipe`, `unix_socket`: pipes and Unix sockets, made as `socket` makes its own.
//! - `epoll_flags`, `busy_poll`: the parameters of what `os::linux` offers.
//! - of its `Selector`: `kqueue()`, which is `Unsupported` where the kernel has none;
//!   `descriptor()`, which becomes readable when the selector has
//!   something to report; `wake_descriptor()`, the eventfd behind `signal` if writing to it
//!   ends a wait; `register_flags(fd, token, flags)`, `reregister_flags(..)`,
//!   `set_busy_poll(parameters)` and `busy_poll()`, which are `Unsupported` where the kernel
//!   has no epoll.
//!
//! # What Windows provides beyond that
//!
//! - `waitable`: `Waitable`, an object that can be waited for, of either kind of reset, as a
//!   source; `try_wait` would block unless it is signalled.
//! - `pipe`: `create`, `open`, `disconnect`, `read_messages` and what sorts their errors;
//!   `Options`, and the `Descriptor` of who may use a pipe.
//! - `overlapped`: the operations of pipes (`Operation`), with the `Memory` that they own until
//!   they have landed and the `Owner` who is told then; `Inbox`, which takes the packets of
//!   operations that a program starts itself.
//! - `status::error`: the error that a status of the kernel stands for.
//! - of its `Selector`: `adopt(file)`, after which `start(operation, file, owner, memory)` and
//!   `cancel(id)` may be used; `open_inbox(inbox)`, `associate(file, number)` and
//!   `close_inbox(number)`. Both kinds of packets are taken from the port by `wait`.

#[cfg(feature = "signal")]
pub(crate) mod arrival;
pub(crate) mod backend;
pub(crate) mod capabilities;
pub(crate) mod datagram;
#[cfg(any(unix, target_os = "wasi"))]
pub(crate) mod fd_impls;
pub(crate) mod job_change;
pub(crate) mod queued;
pub(crate) mod raw;
pub(crate) mod selected;

#[cfg(unix)]
pub(crate) mod unix;

// What tells of a datagram, where the bindings have it.
#[cfg(any(
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
))]
#[path = "sys/bsd_datagrams.rs"]
mod datagram_names;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "sys/linux_datagrams.rs"]
mod datagram_names;

#[cfg(any(
    target_os = "android",
    target_os = "linux",
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
))]
pub(crate) mod datagrams;
#[cfg(not(any(
    target_os = "android",
    target_os = "linux",
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
)))]
#[path = "sys/plain_datagrams.rs"]
pub(crate) mod datagrams;
// Its own tests run on Linux too.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "sys/linux_error_queue.rs"]
pub(crate) mod error_queue;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "sys/error_queue_absent.rs"]
pub(crate) mod error_queue;
#[cfg(any(
    target_os = "android",
    target_os = "linux",
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
))]
mod messages;
#[cfg(all(test, target_os = "linux"))]
#[allow(dead_code, reason = "its tests do not use all of it")]
mod plain_datagrams;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux_calls;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
#[path = "sys/linux_calls_absent.rs"]
mod linux_calls;
#[cfg(all(feature = "signal", any(target_os = "linux", target_os = "android")))]
mod linux_signals;
#[cfg(all(
    feature = "signal",
    unix,
    not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "emscripten",
        target_os = "haiku",
        target_os = "redox"
    ))
))]
#[path = "sys/linux_signals_absent.rs"]
mod linux_signals;

#[cfg(all(any(target_os = "linux", target_os = "android"), not(ferrio_fake_kqueue)))]
mod linux;

#[cfg(any(
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    ferrio_fake_kqueue,
))]
mod bsd;
// On Linux its tests run on a model of a kernel.
#[cfg(any(
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    ferrio_fake_kqueue,
    all(test, target_os = "linux", not(ferrio_loom)),
))]
#[cfg_attr(
    all(target_os = "linux", not(ferrio_fake_kqueue)),
    allow(dead_code, reason = "its tests do not use all of it")
)]
mod kqueue;

#[cfg(any(
    target_os = "emscripten",
    target_os = "haiku",
    target_os = "hurd",
    target_os = "illumos",
    target_os = "redox",
    target_os = "solaris",
))]
mod posix;

#[cfg(all(target_os = "wasi", not(ferrio_check_unsupported)))]
mod wasi;

#[cfg(all(ferrio_check_unsupported, not(unix)))]
mod unsupported;
#[cfg(all(any(windows, test), not(ferrio_check_unsupported)))]
mod windows;

// One of the systems above, which names the items of the contract as it calls them.
#[cfg(any(
    target_vendor = "apple",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    ferrio_fake_kqueue,
))]
use bsd as system;
#[cfg(all(any(target_os = "linux", target_os = "android"), not(ferrio_fake_kqueue)))]
use linux as system;
#[cfg(any(
    target_os = "emscripten",
    target_os = "haiku",
    target_os = "hurd",
    target_os = "illumos",
    target_os = "redox",
    target_os = "solaris",
))]
use posix as system;
#[cfg(all(ferrio_check_unsupported, not(unix)))]
use unsupported as system;
#[cfg(all(target_os = "wasi", not(ferrio_check_unsupported)))]
use wasi as system;
#[cfg(all(windows, not(ferrio_check_unsupported)))]
use windows as system;

#[cfg(feature = "signal")]
pub(crate) use system::signal;
#[cfg(windows)]
pub(crate) use system::waitable;
pub(crate) use system::{
    CANDIDATES, child, event, event::Event, fork, handle, hooks, selector, socket, wall_timer, watch,
};
#[cfg(all(windows, not(ferrio_check_unsupported)))]
pub(crate) use system::{overlapped, pipe, status};
#[cfg(unix)]
pub(crate) use {
    system::{pipe, unix_socket},
    unix::{busy_poll, descriptor, epoll_flags},
};

#[cfg(not(any(
    target_vendor = "apple",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "emscripten",
    target_os = "freebsd",
    target_os = "haiku",
    target_os = "hurd",
    target_os = "illumos",
    target_os = "linux",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "redox",
    target_os = "solaris",
    target_family = "wasm",
    windows,
    ferrio_check_unsupported,
)))]
compile_error!("ferrio-poll has no backend for this system; the README's platform table says which it has");

#[cfg(all(
    target_family = "wasm",
    not(any(target_os = "emscripten", target_os = "wasi", ferrio_check_unsupported)),
))]
compile_error!(
    "ferrio-poll has no backend for WebAssembly in a browser, where nothing may wait: build for wasm32-wasip1"
);

#[cfg(all(target_os = "wasi", target_feature = "atomics", not(ferrio_check_unsupported)))]
compile_error!(
    "ferrio-poll has no backend for WASI with threads, where a wake cannot end a wait: build for wasm32-wasip1"
);
