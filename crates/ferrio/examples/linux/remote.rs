//! The example `remote.rs`, where the system has what it shows.

#[cfg(target_os = "linux")]
#[path = "../remote.rs"]
mod remote;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    remote::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("remote: this example shows completion, which is there on Linux only");
    ExitCode::FAILURE
}
