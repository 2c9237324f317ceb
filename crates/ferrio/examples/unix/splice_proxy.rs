//! The example `splice_proxy.rs`, where the system has what it shows.

#[cfg(unix)]
#[path = "../splice_proxy.rs"]
mod splice_proxy;

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    splice_proxy::main()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("splice_proxy: this example splices streams, which only a Unix has");
    ExitCode::FAILURE
}
