//! The example `pass_descriptors.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../pass_descriptors.rs"]
mod pass_descriptors;

#[cfg(unix)]
use std::error::Error;
#[cfg(not(unix))]
use std::process::ExitCode;

#[cfg(unix)]
fn main() -> Result<(), Box<dyn Error>> {
    pass_descriptors::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("pass_descriptors: this example passes descriptors, which only a Unix has");
    ExitCode::FAILURE
}
