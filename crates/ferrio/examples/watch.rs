//! Watching a directory.
//!
//! `cargo run --example watch`. A thread works on a file while the loop prints what
//! happens to it, until the directory itself is gone. If changes come faster than they are
//! taken, there is an overflow, after which a real program would list the directory.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::{env, io, process, thread};

use ferrio::fs::{Kind, Kinds, Watch};
use ferrio::{Events, Interest, Poll, Token};

fn main() -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(4);
    let directory: PathBuf = env::temp_dir().join(format!("ferrio-watch-{}", process::id()));
    fs::create_dir(&directory)?;

    // Before the work begins, so that nothing of it is missed.
    let mut watch = Watch::new()?;
    watch.add(&directory, Kinds::ALL)?;
    poll.registry().register(&mut watch, Token(0), Interest::READABLE)?;
    let worker = thread::spawn(move || work(&directory));

    'watching: loop {
        poll.wait(&mut events, None)?;
        // Only after `None` does the next event come.
        while let Some(change) = watch.take()? {
            match (change.kind(), change.name()) {
                (Kind::Ended, _) => break 'watching,
                (Kind::Overflow, _) => println!("some changes are missing"),
                (kind, Some(name)) => println!("{kind:?} {name:?}"),
                (kind, None) => println!("{kind:?}"),
            }
        }
    }
    worker.join().map_err(|_| "the worker panicked")??;
    println!("done");
    Ok(())
}

fn work(directory: &Path) -> io::Result<()> {
    let (draft, letter) = (directory.join("draft"), directory.join("letter"));
    fs::write(&draft, "Dear reader")?;
    fs::rename(&draft, &letter)?;
    fs::remove_file(&letter)?;
    fs::remove_dir(directory)
}
