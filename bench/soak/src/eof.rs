//! A registered stream is dropped by one thread while another sleeps in a poll. Its peer
//! learns of the end at once, although the sleeper may hold the file.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::event::Source;
use ferrio_poll::net::{TcpStream, UnixStream};
use ferrio_poll::unix::pipe;
use ferrio_poll::{Events, Interest, Mode, Registry, Token, Waker};
use rustix::event::{PollFd, PollFlags, Timespec, poll as peer_poll};

use crate::dice::Dice;
use crate::setup::{MODES, Setup, join};

/// The token of the wake that ends the loop.
const OVER: Token = Token(usize::MAX);
/// Until when the peer must have learned of it.
const LIMIT: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };
/// For so many microseconds the poller has time to fall asleep.
const PAUSE: usize = 500;

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    let mut poll = setup.poll()?;
    let registry = poll.registry().try_clone()?;
    let (over, is_over) = (Waker::new(&registry, OVER)?, AtomicBool::new(false));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let (streams, late, worst) = thread::scope(|scope| {
        let sleeper = scope.spawn(|| {
            let mut events = Events::with_capacity(8);
            while !is_over.load(Ordering::Acquire) {
                poll.wait(&mut events, None)?;
            }
            Ok(())
        });
        let result = drops(setup, &registry, &listener);
        is_over.store(true, Ordering::Release);
        over.wake()?;
        join(vec![sleeper]).and(result)
    })?;
    Ok(format!("streams={streams} worst_us={} late={late}", worst.as_micros()))
}

/// Drops streams, each some time after it was registered. Gives how many, how many of their
/// peers did not learn of it in time, and the longest time that one took.
fn drops(setup: &Setup, registry: &Registry, listener: &TcpListener) -> io::Result<(usize, u64, Duration)> {
    let (mut dice, mut streams, mut late, mut worst) = (Dice::new(0), 0, 0, Duration::ZERO);
    while !setup.is_over() {
        let (mut near, far) = pair(streams, listener)?;
        // A level that is always ready, as the room of a pipe is, would keep the poller awake.
        let (interest, mode) = match streams % 3 {
            0 => (Interest::WRITABLE, Mode::Edge),
            _ => (Interest::READABLE, MODES[streams / 3 % MODES.len()]),
        };
        registry.register_with(&mut *near, Token(streams), interest, mode)?;
        thread::sleep(dice.microseconds(PAUSE));
        let begin = Instant::now();
        drop(near);
        let ended = peer_poll(&mut [PollFd::new(&far, PollFlags::IN)], Some(&LIMIT))?;
        late += u64::from(ended == 0);
        worst = worst.max(begin.elapsed());
        streams += 1;
    }
    Ok((streams, late, worst))
}

/// The two ends of a pipe, a TCP or a Unix stream: the one to be registered, and its peer.
fn pair(number: usize, listener: &TcpListener) -> io::Result<(Box<dyn Source>, OwnedFd)> {
    Ok(match number % 3 {
        0 => {
            let (sender, receiver) = pipe::new()?;
            (Box::new(sender), receiver.into())
        }
        1 => {
            let near = std::net::TcpStream::connect(listener.local_addr()?)?;
            near.set_nonblocking(true)?;
            (Box::new(TcpStream::from_std(near)), listener.accept()?.0.into())
        }
        _ => {
            let (near, far) = net::UnixStream::pair()?;
            near.set_nonblocking(true)?;
            (Box::new(UnixStream::from_std(near)), far.into())
        }
    })
}
