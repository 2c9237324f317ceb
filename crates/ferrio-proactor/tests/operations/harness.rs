//! A proactor of each kind, and waiting for its completions.

pub(crate) mod skips;
#[cfg(unix)]
pub(crate) mod unix;
#[cfg(windows)]
pub(crate) mod windows;

#[cfg(unix)]
pub(crate) use self::unix as system;
#[cfg(windows)]
pub(crate) use self::windows as system;

use std::fmt::{self, Display, Formatter};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ferrio_poll::{Backend, Events, Poll, Token};
use ferrio_proactor::{Choice, Chunk, Completions, Config, Handle, Kind, OpId, Proactor, op};

/// How long a completion may take on a machine that is busy. A seeded fault hangs for as long, so
/// it is shorter where one is tried.
pub(crate) const PATIENCE: Duration = match option_env!("FERRIO_IMPATIENT") {
    Some(_) => Duration::from_secs(5),
    None => Duration::from_secs(20),
};

/// Whether the system has what only Linux has: the kernel that stands in for others has not.
pub(crate) const IS_LINUX: bool = cfg!(all(target_os = "linux", not(ferrio_fake_kqueue)));

/// More than the buffers of two sockets hold.
pub(crate) const LARGE: usize = 16 << 20;

/// How long nothing has to come, to say that nothing comes.
pub(crate) const SILENCE: Duration = Duration::from_millis(50);

/// A driver over a backend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) driver: Choice,
    pub(crate) backend: Backend,
    /// How a ring is set up, if not as it is best.
    pub(crate) setup: Option<&'static str>,
}

impl Display for Way {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} over {:?}", self.driver, self.backend)?;
        self.setup.map_or(Ok(()), |setup| write!(f, ", {setup}"))
    }
}

/// The ways in which a ring is set up that are not the best one of a young kernel.
const SETUPS: [&str; 2] = ["COOP_TASKRUN", "no flags"];

/// The drivers that there are here, each over each backend. A ring may be denied.
pub(crate) fn ways() -> Vec<Way> {
    let way = Way { driver: Choice::Ring, backend: Backend::default(), setup: None };
    let has_ring = Rig::open(way, Config::default()).and_then(|mut rig| rig.proactor.capabilities());
    let mut drivers = vec![Choice::Readiness];
    match has_ring {
        Ok(_) => drivers.push(Choice::Ring),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => println!("SKIPPED: {error}"),
        Err(error) => panic!("no ring, and no denial: {error}"),
    }
    let of = |driver| {
        let backends = Backend::candidates().iter();
        backends.map(move |backend| Way { driver, backend: *backend, setup: None })
    };
    drivers.into_iter().flat_map(of).collect()
}

/// Runs `test` with a proactor of each kind.
pub(crate) fn on_each(test: impl Fn(&mut Rig)) {
    on_each_with(Config::default(), test);
}

/// The same with a configuration.
pub(crate) fn on_each_with(config: Config, test: impl Fn(&mut Rig)) {
    for way in ways() {
        println!("{way}");
        let mut rig = Rig::open(way, config.clone()).unwrap();
        test(&mut rig);
    }
}

/// The same, and with each set-up of a ring besides.
pub(crate) fn on_each_setup(test: impl Fn(&mut Rig)) {
    on_each_setup_with(Config::default(), test);
}

/// The drivers that there are here, and each set-up of a ring besides.
pub(crate) fn setups() -> Vec<Way> {
    let ways = ways().into_iter().flat_map(|way| {
        let others = SETUPS.map(|setup| Way { setup: Some(setup), ..way });
        let is_ring = way.driver == Choice::Ring;
        [way].into_iter().chain(others.into_iter().filter(move |_| is_ring))
    });
    ways.collect()
}

pub(crate) fn on_each_setup_with(config: Config, test: impl Fn(&mut Rig)) {
    for way in setups() {
        println!("{way}");
        let mut rig = Rig::open(way, config.clone()).unwrap();
        test(&mut rig);
    }
}

/// What came of an operation, kept beyond the wait.
#[derive(Debug)]
pub(crate) enum Came {
    Accepted(system::Accepted),
    Received(Vec<u8>),
    Ended(io::Result<()>),
    Woken,
}

/// A proactor and its lists.
pub(crate) struct Rig {
    pub(crate) way: Way,
    pub(crate) proactor: Proactor,
    pub(crate) events: Events,
    pub(crate) completions: Completions,
}

impl Rig {
    pub(crate) fn open(way: Way, config: Config) -> io::Result<Rig> {
        let poll = Poll::builder().backend(way.backend).build()?;
        let config = Config { driver: way.driver, ..config };
        let mut proactor = Proactor::new(poll, config)?;
        if let Some(setup) = way.setup {
            proactor.open_with_setup(setup)?;
            let text = proactor.capabilities()?.to_string();
            assert!(text.contains(setup), "{way}: {text}");
        }
        Ok(Rig {
            way,
            proactor,
            events: Events::with_capacity(64),
            completions: Completions::with_capacity(64),
        })
    }

    /// One wait that a signal does not end.
    pub(crate) fn poll(&mut self, timeout: Duration) {
        let Rig { proactor, events, completions, .. } = self;
        match proactor.poll(events, completions, Some(timeout)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            polled => polled.unwrap(),
        }
    }

    /// Waits until there are completions.
    pub(crate) fn wait(&mut self) {
        let start = Instant::now();
        while self.completions.is_empty() {
            self.poll(PATIENCE);
            // One that is found at the end of the time alone was lost before.
            let stats = self.proactor.stats();
            assert!(start.elapsed() < PATIENCE, "{}: no completion came; {stats:?}", self.way);
        }
    }

    /// Waits until the operation `id` is over, and takes it.
    pub(crate) fn done<O: op::Operation>(&mut self, id: OpId) -> (io::Result<u32>, O) {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < PATIENCE, "{}: {id:?} is not done", self.way);
            while let Some(completion) = self.completions.next() {
                if completion.id != id {
                    continue;
                }
                assert!(!completion.more);
                let Kind::Done(mut done) = completion.kind else { panic!("{completion:?}") };
                return done.take::<O>().expect("the operation as it was submitted");
            }
            self.poll(PATIENCE);
        }
    }

    /// The next completion, with its token.
    pub(crate) fn next(&mut self) -> (Token, bool, Came) {
        self.wait();
        let completion = self.completions.next().unwrap();
        let came = match completion.kind {
            Kind::Accepted(fd) => Came::Accepted(fd),
            Kind::Received(chunk) => Came::Received(chunk.to_vec()),
            Kind::Ended(result) => Came::Ended(result),
            Kind::Woken => Came::Woken,
            kind => panic!("{kind:?}"),
        };
        (completion.token, completion.more, came)
    }

    /// The next datagram of an operation that goes on; `None` if the operation has ended well.
    pub(crate) fn next_datagram(&mut self) -> Option<op::Datagram> {
        self.wait();
        let completion = self.completions.next().unwrap();
        match (completion.kind, completion.more) {
            (Kind::Datagram(datagram), true) => Some(datagram),
            (Kind::Ended(Ok(())), false) => None,
            (kind, more) => panic!("{}: {kind:?}, {more}", self.way),
        }
    }

    /// The result of a send, and how many bytes it had.
    pub(crate) fn sent(&mut self, id: OpId) -> io::Result<u32> {
        self.done::<op::Send<Vec<u8>>>(id).0
    }

    /// A chunk with `bytes` in it, which came from a peer.
    pub(crate) fn chunk(&mut self, bytes: &[u8]) -> Chunk {
        let (handle, mut peer) = self.connection();
        self.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        peer.write_all(bytes).unwrap();
        self.wait();
        let chunk = match self.completions.next().unwrap().kind {
            Kind::Received(chunk) => chunk,
            kind => panic!("{kind:?}"),
        };
        self.proactor.close(handle);
        // The end of the receive.
        self.wait();
        self.completions.clear();
        assert_eq!(&*chunk, bytes);
        chunk
    }

    /// Sees that nothing comes for a while.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.is_silent_for(SILENCE)
    }

    pub(crate) fn is_silent_for(&mut self, duration: Duration) -> bool {
        let end = Instant::now() + duration;
        loop {
            self.poll(duration);
            if !self.completions.is_empty() || !self.events.is_empty() {
                return false;
            }
            if Instant::now() >= end {
                return true;
            }
        }
    }

    /// A connection over TCP: the proactor's side, and that of a peer.
    pub(crate) fn connection(&mut self) -> (Handle, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let (stream, _) = listener.accept().unwrap();
        (self.proactor.attach(stream), peer)
    }
}

/// Reads all that comes to a peer, in a thread.
pub(crate) fn read_all(mut peer: TcpStream) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// Whether a peer is at the end of its stream. The end of a ring interrupts the next call that
/// blocks, which is repeated here.
pub(crate) fn is_at_end(mut peer: impl Read) -> bool {
    peer.read_to_end(&mut Vec::new()).unwrap() == 0
}
