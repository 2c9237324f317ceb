//! Waiting for child processes without a thread and without SIGCHLD.
//!
//! `cargo run --example child_exit`. The exit of each child is an event like any
//! other. The last child would take a minute; it is killed, and its end is an event too.

use std::error::Error;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};

use ferrio::process::ChildExit;
use ferrio::{Events, Interest, Poll, Token};

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);

    let mut children: Vec<(Child, ChildExit)> = Vec::new();
    for script in ["exit 0", "exit 7", "exec sleep 60"] {
        let child = Command::new("sh").args(["-c", script]).spawn()?;
        let mut exit = ChildExit::new(&child)?;
        poll.registry().register(&mut exit, Token(children.len()), Interest::READABLE)?;
        children.push((child, exit));
    }

    let mut left = children.len();
    while left > 0 {
        poll.wait(&mut events, None)?;
        for event in &events {
            let number = event.token().0;
            let (child, exit) = &mut children[number];
            poll.registry().deregister(exit)?;
            // It has exited, so this does not block.
            let status = child.wait()?;
            match (status.code(), status.signal()) {
                (Some(code), _) => println!("child {number} exited with {code}"),
                (None, signal) => println!("child {number} was ended by signal {signal:?}"),
            }
            left -= 1;
        }
        if left == 1 {
            println!("enough");
            children[2].0.kill()?;
        }
    }
    Ok(())
}
