//! Descriptors that are passed over Unix sockets, also by a peer that nobody has asked for
//! them: which came, and whether any stays open.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use ferrio_poll::net::{Descriptors, UnixDatagram, UnixSeqpacket, UnixStream};
use ferrio_poll::{Interest, Token};
use rustix::io::{Errno, FdFlags, fcntl_getfd, read, write};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::proc::{descriptors, limit};
use crate::turns::Turns;

/// How often all kinds of sockets meet all plans.
const TIMES: usize = 8;
/// The most descriptors of a message.
const FDS_MAX: usize = 7;
/// How many of them there are descriptors for, if they are short.
const SPARE: u64 = 2;
const MESSAGE: &[u8] = b"sixteen bytes or";
const RECEIVER: Token = Token(0);
/// How long to wait for an event, and how often to try.
const TICK: Duration = Duration::from_millis(2);
const ARRIVAL: Duration = Duration::from_secs(1);
const TRIES_MAX: u64 = 1000;

/// Two ends that are connected.
enum Pair {
    Datagram(UnixDatagram, UnixDatagram),
    Seqpacket(UnixSeqpacket, UnixSeqpacket),
    Stream(UnixStream, UnixStream),
}

/// What the receiver is ready for.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Plan {
    /// All that comes.
    Wanted,
    /// No descriptors.
    Unasked,
    /// Fewer than come.
    TooMany,
    /// All that comes, but the process may not have so many.
    Short,
}

/// What happened.
#[derive(Debug, Default)]
struct Account {
    rounds: u64,
    /// Descriptors that were sent, and those that came.
    sent: u64,
    got: u64,
    /// Messages that came without theirs, as there was no room in the list, or in the process.
    cut: u64,
    short: u64,
    /// Of the latter, those of which it was said that the list had no room.
    misnamed: u64,
    /// Sends and receives that failed otherwise.
    troubles: u64,
    /// Bytes and descriptors that were not what was sent.
    wrong: u64,
    /// Descriptors that a child would inherit.
    inherited: u64,
    /// Messages of which no event told.
    unannounced: u64,
    /// Descriptors that are open although nobody has them.
    held: u64,
    leaked: u64,
}

/// Does the job and says what happened.
pub(crate) fn run() -> io::Result<()> {
    let (mut turns, mut account) = (Turns::new()?, Account::default());
    let before = descriptors()?;
    for time in 0..TIMES {
        for plan in [Plan::Wanted, Plan::Unasked, Plan::TooMany, Plan::Short] {
            for pair in [
                UnixDatagram::pair().map(|(one, other)| Pair::Datagram(one, other))?,
                UnixSeqpacket::pair().map(|(one, other)| Pair::Seqpacket(one, other))?,
                UnixStream::pair().map(|(one, other)| Pair::Stream(one, other))?,
            ] {
                let least = if plan == Plan::Short { SPARE as usize + 1 } else { 1 };
                account.round(&mut turns, pair, plan, least + time % (FDS_MAX - least + 1))?;
            }
            account.leaked += descriptors()?.abs_diff(before);
        }
    }
    let Account { rounds, sent, got, cut, short, misnamed, .. } = account;
    let Account { troubles, wrong, inherited, unannounced, held, leaked, .. } = account;
    println!(
        "final: rounds={rounds} sent={sent} got={got} cut={cut} short={short} misnamed={misnamed} \
         troubles={troubles} wrong={wrong} inherited={inherited} unannounced={unannounced} held={held} \
         leaked={leaked}"
    );
    Ok(())
}

impl Account {
    /// Passes `count` descriptors.
    fn round(&mut self, turns: &mut Turns, mut pair: Pair, plan: Plan, count: usize) -> io::Result<()> {
        self.rounds += 1;
        pair.register(turns)?;
        let pipes = (0..count).map(|_| pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK));
        let (readers, writers): (Vec<_>, Vec<_>) = pipes.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let borrowed: Vec<BorrowedFd<'_>> = writers.iter().map(AsFd::as_fd).collect();
        self.again(turns, || pair.send(&borrowed))?;
        self.sent += count as u64;
        drop(writers);
        turns.within(ARRIVAL)?;
        self.unannounced += u64::from(turns.events.is_empty());

        let room = if plan == Plan::TooMany { count - 1 } else { FDS_MAX };
        let (mut buf, mut fds) = ([0; 64], Descriptors::with_capacity(room));
        if plan == Plan::Short {
            let free = File::open("/dev/null")?.as_raw_fd();
            limit(Some(free as u64 + SPARE))?;
        }
        let result = self.again(turns, || {
            let result =
                if plan == Plan::Unasked { pair.receive(&mut buf) } else { pair.take(&mut buf, &mut fds) };
            match result {
                // These do not pass, and are what is expected.
                Err(error) if is_lack(&error, plan) => Ok(Err(error)),
                result => result.map(Ok),
            }
        })?;
        limit(None)?;
        match result {
            Ok(len) => self.wrong += u64::from(&buf[..len] != MESSAGE),
            Err(error) if plan == Plan::Short => {
                self.short += 1;
                self.misnamed += u64::from(error.kind() == ErrorKind::InvalidData);
            }
            Err(_) => self.cut += 1,
        }
        self.look(&mut fds, &readers, if plan == Plan::Wanted { count } else { 0 })?;
        drop((fds, pair));
        // Only a descriptor that is open somewhere keeps a pipe from its end.
        self.held += readers.iter().filter(|reader| read(reader, &mut [0; 1]) != Ok(0)).count() as u64;
        Ok(())
    }

    /// Looks at the descriptors that came, of which there should be `count`.
    fn look(&mut self, fds: &mut Descriptors, readers: &[OwnedFd], count: usize) -> io::Result<()> {
        self.got += fds.len() as u64;
        self.wrong += fds.len().abs_diff(count) as u64;
        // Half of the lists are given away, the others close what is in them.
        let is_given = self.rounds % 2 == 0;
        for (fd, reader) in fds.drain().zip(readers).filter(|_| is_given) {
            self.inherited += u64::from(!fcntl_getfd(&fd)?.contains(FdFlags::CLOEXEC));
            let is_right = write(&fd, b"!").is_ok() && read(reader, &mut [0; 1]) == Ok(1);
            self.wrong += u64::from(!is_right);
        }
        Ok(())
    }

    /// Tries until it works: an error that is made up leaves all as it was.
    fn again<T>(&mut self, turns: &mut Turns, mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        for _ in 0..TRIES_MAX {
            match operation() {
                Ok(value) => return Ok(value),
                Err(error) => {
                    self.troubles += 1;
                    if error.kind() == ErrorKind::WouldBlock {
                        turns.within(TICK)?;
                    }
                }
            }
        }
        Err(io::Error::other("it never works"))
    }
}

impl Pair {
    fn register(&mut self, turns: &Turns) -> io::Result<()> {
        let registry = turns.poll.registry();
        match self {
            Self::Datagram(_, receiver) => registry.register(receiver, RECEIVER, Interest::READABLE),
            Self::Seqpacket(_, receiver) => registry.register(receiver, RECEIVER, Interest::READABLE),
            Self::Stream(_, receiver) => registry.register(receiver, RECEIVER, Interest::READABLE),
        }
    }

    /// Sends the message with `fds`.
    fn send(&self, fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        match self {
            Self::Datagram(sender, _) => sender.send_with_fds(MESSAGE, fds),
            Self::Seqpacket(sender, _) => sender.send_with_fds(MESSAGE, fds),
            Self::Stream(sender, _) => sender.send_with_fds(MESSAGE, fds),
        }
    }

    /// Receives a message and its descriptors.
    fn take(&self, buf: &mut [u8], fds: &mut Descriptors) -> io::Result<usize> {
        match self {
            Self::Datagram(_, receiver) => receiver.recv_with_fds(buf, fds).map(|record| record.len()),
            Self::Seqpacket(_, receiver) => receiver.recv_with_fds(buf, fds).map(|record| record.len()),
            Self::Stream(_, receiver) => receiver.recv_with_fds(buf, fds),
        }
    }

    /// Receives a message, as if it had none.
    fn receive(&self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Datagram(_, receiver) => receiver.recv(buf),
            Self::Seqpacket(_, receiver) => receiver.recv(buf).map(|record| record.len()),
            Self::Stream(_, receiver) => (&*receiver).read(buf),
        }
    }
}

/// True for an error that says that there is no room in the list, or none in the process.
fn is_lack(error: &io::Error, plan: Plan) -> bool {
    let is_lack =
        error.kind() == ErrorKind::QuotaExceeded || Errno::from_io_error(error) == Some(Errno::MFILE);
    error.kind() == ErrorKind::InvalidData || plan == Plan::Short && is_lack
}
