//! The example `file_copy.rs`, where the system has what it shows.

#[cfg(any(unix, windows))]
#[path = "../file_copy.rs"]
mod file_copy;

use std::process::ExitCode;

#[cfg(any(unix, windows))]
fn main() -> ExitCode {
    file_copy::main()
}

#[cfg(not(any(unix, windows)))]
fn main() -> ExitCode {
    eprintln!("file_copy: this example shows completion, which Unix and Windows have");
    ExitCode::FAILURE
}
