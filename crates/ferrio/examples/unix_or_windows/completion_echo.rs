//! The example `completion_echo.rs`, where the system has what it shows.

#[cfg(any(unix, windows))]
#[path = "../completion_echo.rs"]
mod completion_echo;

use std::process::ExitCode;

#[cfg(any(unix, windows))]
fn main() -> ExitCode {
    completion_echo::main()
}

#[cfg(not(any(unix, windows)))]
fn main() -> ExitCode {
    eprintln!("completion_echo: this example shows completion, which Unix and Windows have");
    ExitCode::FAILURE
}
