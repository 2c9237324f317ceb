//! Polls and child processes.
//!
//! `cargo run --example fork`. After a plain fork(2), parent and child share the kernel's
//! side of a Poll: what one registers shows in the other. `forbid_fork` turns that into an
//! error. What works is a new Poll in the child, and sockets that are passed to it.

use std::env;
use std::error::Error;
use std::io::{Read, Write, stdin};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::process::Command;

use ferrio::net::UnixStream;
use ferrio::process::ChildExit;
use ferrio::{Events, Interest, Poll, Token};

const CHILD: Token = Token(0);
const ANSWER: Token = Token(1);

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some("child") { child() } else { parent() }
}

fn parent() -> Result<(), Box<dyn Error>> {
    // In a child that was forked off and goes on without exec, using it is `Unsupported`.
    let mut poll = Poll::builder().forbid_fork(true).build()?;
    let mut events = Events::with_capacity(8);
    let (mut ours, theirs) = UnixStream::pair()?;
    poll.registry().register(&mut ours, ANSWER, Interest::READABLE)?;

    // Descriptors of Ferrio are close-on-exec: the child has this one, as its input,
    // and no other. Spawning a program is no such fork: the Poll goes on working.
    let mut child = Command::new(env::current_exe()?).arg("child").stdin(OwnedFd::from(theirs)).spawn()?;
    let mut exit = ChildExit::new(&child)?;
    poll.registry().register(&mut exit, CHILD, Interest::READABLE)?;
    ours.write_all(b"are you there?")?;

    let mut has_exited = false;
    while !has_exited {
        poll.wait(&mut events, None)?;
        has_exited = events.iter().any(|event| event.token() == CHILD);
    }
    println!("the child has exited with {:?}", child.wait()?.code());
    let mut answer = String::new();
    ours.read_to_string(&mut answer)?;
    println!("its answer was {answer:?}");
    Ok(())
}

fn child() -> Result<(), Box<dyn Error>> {
    // A Poll of its own.
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(8);
    let socket = StdUnixStream::from(stdin().as_fd().try_clone_to_owned()?);
    socket.set_nonblocking(true)?;
    let mut socket = UnixStream::from_std(socket);
    poll.registry().register(&mut socket, ANSWER, Interest::READABLE)?;
    poll.wait(&mut events, None)?;
    let mut buf = [0; 64];
    let count = socket.read(&mut buf)?;
    socket.write_all(if &buf[..count] == b"are you there?" { b"yes" } else { b"what?" })?;
    Ok(())
}
