//! The tests' view of Windows: its streams, its handles, its numbers and its facts.
#![allow(unsafe_code, reason = "the system is asked about handles")]

use std::io;
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream};
use std::os::windows::io::{AsHandle, AsRawHandle, AsSocket, BorrowedSocket, OwnedSocket};
use std::path::Path;
use std::time::Duration;

use ferrio_proactor::windows::Descriptor;
use ferrio_proactor::{Handle, Proactor, op};
use socket2::SockRef;
use windows_sys::Win32::Foundation::{ERROR_INVALID_HANDLE, GetHandleInformation, HANDLE_FLAG_INHERIT};
use windows_sys::Win32::Networking::WinSock::{
    POLLHUP, POLLRDBAND, POLLRDNORM, POLLWRNORM, WSAEMSGSIZE, WSAEOPNOTSUPP, WSAESHUTDOWN, WSAEWOULDBLOCK,
};
use windows_sys::Win32::Storage::FileSystem::{CREATE_NEW, FILE_APPEND_DATA, OPEN_EXISTING};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessHandleCount};

pub(crate) use std::net::TcpStream as Stream;
pub(crate) use std::os::windows::io::OwnedHandle as Opened;
pub(crate) use std::os::windows::io::OwnedSocket as Accepted;

pub(crate) use ferrio_poll::net::TcpStream as Source;

use crate::harness::PATIENCE;
use crate::harness::skips::{Kind, Skip};

/// The tests that do not run here.
pub(crate) const SKIPS: &[Skip] = &[
    Skip {
        test: "messages::datagrams::control_data_comes_along_as_far_as_there_is_room",
        kind: Kind::Wine,
        reason: "a call that cut control data does not say how long the datagram was",
    },
    Skip {
        test: "messages::what_is_longer_than_a_gigabyte_is_cut_there",
        kind: Kind::Wine,
        reason: "two gigabytes over TCP take longer than the patience of the tests",
    },
    Skip {
        test: "send_all::an_error_that_the_kernel_tells_once_is_listed",
        kind: Kind::Windows,
        reason: "a refusal is WSAECONNRESET of a receive; wine makes it an end, and loses the error",
    },
];

/// The events of WSAPoll.
pub(crate) const POLL_IN: i32 = POLLRDNORM as i32;
pub(crate) const POLL_OUT: i32 = POLLWRNORM as i32;
pub(crate) const POLL_URGENT: i32 = POLLRDBAND as i32;
pub(crate) const POLL_HANGUP: i32 = POLLHUP as i32;

/// No descriptor, or one that was closed.
pub(crate) const BAD_HANDLE: i32 = ERROR_INVALID_HANDLE as i32;
/// A connection goes on without the call that began it.
pub(crate) const CONNECT_BEGUN: i32 = WSAEWOULDBLOCK;
/// There is more to be told than there is room for.
pub(crate) const MESSAGE_TOO_LONG: i32 = WSAEMSGSIZE;
/// Something else than a socket.
pub(crate) const NOT_A_SOCKET: i32 = WSAEOPNOTSUPP;
/// What is to be brought to a device has none.
pub(crate) const NO_DEVICE: i32 = WSAEOPNOTSUPP;
/// A stream that was shut down is written to.
pub(crate) const SHUT_DOWN: i32 = WSAESHUTDOWN;
/// There is no way to do it here.
pub(crate) const UNSUPPORTED: i32 = WSAEOPNOTSUPP;

/// Whether a read or a write at an offset moves the file's own position.
pub(crate) const OFFSETS_MOVE_POSITION: bool = true;

/// Whether a connection that is reset loses what its other side has not read yet.
pub(crate) const RESETS_LOSE_BYTES: bool = true;

/// A test with very many waits makes fewer by this factor: under wine one costs as much as many on
/// Linux.
pub(crate) const WAIT_COST: usize = 10;

/// Two connected streams, which block.
pub(crate) fn pair() -> (Stream, Stream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let left = Stream::connect(listener.local_addr().unwrap()).unwrap();
    let (right, address) = listener.accept().unwrap();
    assert_eq!(address, left.local_addr().unwrap(), "a stranger connected");
    // Each write is one arrival, as on a stream that never leaves the kernel.
    left.set_nodelay(true).unwrap();
    right.set_nodelay(true).unwrap();
    (left, right)
}

/// What is read at one end, the first, and written at the other.
pub(crate) fn one_way() -> (Stream, Stream) {
    pair()
}

/// The connection of a descriptor that a proactor gave back.
pub(crate) fn tcp_of(descriptor: Descriptor) -> TcpStream {
    OwnedSocket::try_from(descriptor).expect("a socket").into()
}

/// One of a pair that a proactor gave back.
pub(crate) fn stream_of(descriptor: Descriptor) -> Stream {
    tcp_of(descriptor)
}

/// The socket of a handle. `None` if the handle is stale.
pub(crate) fn socket(proactor: &Proactor, handle: Handle) -> Option<BorrowedSocket<'_>> {
    proactor.as_socket(handle)
}

/// Whether calls on a connection return instead of waiting. Windows does not tell, so one is tried.
/// It has nothing to receive.
pub(crate) fn is_non_blocking(socket: &impl AsSocket) -> bool {
    let socket = SockRef::from(socket);
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let result = socket.peek(&mut [MaybeUninit::uninit()]);
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    result.unwrap_err().kind() != io::ErrorKind::TimedOut
}

/// Whether a handle is not inherited by the programs that this process starts.
pub(crate) fn is_close_on_exec(handle: &impl AsHandle) -> bool {
    let mut flags = 0;
    // SAFETY: the handle is open as long as it is borrowed, and `flags` outlives the call.
    let result = unsafe { GetHandleInformation(handle.as_handle().as_raw_handle(), &mut flags) };
    assert_ne!(result, 0, "{}", io::Error::last_os_error());
    flags & HANDLE_FLAG_INHERIT == 0
}

/// Opens a file that is there, to write behind what it has.
pub(crate) fn appending(path: &Path) -> io::Result<op::Open> {
    op::Open::with_access(path, FILE_APPEND_DATA, OPEN_EXISTING)
}

/// Opens a file that must not be there yet.
pub(crate) fn creating(path: &Path) -> io::Result<op::Open> {
    op::Open::with_access(path, FILE_APPEND_DATA, CREATE_NEW)
}

/// How many handles this process has.
pub(crate) fn open_descriptors() -> usize {
    let mut count = 0;
    // SAFETY: it has no preconditions; the pseudo-handle is always valid.
    let this = unsafe { GetCurrentProcess() };
    // SAFETY: `count` outlives the call, which writes one number.
    let result = unsafe { GetProcessHandleCount(this, &mut count) };
    assert_ne!(result, 0, "{}", io::Error::last_os_error());
    count as usize
}

/// Open handles of this process that are accepted connections of a port: nothing tells.
pub(crate) fn open_connections(_: u16) -> Option<usize> {
    None
}

/// Whether this system is such.
pub(crate) fn is(kind: Kind) -> bool {
    kind == Kind::Windows || is_wine()
}

/// True under wine, whose ntdll says so.
fn is_wine() -> bool {
    // SAFETY: the name ends with a zero.
    let ntdll = unsafe { GetModuleHandleA(c"ntdll.dll".as_ptr().cast()) };
    assert!(!ntdll.is_null(), "every process has it");
    // SAFETY: the module stays loaded, and the name ends with a zero.
    unsafe { GetProcAddress(ntdll, c"wine_get_version".as_ptr().cast()) }.is_some()
}
