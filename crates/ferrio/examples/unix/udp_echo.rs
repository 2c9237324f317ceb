//! The example `udp_echo.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../udp_echo.rs"]
mod udp_echo;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    udp_echo::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("udp_echo: this example shows completion, which only a Unix has");
    ExitCode::FAILURE
}
