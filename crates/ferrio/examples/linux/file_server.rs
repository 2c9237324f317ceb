//! The example `file_server.rs`, where the system has what it shows.

#[cfg(target_os = "linux")]
#[path = "../file_server.rs"]
mod file_server;

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    file_server::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("file_server: this example moves bytes by splice(2), which only Linux has");
    ExitCode::FAILURE
}
