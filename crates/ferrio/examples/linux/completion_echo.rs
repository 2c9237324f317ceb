//! The example `completion_echo.rs`, where the system has what it shows.

#[cfg(target_os = "linux")]
#[path = "../completion_echo.rs"]
mod completion_echo;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    completion_echo::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("completion_echo: this example shows completion, which is there on Linux only");
    ExitCode::FAILURE
}
