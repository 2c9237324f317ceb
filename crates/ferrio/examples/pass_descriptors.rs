//! Connections that one process accepts and another one serves.
//!
//! `cargo run --example pass_descriptors`. The program starts itself as a worker, with one end of
//! a socket pair as its standard input, and passes each client over it.

use std::env;
use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};

use ferrio::net::{Descriptors, TcpListener, TcpStream, UnixSeqpacket};
use ferrio::{Events, Interest, Poll, Token};

const LISTENER: Token = Token(0);
const INBOX: Token = Token(1);
/// How many clients there are.
const CLIENTS: usize = 3;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some("worker") {
        return Ok(work()?);
    }
    let (ours, theirs) = UnixSeqpacket::pair()?;
    let stdin = Stdio::from(OwnedFd::from(theirs));
    let mut worker = Command::new(env::current_exe()?).arg("worker").stdin(stdin).spawn()?;

    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut listener = TcpListener::bind_to("127.0.0.1:0")?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let address = listener.local_addr()?;
    let clients =
        std::thread::spawn(move || (0..CLIENTS).map(|_| ask(address)).collect::<io::Result<Vec<_>>>());

    let mut passed = 0;
    while passed < CLIENTS {
        poll.wait(&mut events, None)?;
        loop {
            match listener.accept() {
                Ok((client, _)) => {
                    let words = format!("client {passed}");
                    ours.send_with_fds(words.as_bytes(), &[client.as_fd()])?;
                    // The descriptor here is closed with `client`; the worker has its own.
                    passed += 1;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    // The worker ends when nobody can send any more.
    drop(ours);
    for answer in clients.join().map_err(|_| "the thread of the clients panicked")?? {
        println!("{answer}");
    }
    assert!(worker.wait()?.success());
    Ok(())
}

/// What a client is told.
fn ask(address: std::net::SocketAddr) -> io::Result<String> {
    let mut answer = String::new();
    std::net::TcpStream::connect(address)?.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Serves the clients that are passed over the standard input, until that ends.
fn work() -> io::Result<()> {
    let mut inbox = UnixSeqpacket::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    poll.registry().register(&mut inbox, INBOX, Interest::READABLE)?;
    let mut buf = [0; 64];
    let mut fds = Descriptors::with_capacity(1);
    loop {
        poll.wait(&mut events, None)?;
        loop {
            let record = match inbox.recv_with_fds(&mut buf, &mut fds) {
                Ok(record) if record.is_empty() => return Ok(()),
                Ok(record) => record,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            };
            // Of a sender that is not trusted this would have to be looked at first.
            for fd in fds.drain() {
                let mut client = TcpStream::from(fd);
                client.write_all(b"served by the worker: ")?;
                client.write_all(&buf[..record.len()])?;
            }
        }
    }
}
