//! The example `remote.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../remote.rs"]
mod remote;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    remote::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("remote: this example shows completion, which only a Unix has");
    ExitCode::FAILURE
}
