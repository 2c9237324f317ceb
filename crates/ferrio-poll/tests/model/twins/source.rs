//! A source and its peer, of each kind that the backends might tell apart.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{self, Shutdown, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use ferrio_poll::event;
use ferrio_poll::net::{UdpSocket, UnixStream};
use ferrio_poll::unix::pipe;
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};
use rustix::net::{RecvAncillaryBuffer, RecvFlags, recvmsg};
use socket2::SockRef;

/// How an operation ended, to be compared. `None` if the kind of source has no such operation.
pub(crate) type Outcome = Option<Result<usize, ErrorKind>>;

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Stream,
    Receiver,
    Sender,
    /// A FIFO, whose writers come and go.
    Fifo,
    /// A connected UDP socket, whose peer comes and goes.
    Udp,
    /// The same, with an error queue (`IP_RECVERR`).
    UdpWithQueue,
}

pub(crate) const KINDS: [Kind; 6] =
    [Kind::Stream, Kind::Receiver, Kind::Sender, Kind::Fifo, Kind::Udp, Kind::UdpWithQueue];

pub(crate) struct Source {
    pub(crate) kind: Kind,
    end: End,
    /// `None` while it is closed.
    peer: Option<Peer>,
    /// Where a peer that is gone comes back.
    home: Home,
}

enum End {
    Stream(UnixStream),
    Receiver(pipe::Receiver),
    Sender(pipe::Sender),
    Udp(UdpSocket),
}

enum Peer {
    Stream(StdStream),
    Receiver(pipe::Receiver),
    Sender(pipe::Sender),
    Udp(net::UdpSocket),
}

enum Home {
    /// The whole source is made anew.
    Nowhere,
    Path(PathBuf),
    /// The address of the peer and that of the source.
    Address(SocketAddr, SocketAddr),
}

impl Source {
    pub(crate) fn new(kind: Kind) -> Source {
        let (end, peer, home) = match kind {
            Kind::Stream => {
                let (end, peer) = UnixStream::pair().expect("a pair of sockets");
                (End::Stream(end), Peer::Stream(StdStream::from(OwnedFd::from(peer))), Home::Nowhere)
            }
            Kind::Receiver => {
                let (sender, receiver) = pipe::new().expect("a pipe");
                (End::Receiver(receiver), Peer::Sender(sender), Home::Nowhere)
            }
            Kind::Sender => {
                let (sender, receiver) = pipe::new().expect("a pipe");
                (End::Sender(sender), Peer::Receiver(receiver), Home::Nowhere)
            }
            Kind::Fifo => new_fifo(),
            Kind::Udp | Kind::UdpWithQueue => new_udp(kind == Kind::UdpWithQueue),
        };
        Source { kind, end, peer: Some(peer), home }
    }

    pub(crate) fn as_source(&mut self) -> &mut dyn event::Source {
        match &mut self.end {
            End::Stream(end) => end,
            End::Receiver(end) => end,
            End::Sender(end) => end,
            End::Udp(end) => end,
        }
    }

    /// Reads once.
    pub(crate) fn read(&mut self, room: usize) -> Outcome {
        let mut buf = [0; 64];
        let buf = &mut buf[..room];
        outcome(match &mut self.end {
            End::Stream(end) => end.read(buf),
            End::Receiver(end) => end.read(buf),
            End::Udp(end) => end.recv(buf),
            End::Sender(_) => return None,
        })
    }

    /// Writes once.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Outcome {
        outcome(match &mut self.end {
            End::Stream(end) => end.write(bytes),
            End::Sender(end) => end.write(bytes),
            // A datagram that its peer need not read: the buffers of UDP are not filled here.
            End::Udp(end) => end.send(&bytes[..1]),
            End::Receiver(_) => return None,
        })
    }

    /// Takes the first error of the error queue.
    pub(crate) fn read_error_queue(&mut self) -> Outcome {
        let End::Udp(end) = &self.end else { return None };
        outcome(end.try_io(|| {
            let flags = RecvFlags::ERRQUEUE | RecvFlags::DONTWAIT;
            let received = recvmsg(end, &mut [], &mut RecvAncillaryBuffer::default(), flags);
            Ok(received.map(|received| received.bytes)?)
        }))
    }

    pub(crate) fn take_error(&mut self) -> Outcome {
        let taken = match &self.end {
            End::Stream(end) => end.take_error(),
            End::Udp(end) => end.take_error(),
            _ => return None,
        };
        let error = taken.expect("SO_ERROR");
        Some(error.map_or(Ok(0), |error| Err(error.kind())))
    }

    pub(crate) fn peer_writes(&mut self) -> Outcome {
        outcome(match self.peer.as_mut()? {
            Peer::Stream(peer) => peer.write(b"peer"),
            Peer::Sender(peer) => peer.write(b"peer"),
            Peer::Udp(peer) => peer.send(b"peer"),
            Peer::Receiver(_) => return None,
        })
    }

    /// The peer reads all there is.
    pub(crate) fn peer_reads(&mut self) {
        let mut buf = [0; 65536];
        let mut read = || match self.peer.as_mut() {
            Some(Peer::Stream(peer)) => peer.read(&mut buf),
            Some(Peer::Receiver(peer)) => peer.read(&mut buf),
            Some(Peer::Udp(peer)) => peer.recv(&mut buf),
            _ => Ok(0),
        };
        while read().is_ok_and(|count| count > 0) {}
    }

    /// The peer ends its writing.
    pub(crate) fn peer_ends(&mut self) {
        if let Some(Peer::Stream(peer)) = &self.peer {
            // A peer that has ended before is no longer connected in one direction.
            let _ = peer.shutdown(Shutdown::Write);
        }
    }

    pub(crate) fn peer_closes(&mut self) {
        self.peer = None;
    }

    /// A new peer takes the place of one that is gone. True if the source itself is new.
    pub(crate) fn reopen(&mut self) -> bool {
        if self.peer.is_some() {
            return false;
        }
        match &self.home {
            Home::Nowhere => {
                *self = Source::new(self.kind);
                true
            }
            Home::Path(path) => {
                self.peer = Some(Peer::Sender(open_fifo(path, OFlags::WRONLY).into()));
                false
            }
            Home::Address(peer, source) => {
                self.peer = Some(Peer::Udp(bind_peer(*peer, *source)));
                false
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Home::Path(path) = &self.home {
            // A directory of temporary files may be swept by somebody else.
            let _ = fs::remove_file(path);
        }
    }
}

fn outcome(result: io::Result<usize>) -> Outcome {
    Some(result.map_err(|error| error.kind()))
}

fn new_fifo() -> (End, Peer, Home) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("ferrio-twins-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = env::temp_dir().join(name);
    mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a FIFO");
    let receiver = open_fifo(&path, OFlags::RDONLY);
    let sender = open_fifo(&path, OFlags::WRONLY);
    (End::Receiver(receiver.into()), Peer::Sender(sender.into()), Home::Path(path))
}

fn open_fifo(path: &PathBuf, access: OFlags) -> OwnedFd {
    open(path, access | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()).expect("an end of the FIFO")
}

/// Addresses of their own, so that no other socket takes the port of a peer that is gone.
fn new_udp(has_queue: bool) -> (End, Peer, Home) {
    let source = UdpSocket::bind("127.0.0.76:0".parse().unwrap()).expect("a socket");
    let address = source.local_addr().unwrap();
    let peer = bind_peer("127.0.0.77:0".parse().unwrap(), address);
    let home = Home::Address(peer.local_addr().unwrap(), address);
    source.connect(peer.local_addr().unwrap()).unwrap();
    if has_queue {
        set_recverr(&source);
    }
    (End::Udp(source), Peer::Udp(peer), home)
}

fn bind_peer(address: SocketAddr, source: SocketAddr) -> net::UdpSocket {
    let peer = net::UdpSocket::bind(address).expect("the address of the peer");
    peer.connect(source).unwrap();
    SockRef::from(&peer).set_nonblocking(true).unwrap();
    peer
}

#[allow(unsafe_code, reason = "IP_RECVERR has no safe setter")]
fn set_recverr(socket: &UdpSocket) {
    let on: libc::c_int = 1;
    let len = size_of_val(&on) as libc::socklen_t;
    let value: *const libc::c_int = &on;
    // SAFETY: setsockopt(2) reads one `int`.
    let result = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::IPPROTO_IP, libc::IP_RECVERR, value.cast(), len)
    };
    assert_eq!(result, 0);
}
