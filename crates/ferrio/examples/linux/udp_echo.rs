//! The example `udp_echo.rs`, where the system has what it shows.

#[cfg(target_os = "linux")]
#[path = "../udp_echo.rs"]
mod udp_echo;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    udp_echo::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("udp_echo: this example shows completion, which is there on Linux only");
    ExitCode::FAILURE
}
