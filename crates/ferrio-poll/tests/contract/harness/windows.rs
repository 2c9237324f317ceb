//! The tests' view of Windows: the streams, the handles and the facts of the system.

#![allow(unsafe_code, reason = "a raw socket is adopted, and the system is asked about handles and threads")]

use std::io;
use std::mem::MaybeUninit;
use std::net;
use std::os::windows::io::{AsRawSocket, FromRawSocket, IntoRawSocket, OwnedSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mio::event::Source;
use mio::net::{TcpListener, UdpSocket};
use mio::{Interest, Registry, Token};
use socket2::SockRef;
use windows_sys::Win32::Foundation::{FILETIME, GetHandleInformation, HANDLE, HANDLE_FLAG_INHERIT};
use windows_sys::Win32::Networking::WinSock::WSAENOTCONN;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessHandleCount, GetProcessTimes};

pub(crate) use std::net::TcpStream as StdStream;
pub(crate) use std::os::windows::io::AsSocket as AsHandle;

pub(crate) use mio::net::TcpStream as Stream;

use crate::harness::facts::Facts;
use crate::harness::skips::{Kind, Skip};
use crate::harness::{PATIENCE, any_local_v4};

/// What is true of this system.
pub(crate) const FACTS: Facts = Facts {
    hears_own_shutdown: false,
    cuts_long_datagrams: false,
    write_after_shutdown: None,
    takes_empty_writes_after_shutdown: false,
    listeners_reuse_their_address: false,
    send_without_destination: WSAENOTCONN,
    readable_flag: "RECEIVE",
    closed_peers_end_both_directions: false,
    tells_old_readiness_again: false,
};

/// Whether the modules of `linux` are compiled.
pub(crate) const IS_LINUX: bool = false;

/// The tests that do not run here.
pub(crate) const SKIPS: &[Skip] = &[
    Skip {
        test: "beyond::udp_batches::a_refusal_is_an_error_of_a_batch_and_the_next_datagram_comes",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "udp_readiness::a_refused_datagram_is_the_error_of_the_next_operation",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "udp_readiness::a_socket_that_was_refused_hears_the_next_datagram",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "udp_readiness::a_socket_whose_refusal_ended_a_receive_hears_the_next_datagram",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "udp_readiness::a_socket_whose_refusal_ended_a_send_hears_the_next_datagram",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "udp_readiness::a_socket_whose_refusal_was_taken_hears_the_next_datagram",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "flags::an_error_of_a_datagram_socket_is_not_a_close",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "mio_faults::would_block_stays_would_block_after_an_error_event",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "socket_options::the_refusal_of_a_datagram_is_taken_once",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "beyond::backends::an_error_has_the_same_flags_on_each_backend",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "beyond::sticky::a_refusal_taken_in_try_io_is_followed_by_datagrams",
        kind: Kind::Windows,
        reason: REFUSAL,
    },
    Skip {
        test: "tcp_closing::a_refused_connect_is_write_closed_and_leaves_its_error_once",
        kind: Kind::Wine,
        reason: "reading SO_ERROR does not clear it",
    },
    Skip {
        test: "tcp_closing::a_reset_is_readable_and_closed_and_then_silent",
        kind: Kind::Wine,
        reason: RESET,
    },
    Skip {
        test: "tcp_closing::a_close_that_leaves_bytes_unread_resets_the_peer",
        kind: Kind::Wine,
        reason: RESET,
    },
    Skip {
        test: "socket_options::the_reset_of_a_stream_is_taken_once",
        kind: Kind::Windows,
        reason: "SO_ERROR knows of no reset",
    },
    Skip {
        test: "socket_handles::from_std_leaves_the_blocking_mode_as_it_was",
        kind: Kind::Windows,
        reason: "no call tells whether a socket blocks",
    },
    Skip {
        test: "socket_options::a_multicast_group_v4_is_joined_once_and_left_once",
        kind: Kind::Wine,
        reason: MULTICAST,
    },
    Skip {
        test: "socket_options::a_multicast_group_v6_is_joined_once_and_left_once",
        kind: Kind::Wine,
        reason: MULTICAST,
    },
    Skip {
        test: "udp_socket::sending_without_a_peer_needs_a_destination",
        kind: Kind::Wine,
        reason: "the error is WSAEINVAL",
    },
    Skip {
        test: "windows_pipes::a_name_that_another_server_has_is_refused",
        kind: Kind::Wine,
        reason: "any instance may be the first",
    },
    Skip {
        test: "windows_watch::a_watched_directory_that_is_deleted_ends_its_watch",
        kind: Kind::Wine,
        reason: "a directory that somebody has open is not deleted, and nobody is told",
    },
    Skip {
        test: "mio_faults::a_timeout_of_a_microsecond_takes_less_than_a_millisecond",
        kind: Kind::Windows,
        reason: "a wait ends with a tick of the clock",
    },
    Skip { test: "windows_datagrams::the_mark_of_a_transmit_arrives", kind: Kind::Wine, reason: CONTROL },
    Skip {
        test: "windows_datagrams::a_transmit_comes_from_the_source_that_it_names",
        kind: Kind::Wine,
        reason: CONTROL,
    },
    Skip { test: "beyond::modes::the_hang_up_interest_hears_only_the_end", kind: Kind::Wine, reason: FIN },
    Skip { test: "beyond::sticky::an_end_behind_a_short_read_is_told_once", kind: Kind::Wine, reason: FIN },
];

/// Of a datagram that nobody takes.
const REFUSAL: &str = "a refusal is WSAECONNRESET of a receive; wine makes it an end, and loses the error";

/// Of a message that is sent.
const CONTROL: &str = "WSASendMsg passes over control messages";

/// Of a connection that was reset.
const RESET: &str = "a read after a reset is an end and no error";

/// Of the end of a stream.
const FIN: &str = "an end behind unread bytes is not told until they are read";

/// Of a group that was not joined, or joined already.
const MULTICAST: &str = "the error is WSAEINVAL";

/// A test with very many waits makes fewer by this factor: under wine one costs as much as many on Linux.
pub(crate) const WAIT_COST: u32 = 10;

/// Two connected streams of the subject.
pub(crate) fn stream_pair() -> (Stream, Stream) {
    let (left, right) = std_stream_pair();
    left.set_nonblocking(true).expect("set_nonblocking");
    right.set_nonblocking(true).expect("set_nonblocking");
    (Stream::from_std(left), Stream::from_std(right))
}

/// Two connected streams of std, which block.
pub(crate) fn std_stream_pair() -> (StdStream, StdStream) {
    let listener = net::TcpListener::bind(any_local_v4()).expect("bind");
    let left = StdStream::connect(listener.local_addr().expect("local_addr")).expect("connect");
    let (right, address) = listener.accept().expect("accept");
    assert_eq!(address, left.local_addr().expect("local_addr"), "a stranger connected");
    // Each write is one arrival, as on a stream that never leaves the kernel.
    left.set_nodelay(true).expect("set_nodelay");
    right.set_nodelay(true).expect("set_nodelay");
    (left, right)
}

/// A connected stream of the subject, and its peer as a blocking one of std.
pub(crate) fn stream_with_std_peer() -> (Stream, StdStream) {
    let (stream, peer) = std_stream_pair();
    stream.set_nonblocking(true).expect("set_nonblocking");
    peer.set_read_timeout(Some(PATIENCE)).expect("set_read_timeout");
    (Stream::from_std(stream), peer)
}

/// One source of every type; what they need to live is in the second place.
pub(crate) fn every_source() -> (Vec<Box<dyn Source>>, Stream) {
    let (left, right) = stream_pair();
    let sources: Vec<Box<dyn Source>> = vec![
        Box::new(TcpListener::bind(any_local_v4()).expect("bind")),
        Box::new(left),
        Box::new(UdpSocket::bind(any_local_v4()).expect("bind")),
    ];
    (sources, right)
}

/// A count that is readable while it is not zero: datagrams of a socket to itself.
#[derive(Debug)]
pub(crate) struct Counter(UdpSocket);

impl Counter {
    /// A count of zero.
    pub(crate) fn new() -> Counter {
        let socket = UdpSocket::bind(any_local_v4()).expect("bind");
        socket.connect(socket.local_addr().expect("local_addr")).expect("connect");
        Counter(socket)
    }

    /// Adds one.
    pub(crate) fn add(&self) {
        self.0.send(&[1]).expect("a datagram");
    }
}

impl Source for Counter {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.0.register(registry, token, interest)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.0.reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.0.deregister(registry)
    }
}

/// `cmd` with a script. It prints nothing: even a blank would stand in the middle of a line of
/// this program.
pub(crate) fn shell(script: &str) -> Command {
    let mut command = Command::new("cmd");
    command.args(["/c", script]).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// A child that waits for a line or the end of its input and then exits with `code`.
pub(crate) fn waiting_child(code: u8) -> Child {
    shell(&format!("set /p line= & exit {code}")).stdin(Stdio::piped()).spawn().expect("a child")
}

/// A child that exits with `code` at once.
pub(crate) fn short_child(code: u8) -> Child {
    shell(&format!("exit {code}")).spawn().expect("a child")
}

/// Another handle of the same socket, as a type of the caller's choice.
pub(crate) fn duplicate<T: From<OwnedSocket>>(socket: impl AsHandle) -> T {
    T::from(socket.as_socket().try_clone_to_owned().expect("a duplicate"))
}

/// The number of a handle.
#[allow(clippy::unnecessary_cast, reason = "a socket has 32 bits on some processors")]
pub(crate) fn number(handle: impl AsHandle) -> u64 {
    handle.as_socket().as_raw_socket() as u64
}

/// How many handles this process has.
pub(crate) fn open_handles() -> usize {
    let mut count = 0;
    // SAFETY: it has no preconditions; the pseudo-handle is always valid.
    let this = unsafe { GetCurrentProcess() };
    // SAFETY: `count` outlives the call, which writes one number.
    let result = unsafe { GetProcessHandleCount(this, &mut count) };
    assert_ne!(result, 0, "{}", io::Error::last_os_error());
    usize::try_from(count).expect("a number of handles")
}

/// The processor time of this process.
pub(crate) fn processor_time() -> Duration {
    let zero = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
    let (mut created, mut exited, mut kernel, mut user) = (zero, zero, zero, zero);
    // SAFETY: it has no preconditions; the pseudo-handle is always valid.
    let this = unsafe { GetCurrentProcess() };
    // SAFETY: the four times outlive the call.
    let result = unsafe { GetProcessTimes(this, &mut created, &mut exited, &mut kernel, &mut user) };
    assert_ne!(result, 0, "{}", io::Error::last_os_error());
    let span = |time: FILETIME| {
        let ticks = u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
        // A tick is 100 ns.
        Duration::from_nanos(ticks * 100)
    };
    span(kernel) + span(user)
}

/// True if operations on `socket` return instead of waiting. Windows does not tell, so one is
/// tried; a listener that blocks would wait for a client.
pub(crate) fn is_non_blocking(socket: impl AsHandle) -> bool {
    let socket = SockRef::from(&socket);
    match socket.accept() {
        Ok(_) => return true,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
        // It does not listen.
        Err(_) => {}
    }
    let before = socket.read_timeout().expect("SO_RCVTIMEO");
    socket.set_read_timeout(Some(Duration::from_millis(50))).expect("SO_RCVTIMEO");
    let result = socket.peek(&mut [MaybeUninit::uninit()]);
    socket.set_read_timeout(before).expect("SO_RCVTIMEO");
    result.map_or_else(|error| error.kind() != io::ErrorKind::TimedOut, |_| true)
}

/// True if `socket` is not inherited by the processes that this one makes.
pub(crate) fn is_close_on_exec(socket: impl AsHandle) -> bool {
    let mut flags = 0;
    // SAFETY: the handle is open as long as `socket` is borrowed, and `flags` outlives the call.
    let result = unsafe { GetHandleInformation(number(socket) as HANDLE, &mut flags) };
    assert_ne!(result, 0, "{}", io::Error::last_os_error());
    flags & HANDLE_FLAG_INHERIT == 0
}

/// Takes `socket` through each of its conversions and back; the handle must be the same all
/// the way.
pub(crate) fn round_trip<T, S>(socket: T) -> T
where
    T: AsHandle
        + AsRawSocket
        + IntoRawSocket
        + FromRawSocket
        + From<OwnedSocket>
        + Into<OwnedSocket>
        + Into<S>,
    S: Into<OwnedSocket>,
{
    let raw = socket.as_raw_socket();
    assert_eq!(socket.as_socket().as_raw_socket(), raw);
    assert_eq!(socket.into_raw_socket(), raw);
    // SAFETY: `into_raw_socket` has just given up the ownership of `raw`.
    let socket = unsafe { T::from_raw_socket(raw) };
    let owned: OwnedSocket = socket.into();
    assert_eq!(owned.as_raw_socket(), raw);
    let socket = T::from(owned);
    let std_socket: S = socket.into();
    let owned: OwnedSocket = std_socket.into();
    assert_eq!(owned.as_raw_socket(), raw);
    T::from(owned)
}

/// Whether this system is such.
pub(crate) fn is(kind: Kind) -> bool {
    kind == Kind::Windows || (kind == Kind::Wine && is_wine())
}

/// True under wine, whose ntdll says so.
fn is_wine() -> bool {
    // SAFETY: the name ends with a zero.
    let ntdll = unsafe { GetModuleHandleA(c"ntdll.dll".as_ptr().cast()) };
    assert!(!ntdll.is_null(), "every process has it");
    // SAFETY: the module stays loaded, and the name ends with a zero.
    unsafe { GetProcAddress(ntdll, c"wine_get_version".as_ptr().cast()) }.is_some()
}
