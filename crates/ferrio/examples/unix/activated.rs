//! The example `activated.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../activated.rs"]
mod activated;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    activated::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("activated: this example takes descriptors from a service manager, which only a Unix has");
    ExitCode::FAILURE
}
