//! Loops that try to make a Poll lose, double or invent something, for `cargo xtask soak`.
//! Each runs for as many milliseconds as it is told, on the backend that `FERRIO_BACKEND`
//! names, and ends with its account in a line that begins with `final: `. The program
//! that started it judges; it fails only if it cannot go on.

mod channels;
mod dice;
mod early;
mod embedded;
mod eof;
mod fairness;
mod lure;
mod setup;
mod signals;
mod stale;
mod storm;
mod timers;
mod wakes;

use std::env;
use std::io;

use crate::setup::Setup;

/// A program: what it is called, and what gives its account.
type Program = (&'static str, fn(&Setup) -> io::Result<String>);

const PROGRAMS: &[Program] = &[
    ("channels", channels::run),
    ("early", early::run),
    ("embedded", embedded::run),
    ("eof", eof::run),
    ("fairness", fairness::run),
    ("signals", signals::run),
    ("stale", stale::run),
    ("timers", timers::run),
    ("wakes", wakes::run),
];

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let milliseconds = arguments.next().and_then(|text| text.parse().ok());
    let program = PROGRAMS.iter().find(|(known, _)| *known == name);
    let (Some((_, run)), Some(milliseconds)) = (program, milliseconds) else {
        let names: Vec<_> = PROGRAMS.iter().map(|(name, _)| *name).collect();
        let text = format!("the command line wants milliseconds after one of {}", names.join(", "));
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    };
    println!("final: {}", run(&Setup::new(milliseconds)?)?);
    Ok(())
}
