//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{CommandFactory, Parser, ValueEnum, error::ErrorKind};

/// Relays each line of a client to all others.
#[derive(Parser)]
#[command(name = "broadcast")]
pub(crate) struct Options {
    /// TCP address to listen on, port 0 for a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7300", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// Unix socket to listen on too.
    #[arg(long, value_name = "PATH")]
    pub(crate) unix: Option<PathBuf>,
    /// Bytes in a line; who sends a longer one is closed.
    #[arg(long, default_value = "65536", value_parser = bytes, allow_negative_numbers = true)]
    pub(crate) line_max: usize,
    /// Bytes that may wait for one client.
    #[arg(long, default_value = "1048576", value_parser = bytes, allow_negative_numbers = true)]
    pub(crate) queue_max: usize,
    /// What happens to a client for whom more would wait.
    #[arg(long, value_name = "POLICY", default_value = "disconnect")]
    pub(crate) slow: Slow,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Slow {
    /// It is closed.
    Disconnect,
    /// It loses the oldest lines.
    DropOldest,
}

impl Options {
    /// Reads the arguments; ends the program if they are wrong or ask for help.
    pub(crate) fn read() -> Self {
        let options = Self::parse();
        let Self { line_max, queue_max, .. } = options;
        if queue_max < line_max {
            let text = format!("--queue-max {queue_max} must be at least --line-max {line_max}");
            Self::command().error(ErrorKind::ValueValidation, text).exit();
        }
        options
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "give an address and a port, like 127.0.0.1:7300")
}

fn bytes(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|bytes| *bytes > 0).ok_or("give a number of bytes from 1 up")
}
