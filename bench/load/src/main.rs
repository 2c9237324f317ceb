//! The load generator of the benchmark: it starts a server, connects clients to it,
//! verifies every message, and prints what the server used in one line of JSON.

mod broadcast;
mod churn;
mod client;
mod echo;
mod latency;
mod limit;
mod message;
mod options;
mod poller;
mod server;
mod usage;

use std::env;
use std::io;
use std::process::ExitCode;

use bench_kit::machine;

use crate::options::{Options, Shape};
use crate::server::Server;
use crate::usage::Figures;

fn main() -> ExitCode {
    match Options::parse(env::args().skip(1)).and_then(|options| run(&options)) {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<Figures> {
    let connections = machine::within_descriptor_limit(options.connections, 1)?;
    let server = Server::start(options)?;
    machine::pin(options.core)?;
    match options.shape {
        Shape::Echo => echo::run(options, &server, connections),
        Shape::Churn => churn::run(options, &server),
        Shape::Broadcast => broadcast::run(options, &server, connections),
    }
}
