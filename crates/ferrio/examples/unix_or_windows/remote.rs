//! The example `remote.rs`, where the system has what it shows.

#[cfg(any(unix, windows))]
#[path = "../remote.rs"]
mod remote;

use std::process::ExitCode;

#[cfg(any(unix, windows))]
fn main() -> ExitCode {
    remote::main()
}

#[cfg(not(any(unix, windows)))]
fn main() -> ExitCode {
    eprintln!("remote: this example shows completion, which Unix and Windows have");
    ExitCode::FAILURE
}
