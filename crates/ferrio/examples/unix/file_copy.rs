//! The example `file_copy.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../file_copy.rs"]
mod file_copy;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    file_copy::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("file_copy: this example shows completion, which only a Unix has");
    ExitCode::FAILURE
}
