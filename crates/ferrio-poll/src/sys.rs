//! The operating systems, and what each must provide.
//!
//! This file and those below it are the only ones that know an operating system
//! by name, and the list of systems that share a folder stands here, once for each folder. To
//! add a system, write a `system.rs` with the items below; to add a backend to a system, write
//! one file with a `Selector` of the shape below and add it to that system's `selector`. Then
//! run the contract suite on it.
//!
//! The types in this folder that belong to no system are `arrival`, [`backend`],
//! [`capabilities`], [`datagram`], [`job_change`], [`queued`], [`raw`], [`selected`] and
//! [`socket_option`]: the words in which a system is asked and answers. [`absent`] has what
//! several systems lack, and `plain_datagrams` is `datagrams` by the calls of std.
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
//!   (`tcp_listener`, `tcp_accept`, `tcp_stream`, `udp`) and with the options of
//!   [`Settings`](socket_option::Settings), of which one that the system lacks is `Unsupported`;
//!   `Reserve`, a descriptor kept for a shortage; `send` and `send_vectored`, which
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
//! - `calls` and, with the feature `signal`, `signals`: what it has beyond other Unixes in
//!   calls that they share; `options` and `socket_extras`, options of sockets that not all have;
//!   `datagram_names`, where `datagrams` knows more than std; `message_layout`, how the memory of
//!   control messages and addresses is laid out; `READ_HANGUP`, the bit of poll(2) for a peer that sends no more.
//! - `descriptor`: the one way from a raw descriptor to a borrowed one.
//! - `pipe`, `unix_socket`: pipes and Unix sockets, made as `socket` makes its own.
//! - `inherited`: `take`, the descriptors that whoever started this process left open for it, and
//!   the `kind` of each.
//! - `ancillary`: control data for whoever calls recvmsg(2) and sendmsg(2) by another way; the
//!   `credentials` in it, and how `write_ecn` asks for a mark of a family that is not known.
//! - `packets`: `send` and `receive`, of one record of a Unix socket.
//! - `peer`: the `credentials` of the process at the other end of a Unix socket, and its `pidfd`.
//! - `passing`: `send` and `receive` with descriptors, and the `Memory` that a receive of them
//!   needs.
//! - `socket_file`: `bind` with a mode, the `identity` of a socket file of this user, and whether
//!   it `is_in_use`.
//! - `copying`: bytes that are moved inside the kernel (`splice`, `send_file`).
//! - `zero_copy`: `enable` and `send`, of bytes that the kernel reads where they are.
//! - `epoll_flags`, `busy_poll`: the parameters of what `os::linux` offers.
//! - of its `Selector`: `kqueue()`, which is `Unsupported` where the kernel has none;
//!   `descriptor()`, which becomes readable when the selector has
//!   something to report, and where it does not `wait_beside(.., beside, ..)`, which waits for
//!   other descriptors as well; `wake_descriptor()`, the eventfd behind `signal` if writing to it
//!   ends a wait; `register_flags(fd, token, flags)`, `reregister_flags(..)`,
//!   `set_busy_poll(parameters)` and `busy_poll()`, which are `Unsupported` but on Linux and
//!   Android.
//!
//! # What Windows provides beyond that
//!
//! - `message_layout`, `datagram_names` and `ancillary`, as on Unix; the last has `recv_message` and
//!   `send_message` too.
//! - `waitable`: `Waitable`, an object that can be waited for, of either kind of reset, as a
//!   source; `try_wait` would block unless it is signalled.
//! - `pipe`: `create`, `open`, `disconnect`, `read_messages` and what sorts their errors;
//!   `Options`, and the `Descriptor` of who may use a pipe.
//! - `overlapped`: the operations of pipes (`Operation`), with the `Memory` that they own until
//!   they have landed and the `Owner` who is told then; `Inbox`, which takes the packets of
//!   operations that a program starts itself.
//! - `status::error`: the error that a status of the kernel stands for.
//! - `beside`: `Beside`, the sockets that a parker waits for besides.
//! - of its `Selector`: `beside()`, which makes that; `wait_beside(.., beside, ..)`, which ends
//!   also when one of those is ready, and `look_beside(scratch, beside)`, which gives no events;
//!   `adopt(file)`, after which `start(operation, file, owner, memory)` and `cancel(id)` may be
//!   used; `open_inbox(inbox)`, `associate(file, number)` and `close_inbox(number)`. Both kinds of
//!   packets are taken from the port by `wait`.

pub(crate) mod absent;
#[cfg(feature = "signal")]
pub(crate) mod arrival;
pub(crate) mod backend;
pub(crate) mod capabilities;
pub(crate) mod datagram;
#[cfg(all(any(target_os = "android", target_os = "illumos", target_os = "linux"), not(ferrio_fake_kqueue)))]
pub(crate) mod epoll;
#[cfg(any(unix, target_os = "wasi"))]
pub(crate) mod fd_impls;
pub(crate) mod job_change;
#[cfg(any(unix, all(windows, not(ferrio_check_unsupported))))]
#[allow(dead_code, reason = "not every system has all of it")]
pub(crate) mod messages;
#[allow(dead_code, reason = "most systems have more")]
pub(crate) mod plain_datagrams;
pub(crate) mod queued;
pub(crate) mod raw;
#[cfg(unix)]
mod raw_option;
pub(crate) mod selected;
pub(crate) mod socket_option;

#[cfg(unix)]
pub(crate) mod unix;

// Where no list has the system, this is `sys/system.rs`, which is an error that says so.
#[cfg_attr(
    all(any(target_os = "android", target_os = "linux"), not(ferrio_fake_kqueue)),
    path = "sys/linux/system.rs"
)]
#[cfg_attr(
    any(
        target_vendor = "apple",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        ferrio_fake_kqueue,
    ),
    path = "sys/bsd/system.rs"
)]
#[cfg_attr(target_os = "illumos", path = "sys/illumos/system.rs")]
#[cfg_attr(
    any(target_os = "emscripten", target_os = "haiku", target_os = "redox", target_os = "solaris",),
    path = "sys/posix/system.rs"
)]
#[cfg(any(unix, not(any(windows, target_os = "wasi", ferrio_check_unsupported))))]
mod system;

// The tests of kqueue run on Linux too, on a model of a kernel.
#[cfg(all(test, target_os = "linux", not(any(ferrio_fake_kqueue, ferrio_loom))))]
mod bsd {
    #[allow(dead_code, reason = "its tests do not use all of it")]
    mod kqueue;
}

#[cfg(all(target_os = "wasi", not(ferrio_check_unsupported)))]
mod wasi;

#[cfg(all(ferrio_check_unsupported, not(unix)))]
mod unsupported;
// The state machine of Windows, and its tests, know no Windows.
#[cfg(all(any(windows, test), not(ferrio_check_unsupported)))]
mod windows;

// One of the systems above, which names the items of the contract as it calls them.
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
    CANDIDATES, child, datagrams, error_queue, event, event::Event, fork, handle, hooks, selector, socket,
    wall_timer, watch,
};
#[cfg(all(windows, not(ferrio_check_unsupported)))]
pub(crate) use system::{ancillary, beside, message_layout, overlapped, pipe, status};
#[cfg(unix)]
pub(crate) use {
    system::{copying, peer, pipe, unix_socket, zero_copy},
    unix::{
        ancillary, busy_poll, descriptor, epoll_flags, inherited, message_layout, packets, passing,
        socket_file,
    },
};

#[cfg(all(target_os = "wasi", target_feature = "atomics", not(ferrio_check_unsupported)))]
compile_error!(
    "ferrio-poll has no backend for WASI with threads, where a wake cannot end a wait: build for wasm32-wasip1"
);
