//! Loops without a client, for `cargo xtask faults`: each does its job on the backend
//! that `FERRIO_BACKEND` names, and ends with its account in a line that begins with
//! `final: `. Who started it judges; it fails only if it cannot go on.

mod timers;

use std::env;
use std::io;

fn main() -> io::Result<()> {
    match env::args().nth(1).as_deref() {
        Some("timers") => timers::run(),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "the command line wants a job: timers")),
    }
}
