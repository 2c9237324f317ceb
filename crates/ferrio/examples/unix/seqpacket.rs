//! The example `seqpacket.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../seqpacket.rs"]
mod seqpacket;

#[cfg(unix)]
use std::error::Error;
#[cfg(not(unix))]
use std::process::ExitCode;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn Error>> {
    seqpacket::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("seqpacket: this example sends records over a Unix socket, which only a Unix has");
    ExitCode::FAILURE
}
