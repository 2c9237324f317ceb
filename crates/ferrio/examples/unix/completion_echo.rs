//! The example `completion_echo.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../completion_echo.rs"]
mod completion_echo;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    completion_echo::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("completion_echo: this example shows completion, which only a Unix has");
    ExitCode::FAILURE
}
