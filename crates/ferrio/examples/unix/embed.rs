//! The example `embed.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../embed.rs"]
mod embed;

#[cfg(unix)]
use std::error::Error;
#[cfg(not(unix))]
use std::process::ExitCode;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn Error>> {
    embed::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("embed: this example shows the descriptor of a Poll to another loop, which only a Unix has");
    ExitCode::FAILURE
}
