//! The example `own_source.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../own_source.rs"]
mod own_source;

#[cfg(unix)]
use std::error::Error;
#[cfg(not(unix))]
use std::process::ExitCode;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn Error>> {
    own_source::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("own_source: this example wraps descriptors, which only a Unix has");
    ExitCode::FAILURE
}
