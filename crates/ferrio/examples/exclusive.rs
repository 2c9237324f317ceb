//! One listener in two threads, of which a client wakes one.
//!
//! `cargo run --example exclusive`. Each thread has a Poll of its own. With `EPOLLEXCLUSIVE`
//! the kernel wakes one or some of the threads that watch the listener, rather than all of
//! them for a connection that only one of them gets.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread;

use ferrio::os::linux::{EpollFlags, RegistryExt};
use ferrio::user::{self, UserSource};
use ferrio::{Backend, Events, Interest, Poll, Token};

type Accepted = Sender<SocketAddr>;

const LISTENER: Token = Token(0);
const STOP: Token = Token(1);
const CLIENTS: usize = 20;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0")?);
    listener.set_nonblocking(true)?;
    let (accepted, addresses) = mpsc::channel();
    let (mut threads, mut triggers) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        // FERRIO_BACKEND chooses one.
        let poll = Poll::builder().backend(Backend::from_env()?).build()?;
        // No `ET`, so it is a level: one `accept` per event is enough.
        let flags = EpollFlags::IN | EpollFlags::EXCLUSIVE;
        match poll.registry().register_flags(&listener, LISTENER, flags) {
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                println!("not on this backend: {error}");
                return Ok(());
            }
            result => result?,
        }
        let (stop, trigger) = user::source();
        triggers.push(trigger);
        let (listener, accepted) = (Arc::clone(&listener), accepted.clone());
        threads.push(thread::spawn(move || accept(poll, &listener, stop, &accepted)));
    }

    let address = listener.local_addr()?;
    let _clients = (0..CLIENTS).map(|_| TcpStream::connect(address)).collect::<Result<Vec<_>, _>>()?;
    let seen: BTreeSet<SocketAddr> = addresses.iter().take(CLIENTS).collect();
    for trigger in triggers {
        trigger.fire()?;
    }
    for thread in threads {
        thread.join().map_err(|_| "a thread panicked")??;
    }
    println!("{} clients, each accepted once", seen.len());
    Ok(())
}

/// Accepts until it is told to stop.
fn accept(
    mut poll: Poll,
    listener: &TcpListener,
    mut stop: UserSource,
    accepted: &Accepted,
) -> io::Result<()> {
    let mut events = Events::with_capacity(4);
    poll.registry().register(&mut stop, STOP, Interest::READABLE)?;
    loop {
        poll.wait(&mut events, None)?;
        for event in &events {
            if event.token() == STOP {
                return Ok(());
            }
            match listener.accept() {
                Ok((_, address)) => accepted.send(address).map_err(io::Error::other)?,
                // The other thread was faster.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}
