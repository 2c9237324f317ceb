//! The example `udp_echo.rs`, where the system has what it shows.

#[cfg(any(unix, windows))]
#[path = "../udp_echo.rs"]
mod udp_echo;

use std::process::ExitCode;

#[cfg(any(unix, windows))]
fn main() -> ExitCode {
    udp_echo::main()
}

#[cfg(not(any(unix, windows)))]
fn main() -> ExitCode {
    eprintln!("udp_echo: this example shows completion, which Unix and Windows have");
    ExitCode::FAILURE
}
