//! The example `exclusive.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../exclusive.rs"]
mod exclusive;

#[cfg(unix)]
use std::error::Error;
#[cfg(not(unix))]
use std::process::ExitCode;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn Error>> {
    exclusive::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("exclusive: this example is about a flag of epoll(7), which only a Unix has");
    ExitCode::FAILURE
}
