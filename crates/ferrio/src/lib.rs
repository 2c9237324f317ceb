//! A metal I/O engine: one thread waits for thousands of sockets, pipes, timers, signals and
//! messages, and learns which of them are ready.
//!
//! ```
//! use std::io::Write;
//!
//! use ferrio::net::TcpListener;
//! use ferrio::{Events, Interest, Poll, Token};
//!
//! fn main() -> std::io::Result<()> {
//!     let mut poll = Poll::new()?;
//!     let mut events = Events::with_capacity(64);
//!     let mut listener = TcpListener::bind_to("127.0.0.1:0")?;
//!     poll.registry().register(&mut listener, Token(0), Interest::READABLE)?;
//!     // A client connects; here it is this very program.
//!     let _client = std::net::TcpStream::connect(listener.local_addr()?)?;
//!
//!     poll.wait(&mut events, None)?;
//!     for event in &events {
//!         assert_eq!(event.token(), Token(0));
//!         let (mut stream, address) = listener.accept()?;
//!         stream.write_all(b"welcome\n")?;
//!         println!("{address} is connected");
//!     }
//!     Ok(())
//! }
//! ```
//!
//! A program has four parts: a [`Poll`], which waits; *sources*, which are registered with its
//! [`Registry`], each with a [`Token`] and an [`Interest`]; a list of [`Events`]; and a loop
//! that serves what the events name. The book ([`guide`]) explains it, and
//! [its first chapter](guide::getting_started) has a whole server.
//!
//! # What is where
//!
//! | I want | use | chapter | `cargo run --example` |
//! |---|---|---|---|
//! | a TCP server | [`net::TcpListener`], [`net::TcpStream`], [`Sources`] | [getting started](guide::getting_started) | `tcp_server`, `broadcast` |
//! | a server that speaks HTTP | [`buffer::read_available`], [`buffer::OutputBuffer`] | [partial writes](guide::partial_writes) | `http` |
//! | to connect to a server | [`net::TcpStream::connect`] | [getting started](guide::getting_started#connecting) | `broadcast_load`, `proxy` |
//! | to connect to a name with several addresses | [`net::Connector`] | [sockets](guide::sockets#connecting) | |
//! | to accept clients and survive a rush of them | [`net::Acceptor`] | [fairness](guide::fairness#accepting) | `broadcast`, `reuse_port` |
//! | options of sockets, such as a port that several share | [`net::SocketBuilder`] | [sockets](guide::sockets) | `reuse_port` |
//! | two connections that belong together | [`Token::tagged`], [`buffer::OutputBuffer`] | [a proxy](guide::a_proxy) | `proxy` |
//! | a UDP server | [`net::UdpSocket`] | [getting started](guide::getting_started) | `udp_server`, `udp_requests` |
//! | UDP at speed: batches, GSO, GRO, marks, ICMP errors | [`net::udp`], [`net::error_queue`] | [UDP at speed](guide::udp_at_speed) | `gso_sender`, `gso_receiver` |
//! | a server on a Unix socket | [`net::UnixListener`] | [getting started](guide::getting_started) | `unix_server` |
//! | messages between processes, without framing | `net::UnixSeqpacket` | [Unix sockets](guide::unix_sockets_and_descriptors) | `seqpacket` |
//! | to pass descriptors to another process | `net::Descriptors` | [Unix sockets](guide::unix_sockets_and_descriptors) | `pass_descriptors` |
//! | sockets from systemd | `net::activation` | [Unix sockets](guide::unix_sockets_and_descriptors) | `activated` |
//! | to restart without refusing a connection | `net::Descriptors` | [Unix sockets](guide::unix_sockets_and_descriptors) | `restart` |
//! | bytes that stay in the kernel | `net::splice::Splice` | [Unix sockets](guide::unix_sockets_and_descriptors) | `splice_proxy` |
//! | reads that answer `None` for "not now" | [`TryRead`], [`TryWrite`] | [from mio](guide::migrating_from_mio) | `restart` |
//! | to write to clients that read slowly | [`buffer::OutputBuffer`] | [partial writes](guide::partial_writes) | `tcp_server`, `broadcast` |
//! | that no client starves the others | [`buffer::read_available`], [`ReadyList`] | [fairness](guide::fairness) | `broadcast`, `udp_requests` |
//! | to end connections and the loop well | `shutdown`, a deadline | [shutdown](guide::shutdown) | `broadcast`, `http` |
//! | a timeout for each of many connections | [`time::Wheel`], [`Poll::poll_until`] | [timers and signals](guide::timers_and_signals) | `timeouts`, `proxy`, `http` |
//! | a timer, or something at intervals | [`time::Timer`] | [timers and signals](guide::timers_and_signals) | `timer` |
//! | something at a time of day | [`time::WallTimer`] | [timers and signals](guide::timers_and_signals) | `wall_timer` |
//! | signals | [`signal::Signals`][signals] (feature `signal`) | [timers and signals](guide::timers_and_signals) | `signals` |
//! | time that counts while the machine is suspended | [`time::BootTimer`] | [timers and signals](guide::timers_and_signals) | |
//! | the exit of a child process | [`process::ChildExit`] | [timers and signals](guide::timers_and_signals) | `child_exit`, `supervisor` |
//! | the exit of a process that is no child | [`process::ProcessExit`] | [timers and signals](guide::timers_and_signals) | |
//! | what a child process prints | [`unix::pipe::Receiver`] | [a supervisor](guide::a_supervisor) | `supervisor` |
//! | changes of files, or of a whole tree | [`fs::Watch`], [`fs::Watch::add_tree`] | [timers and signals](guide::timers_and_signals) | `watch` |
//! | to wake the loop from another thread | [`Waker`] | [wakers and threads](guide::wakers_and_threads) | `waker` |
//! | messages from other threads | [`user::channel`] | [user events and threads](guide::user_events_and_threads) | `channel` |
//! | room in a bounded channel | [`user::SyncSender::room`] | [user events and threads](guide::user_events_and_threads) | |
//! | long work on a pool of threads | [`user::channel`], a bounded channel of std | [user events and threads](guide::user_events_and_threads) | `worker_pool` |
//! | readiness of something without a descriptor | [`user::source`] | [user events and threads](guide::user_events_and_threads) | `user_event` |
//! | level or oneshot instead of edges | [`Mode`], [`Registry::register_with`] | [modes](guide::modes) | `level`, `oneshot_threads` |
//! | one listener in several threads | [`os::linux::EpollFlags::EXCLUSIVE`] | [modes](guide::modes) | `exclusive` |
//! | any descriptor as a source | [`unix::FdSource`], [`IoSource`] | [sources](guide::sources) | `own_source` |
//! | to ignore events of closed connections | [`Sources`] | [sources](guide::sources) | `stale_events` |
//! | a Poll inside another loop | `Poll::as_fd`, [`Poll::next_deadline`] | [wakers and threads](guide::wakers_and_threads) | `embed` |
//! | counters, busy time, stalls, logs | [`Poll::stats`], [`Poll::timing`], [`Builder::on_stall`] | [statistics](guide::statistics) | `statistics`, `logs` |
//! | another backend, or to know what one can do | [`Backend`], [`Capabilities`] | [portability](guide::portability) | |
//! | to use a Poll after a fork | [`Builder::forbid_fork`] | [user events and threads](guide::user_events_and_threads) | `fork` |
//! | prepare, check and idle phases | the loop itself | [from libev and libuv](guide::migrating_from_libev_and_libuv) | `phases` |
//! | the library to read and write for me | [`proactor`][proactor] (feature `proactor`) | [completion](guide::completion) | `completion_echo` |
//! | a message to thousands of clients by one call | `Proactor::send_all` | [from readiness to completion](guide::from_readiness_to_completion) | `completion_broadcast` |
//! | to read and write files without waiting | `proactor::op::Read`, `Write`, `Splice` | [completion](guide::completion) | `file_copy`, `file_server` |
//! | datagrams by completion | `proactor::op::RecvMsgMany` | [completion](guide::completion) | `udp_echo` |
//! | to convert a loop to completion bit by bit | `Proactor::new` | [from readiness to completion](guide::from_readiness_to_completion) | `adopt` |
//! | operations from other threads | `proactor::Remote` | [completion](guide::completion#other-threads) | `remote` |
//! | to end well with operations under way | `Proactor::shutdown` | [completion](guide::completion#shutting-down) | `drain` |
//! | to know why there is no io_uring | `Proactor::capabilities` | [when io_uring is denied](guide::when_io_uring_is_denied) | |
//! | tokio on Ferrio | one `[patch.crates-io]` line | [from mio](guide::migrating_from_mio) | |
//!
//! # The crates
//!
//! This crate is the one name to depend on. It re-exports the crate `ferrio-poll`, which is the
//! engine, with the feature `proactor` also `ferrio-proactor`, and adds the book. Cargo features
//! and build flags are in [`features`].
//!
// Without the feature there is no such module, and the link leads to the list of features.
#![cfg_attr(feature = "signal", doc = "[signals]: signal::Signals")]
#![cfg_attr(not(feature = "signal"), doc = "[signals]: features")]
//!
#![cfg_attr(feature = "proactor", doc = "[proactor]: crate::proactor")]
#![cfg_attr(not(feature = "proactor"), doc = "[proactor]: features")]

pub mod features;
pub mod guide;

#[doc(inline)]
pub use ferrio_poll::{
    Backend, Builder, BusyPeriod, Capabilities, Events, Interest, IoSource, Mode, Poll, ReadyList, Registry,
    Sources, Stats, Support, Timing, Token, TryRead, TryWrite, VacantEntry, Waker, buffer, event, fs, net,
    process, time, user,
};

#[cfg(feature = "signal")]
#[doc(inline)]
pub use ferrio_poll::signal;

#[doc(inline)]
pub use ferrio_poll::os;

#[cfg(unix)]
#[doc(inline)]
pub use ferrio_poll::unix;

#[cfg(windows)]
#[doc(inline)]
pub use ferrio_poll::windows;

#[cfg(feature = "proactor")]
#[doc(inline)]
pub use ferrio_proactor as proactor;
