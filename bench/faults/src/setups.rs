//! Sources of all kinds that are made and registered while the calls for it fail: what was
//! open before is all that is open after, whichever call it was.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use ferrio_poll::net::splice::Splice;
use ferrio_poll::net::{
    Acceptor, Connector, SocketBuilder, TcpListener, TcpStream, UdpSocket, UnixConnector, UnixDatagram,
    UnixListener, UnixSeqpacket, UnixSeqpacketListener, UnixStream,
};
use ferrio_poll::signal::{SIGUSR1, Signals};
use ferrio_poll::time::WallTimer;
use ferrio_poll::unix::pipe;
use ferrio_poll::{Backend, Events, Interest, Poll, Token, Waker};

use crate::proc::descriptors;

/// How often each is made.
const TIMES: usize = 12;
/// What all of them listen to.
const ANYWHERE: &str = "127.0.0.1:0";

/// What a maker may use.
struct Place {
    poll: Poll,
    /// For a socket file.
    path: PathBuf,
}

/// Makes something, registers it, and lets it go.
type Maker = fn(&Place) -> io::Result<()>;

/// All makers.
const MAKERS: &[Maker] = &[
    |_| Poll::builder().backend(Backend::from_env()?).build().map(drop),
    |_| {
        let mut poll = Poll::builder().backend(Backend::from_env()?).build()?;
        let waker = Waker::new(poll.registry(), Token(0))?;
        waker.wake()?;
        poll.poll(&mut Events::with_capacity(4), Some(Duration::ZERO))
    },
    |place| {
        let builder = SocketBuilder::new().reuse_port(true).receive_buffer(1 << 16).backlog(9);
        let mut listener = builder.tcp_listener(address()?)?;
        place.poll.registry().register(&mut listener, Token(1), Interest::READABLE)
    },
    |place| {
        let mut acceptor = Acceptor::new(TcpListener::bind_to(ANYWHERE)?);
        place.poll.registry().register(&mut acceptor, Token(2), Interest::READABLE)
    },
    |place| {
        let listener = TcpListener::bind_to(ANYWHERE)?;
        let builder = SocketBuilder::new().no_delay(true).local(address()?);
        let mut stream = builder.tcp_stream(listener.local_addr()?)?;
        place.poll.registry().register(&mut stream, Token(3), Interest::WRITABLE)
    },
    |place| {
        let listener = TcpListener::bind_to(ANYWHERE)?;
        let mut connector = Connector::new([listener.local_addr()?]);
        place.poll.registry().register(&mut connector, Token(4), Interest::WRITABLE)?;
        connector.advance().map(drop)
    },
    |_| {
        let listener = TcpListener::bind_to(ANYWHERE)?;
        TcpStream::connect(listener.local_addr()?).map(drop)
    },
    |place| {
        let mut socket = SocketBuilder::new().send_buffer(1 << 16).udp_socket(address()?)?;
        socket.set_recv_offload(true)?;
        socket.set_recv_local_address(true)?;
        place.poll.registry().register(&mut socket, Token(5), Interest::READABLE)
    },
    |_| UdpSocket::bind_to(ANYWHERE).map(drop),
    |place| {
        let mut listener = UnixListener::bind_with_mode(&place.path, 0o660)?;
        place.poll.registry().register(&mut listener, Token(6), Interest::READABLE)?;
        let mut connector = UnixConnector::new(listener.local_addr()?);
        place.poll.registry().register(&mut connector, Token(7), Interest::WRITABLE)?;
        connector.advance().map(drop)
    },
    |place| {
        let listener = UnixSeqpacketListener::bind_with_backlog(&place.path, 4)?;
        UnixSeqpacket::connect(&place.path)?;
        listener.accept().map(drop)
    },
    |place| {
        let socket = UnixDatagram::bind_with_mode(&place.path, 0o600)?;
        UnixDatagram::unbound()?.send_to(b"!", &place.path)?;
        socket.recv(&mut [0]).map(drop)
    },
    |_| {
        let (mut one, mut other) = UnixStream::pair()?;
        one.write_all(b"!").and_then(|()| other.read_exact(&mut [0]))
    },
    |_| UnixSeqpacket::pair().map(drop),
    |place| {
        let (mut sender, mut receiver) = pipe::new()?;
        let registry = place.poll.registry();
        registry.register(&mut sender, Token(8), Interest::WRITABLE)?;
        registry.register(&mut receiver, Token(9), Interest::READABLE)
    },
    |_| Splice::with_capacity(1 << 17).map(drop),
    |place| {
        let mut timer = WallTimer::new()?;
        place.poll.registry().register(&mut timer, Token(10), Interest::READABLE)
    },
    |place| {
        let mut signals = Signals::new([SIGUSR1])?;
        place.poll.registry().register(&mut signals, Token(11), Interest::READABLE)
    },
];

/// What happened.
#[derive(Debug, Default)]
struct Account {
    /// How many were made, and how many could not be.
    made: u64,
    failed: u64,
    /// Descriptors that are open after one that is gone.
    leaked: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let path = env::temp_dir().join(format!("ferrio-faults-setup-{}", process::id()));
    let mut account = Account::default();
    for _ in 0..TIMES {
        // It is made by calls that may fail.
        let poll = loop {
            if let Ok(poll) = Poll::builder().backend(Backend::from_env()?).build() {
                break poll;
            }
        };
        let place = Place { poll, path: path.clone() };
        for make in MAKERS {
            account.make(&place, *make)?;
        }
    }
    let Account { made, failed, leaked } = account;
    println!("final: made={made} failed={failed} leaked={leaked}");
    Ok(())
}

impl Account {
    fn make(&mut self, place: &Place, make: Maker) -> io::Result<()> {
        let before = descriptors()?;
        match make(place) {
            Ok(()) => self.made += 1,
            Err(_) => self.failed += 1,
        }
        self.leaked += descriptors()?.abs_diff(before);
        // Some have one, which stays.
        let _ = fs::remove_file(&place.path);
        Ok(())
    }
}

fn address() -> io::Result<SocketAddr> {
    ANYWHERE.parse().map_err(io::Error::other)
}
