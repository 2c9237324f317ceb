//! Loops without a client, for `cargo xtask faults`: each does its job on the backend
//! that `FERRIO_BACKEND` names, and ends with its account in a line that begins with
//! `final: `. The program that started it judges; it fails only if it cannot go on.

mod beat;
mod children;
mod proc;
mod signals;
mod timers;
mod turns;
mod wall;

use std::env;
use std::io;

fn main() -> io::Result<()> {
    match env::args().nth(1).as_deref() {
        Some("timers") => timers::run(),
        Some("signals") => signals::run(),
        Some("children") => children::run(),
        Some("wall") => wall::run(),
        _ => {
            let text = "the command line wants a job: timers, signals, children or wall";
            Err(io::Error::new(io::ErrorKind::InvalidInput, text))
        }
    }
}
