//! Waiting for child processes without a thread and without SIGCHLD.
//!
//! `cargo run --example child_exit`. The exit of each child is an event like any
//! other. The last child would take a minute; it is killed, and its end is an event too.

use std::error::Error;
use std::process::{self, Child, Command};
use std::time::Duration;
use std::{env, thread};

use ferrio::process::ChildExit;
use ferrio::{Events, Interest, Poll, Token};

fn main() -> Result<(), Box<dyn Error>> {
    // The children are this very program.
    if let Some(task) = env::args().nth(1) {
        work(&task);
    }
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);

    let mut children: Vec<(Child, ChildExit)> = Vec::new();
    for task in ["0", "7", "sleep"] {
        let child = Command::new(env::current_exe()?).arg(task).spawn()?;
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
            println!("child {number}: {status}");
            left -= 1;
        }
        if left == 1 {
            println!("enough");
            children[2].0.kill()?;
        }
    }
    Ok(())
}

/// What a child does: it exits with a code, or after a minute.
fn work(task: &str) -> ! {
    if let Ok(code) = task.parse() {
        process::exit(code);
    }
    thread::sleep(Duration::from_secs(60));
    process::exit(0);
}
