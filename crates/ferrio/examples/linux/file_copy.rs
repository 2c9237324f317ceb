//! The example `file_copy.rs`, where the system has what it shows.

#[cfg(target_os = "linux")]
#[path = "../file_copy.rs"]
mod file_copy;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    file_copy::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("file_copy: this example shows completion, which is there on Linux only");
    ExitCode::FAILURE
}
