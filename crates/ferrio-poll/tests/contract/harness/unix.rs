//! The tests' view of a Unix: the streams, the handles and the facts of the system.

#![allow(
    unsafe_code,
    reason = "a raw descriptor is adopted, an option is set, calls are made that rustix does not have everywhere, and \
              a child changes how it takes a signal"
)]

// The one place that chooses for the harness.
#[cfg_attr(any(target_os = "android", target_os = "linux"), path = "linux.rs")]
pub(crate) mod kernel;

use std::env;
use std::ffi::CString;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mio::event::Source;
use mio::net::{TcpListener, UdpSocket, UnixDatagram, UnixListener};
use mio::unix::{SourceFd, pipe};
use mio::{Interest, Poll, Registry, Token};
use rustix::fs::OFlags;
use rustix::io::FdFlags;

pub(crate) use std::os::fd::AsFd as AsHandle;
pub(crate) use std::os::unix::net::UnixStream as StdStream;

pub(crate) use mio::net::UnixStream as Stream;

pub(crate) use self::kernel::{IS_LINUX, eventfd};

use crate::harness::facts::Facts;
use crate::harness::skips::{Kind, Skip};
use crate::harness::unix::kernel::DESCRIPTORS;
use crate::harness::{PATIENCE, any_local_v4};
use crate::net_harness::tcp_pair;

/// What is true of this system.
pub(crate) const FACTS: Facts = Facts {
    hears_own_shutdown: true,
    cuts_long_datagrams: true,
    write_after_shutdown: Some(io::ErrorKind::BrokenPipe),
    takes_empty_writes_after_shutdown: true,
    listeners_reuse_their_address: true,
    send_without_destination: libc::EDESTADDRREQ,
    readable_flag: "IN",
    closed_peers_end_both_directions: true,
    tells_old_readiness_again: true,
};

/// The tests that do not run here: all run by themselves, and some not under an emulator.
pub(crate) const SKIPS: &[Skip] = &[
    Skip {
        test: "beyond::signal_bursts::a_flood_of_one_signal_hides_no_other",
        kind: Kind::Qemu,
        reason: "the last real-time signals are its own, and cannot be sent",
    },
    Skip {
        test: "linux::traced_child::the_stop_of_a_traced_child_is_left_to_its_tracer",
        kind: Kind::Qemu,
        reason: "it has no ptrace",
    },
    Skip {
        test: "linux::short_reads::a_peek_behind_an_offset_is_short_although_nothing_was_taken",
        kind: Kind::Qemu,
        reason: "it does not know SO_PEEK_OFF",
    },
    Skip {
        test: "linux::error_queue::an_error_of_the_queue_ends_nothing_and_raw_tells_it_from_a_close",
        kind: Kind::Qemu,
        reason: "it does not know SO_ZEROCOPY",
    },
    Skip {
        test: "beyond::waits::a_timeout_of_microseconds_is_not_rounded_to_a_millisecond",
        kind: Kind::Qemu,
        reason: MILLISECONDS,
    },
    Skip {
        test: "linux::zero_copy::bytes_are_held_until_the_kernel_is_done_with_them",
        kind: Kind::Qemu,
        reason: "it does not know SO_ZEROCOPY",
    },
    Skip {
        test: "linux::zero_copy::what_is_not_complete_is_never_freed",
        kind: Kind::Qemu,
        reason: "it does not know SO_ZEROCOPY",
    },
    Skip {
        test: "mio_faults::a_timeout_of_a_microsecond_takes_less_than_a_millisecond",
        kind: Kind::Qemu,
        reason: MILLISECONDS,
    },
];

/// Of a wait by epoll.
const MILLISECONDS: &str = "an old one does not know epoll_pwait2, so that epoll waits milliseconds";

/// Whether this system is such. Whoever starts the program by an emulator says so, for the
/// emulator itself cannot be seen from within.
pub(crate) fn is(kind: Kind) -> bool {
    kind == Kind::Qemu && env::var("FERRIO_TEST_RUNNER").is_ok_and(|runner| runner.contains("qemu-"))
}

/// A test with very many waits makes them all here.
pub(crate) const WAIT_COST: u32 = 1;

/// Two connected streams of the subject.
pub(crate) fn stream_pair() -> (Stream, Stream) {
    Stream::pair().expect("pair")
}

/// Two connected streams of std, which block.
pub(crate) fn std_stream_pair() -> (StdStream, StdStream) {
    StdStream::pair().expect("pair")
}

/// A connected stream of the subject, and its peer as a blocking one of std.
pub(crate) fn stream_with_std_peer() -> (Stream, StdStream) {
    let (stream, peer) = std_stream_pair();
    stream.set_nonblocking(true).expect("set_nonblocking");
    peer.set_read_timeout(Some(PATIENCE)).expect("set_read_timeout");
    (Stream::from_std(stream), peer)
}

/// One source of every type; what they need to live is in the second place.
pub(crate) fn every_source() -> (Vec<Box<dyn Source>>, SocketPath) {
    let path = SocketPath::new();
    let (sender, receiver) = pipe::new().expect("pipe");
    let sources: Vec<Box<dyn Source>> = vec![
        Box::new(TcpListener::bind(any_local_v4()).expect("bind")),
        Box::new(tcp_pair().0),
        Box::new(UdpSocket::bind(any_local_v4()).expect("bind")),
        Box::new(UnixListener::bind(&path).expect("bind")),
        Box::new(stream_pair().0),
        Box::new(UnixDatagram::unbound().expect("unbound")),
        Box::new(sender),
        Box::new(receiver),
    ];
    (sources, path)
}

/// A count that is readable while it is not zero: an eventfd.
#[derive(Debug)]
pub(crate) struct Counter(OwnedFd);

impl Counter {
    /// A count of zero.
    pub(crate) fn new() -> Counter {
        Counter(eventfd())
    }

    /// Adds one.
    pub(crate) fn add(&self) {
        signal_eventfd(&self.0);
    }
}

impl Source for Counter {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, interest)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}

/// A child that waits for the end of its input and then exits with `code`.
pub(crate) fn waiting_child(code: u8) -> Child {
    let script = format!("read line; exit {code}");
    Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn().expect("a child")
}

/// A child that exits with `code` at once.
pub(crate) fn short_child(code: u8) -> Child {
    Command::new("sh").args(["-c", &format!("exit {code}")]).spawn().expect("a child")
}

/// Another handle of the same socket, as a type of the caller's choice.
pub(crate) fn duplicate<T: From<OwnedFd>>(socket: impl AsHandle) -> T {
    T::from(socket.as_fd().try_clone_to_owned().expect("a duplicate"))
}

/// The number of a handle.
pub(crate) fn number(handle: impl AsHandle) -> u64 {
    u64::try_from(handle.as_fd().as_raw_fd()).expect("a descriptor")
}

/// How many handles this process has.
pub(crate) fn open_handles() -> usize {
    fs::read_dir(DESCRIPTORS).expect("the descriptors of this process").count()
}

/// The processor time of this process.
pub(crate) fn processor_time() -> Duration {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: getrusage(2) writes one `rusage` to the memory given.
    let result = unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
    // SAFETY: the call above has filled it.
    let usage = unsafe { usage.assume_init() };
    let span = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    span(usage.ru_utime) + span(usage.ru_stime)
}

/// True if operations on `socket` return instead of waiting.
pub(crate) fn is_non_blocking(socket: impl AsHandle) -> bool {
    rustix::fs::fcntl_getfl(socket).expect("F_GETFL").contains(OFlags::NONBLOCK)
}

/// True if `handle` is closed when the process executes another program.
pub(crate) fn is_close_on_exec(handle: impl AsHandle) -> bool {
    rustix::io::fcntl_getfd(handle).expect("F_GETFD").contains(FdFlags::CLOEXEC)
}

/// Takes `socket` through each of its conversions and back; the descriptor must
/// be the same all the way.
pub(crate) fn round_trip<T, S>(socket: T) -> T
where
    T: AsHandle + AsRawFd + IntoRawFd + FromRawFd + From<OwnedFd> + Into<OwnedFd> + Into<S>,
    S: Into<OwnedFd>,
{
    let fd = socket.as_raw_fd();
    assert_eq!(socket.as_fd().as_raw_fd(), fd);
    let raw = socket.into_raw_fd();
    assert_eq!(raw, fd);
    // SAFETY: `into_raw_fd` has just given up the ownership of `raw`.
    let socket = unsafe { T::from_raw_fd(raw) };
    let owned: OwnedFd = socket.into();
    assert_eq!(owned.as_raw_fd(), fd);
    let socket = T::from(owned);
    let std_socket: S = socket.into();
    let owned: OwnedFd = std_socket.into();
    assert_eq!(owned.as_raw_fd(), fd);
    T::from(owned)
}

/// Adds one to an eventfd.
pub(crate) fn signal_eventfd(fd: impl AsHandle) {
    rustix::io::write(fd, &1_u64.to_ne_bytes()).expect("a write to an eventfd");
}

/// Takes what an eventfd holds, until it would block.
pub(crate) fn drain_eventfd(fd: impl AsHandle) {
    let mut buf = [0; 8];
    while rustix::io::read(&fd, &mut buf).is_ok() {}
}

/// Registers the descriptor of `fd`, which stays its owner's.
pub(crate) fn register_fd(
    poll: &Poll,
    fd: impl AsHandle,
    token: Token,
    interest: Interest,
) -> io::Result<()> {
    poll.registry().register(&mut SourceFd(&fd.as_fd().as_raw_fd()), token, interest)
}

/// Changes the registration of the descriptor of `fd`.
pub(crate) fn reregister_fd(
    poll: &Poll,
    fd: impl AsHandle,
    token: Token,
    interest: Interest,
) -> io::Result<()> {
    poll.registry().reregister(&mut SourceFd(&fd.as_fd().as_raw_fd()), token, interest)
}

/// Ends the registration of the descriptor of `fd`.
pub(crate) fn deregister_fd(poll: &Poll, fd: impl AsHandle) -> io::Result<()> {
    poll.registry().deregister(&mut SourceFd(&fd.as_fd().as_raw_fd()))
}

/// Fails unless `result` is `EBADF`.
pub(crate) fn assert_bad_descriptor<T>(result: io::Result<T>) {
    let error = result.err().expect("an error");
    assert_eq!(error.raw_os_error(), Some(libc::EBADF), "{error}");
}

/// Makes SIGPIPE end this process, as it ends a C program.
pub(crate) fn let_sigpipe_kill() {
    // SAFETY: SIG_DFL is a valid disposition, and no handler of another test is
    // replaced: the caller runs alone in this process.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Sets an integer option of a socket.
pub(crate) fn set_option(socket: &impl AsRawFd, level: i32, name: i32, value: i32) {
    let len = size_of_val(&value) as libc::socklen_t;
    let value: *const i32 = &value;
    // SAFETY: setsockopt(2) reads one `int`.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, value.cast(), len) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

/// Makes a FIFO.
pub(crate) fn make_fifo(path: &Path) {
    let path = CString::new(path.as_os_str().as_bytes()).expect("a path without a zero byte");
    // SAFETY: mkfifo(2). The path ends with a zero byte and lives across the call.
    let result = unsafe { libc::mkfifo(path.as_ptr(), 0o600) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

/// The path of a Unix socket that no other test uses; removed when dropped.
#[derive(Debug)]
pub(crate) struct SocketPath(PathBuf);

impl SocketPath {
    /// A short path in the folder for temporary files.
    pub(crate) fn new() -> SocketPath {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("ferrio-{}-{number}", process::id()));
        // A killed run whose process had the same number may have left one.
        let _ = fs::remove_file(&path);
        SocketPath(path)
    }

    /// A path of exactly `len` bytes.
    pub(crate) fn with_len(len: usize) -> SocketPath {
        let mut path = SocketPath::new().0.clone().into_os_string();
        path.push("-".repeat(len.checked_sub(path.len()).expect("room for the name")));
        SocketPath(path.into())
    }
}

impl AsRef<Path> for SocketPath {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for SocketPath {
    fn drop(&mut self) {
        // A test need not have bound the path.
        let _ = fs::remove_file(&self.0);
    }
}
