//! Sources of one's own, from whatever has a descriptor.
//!
//! `cargo run --example own_source`. New types of sources are built on `IoSource`, here for
//! sockets that std lacks. `FdSource` is for a descriptor that belongs to other code.

use std::error::Error;
use std::io;
use std::net::UdpSocket;
use std::os::fd::OwnedFd;

use ferrio::event::Source;
use ferrio::unix::FdSource;
use ferrio::{Events, Interest, IoSource, Poll, Registry, Token};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair};

const PACKETS: Token = Token(0);
const DATAGRAMS: Token = Token(1);

/// A Unix socket that keeps the borders of messages and their order.
struct SeqPacket {
    inner: IoSource<OwnedFd>,
}

impl SeqPacket {
    fn pair() -> io::Result<(SeqPacket, SeqPacket)> {
        // On Linux the flags `NONBLOCK` and `CLOEXEC` save the calls. macOS has no such sockets.
        let flags = SocketFlags::empty();
        let (one, other) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        for fd in [&one, &other] {
            ioctl_fionbio(fd, true)?;
            fcntl_setfd(fd, FdFlags::CLOEXEC)?;
        }
        Ok((SeqPacket { inner: IoSource::new(one) }, SeqPacket { inner: IoSource::new(other) }))
    }

    fn send(&self, message: &[u8]) -> io::Result<usize> {
        // All I/O goes through `do_io`, so that the backend is told of `WouldBlock`.
        self.inner.do_io(|fd| Ok(send(fd, message, SendFlags::empty())?))
    }

    fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.do_io(|fd| Ok(recv(fd, buf, RecvFlags::empty())?.0))
    }
}

impl Source for SeqPacket {
    fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.inner.register(registry, token, interest)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.inner.reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.inner.deregister(registry)
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(8);
    let (mut reader, writer) = SeqPacket::pair()?;
    poll.registry().register(&mut reader, PACKETS, Interest::READABLE)?;
    writer.send(b"two")?;
    writer.send(b"messages")?;

    // A socket of std, which the source only borrows.
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_nonblocking(true)?;
    let mut borrowed = FdSource::new(&socket);
    poll.registry().register(&mut borrowed, DATAGRAMS, Interest::READABLE)?;
    socket.send_to(b"a datagram", socket.local_addr()?)?;

    let (mut left, mut buf) = (3, [0; 64]);
    while left > 0 {
        poll.wait(&mut events, None)?;
        // Both of them, until they block.
        while let Ok(count) = reader.recv(&mut buf).or_else(|_| borrowed.do_io(|it| it.recv(&mut buf))) {
            left -= 1;
            println!("{count} bytes");
        }
    }
    Ok(())
}
