//! The example `unix_server.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../unix_server.rs"]
mod unix_server;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    unix_server::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("unix_server: this example listens on a Unix socket, which only a Unix has");
    ExitCode::FAILURE
}
