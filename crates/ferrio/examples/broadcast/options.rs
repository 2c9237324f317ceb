//! The command line.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};

/// Relays each line of a client to all others.
#[derive(Parser)]
#[command(name = "broadcast", version, after_long_help = BEHAVIOUR)]
pub(crate) struct Options {
    /// TCP address to listen on, by number or by name; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7300", value_parser = addresses)]
    pub(crate) listen: Addresses,
    /// Path of a Unix socket to listen on as well.
    #[arg(long, value_name = "PATH")]
    pub(crate) unix: Option<PathBuf>,
    /// The most bytes in a line, its newline included.
    #[arg(long, default_value = "65536", value_parser = bytes, allow_negative_numbers = true)]
    pub(crate) line_max: usize,
    /// The most bytes that may wait for one client.
    #[arg(long, default_value = "1048576", value_parser = bytes, allow_negative_numbers = true)]
    pub(crate) queue_max: usize,
    /// What happens to a client for which more would wait.
    #[arg(long, value_name = "POLICY", default_value = "disconnect")]
    pub(crate) slow: Slow,
    /// How long a client may hold up others under `--slow pause` before it is disconnected.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) pause_max: Duration,
    /// How long a client that has ended its sending still receives.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, allow_negative_numbers = true)]
    pub(crate) linger: Duration,
}

/// The end of `--help`.
const BEHAVIOUR: &str = "\
A line is all bytes up to a newline. If a client ends its sending without one, its last
line gets one, and is counted as `completed`. A client whose line is too long is told so
and disconnected. Lines that could not be relayed are counted as `unfinished`.

A client that has ended its sending still receives for --linger seconds, and is counted
as `ended`; when descriptors are short it is closed at once. One that has vanished
without a word is found by keep-alive within two minutes.

Under `--slow pause` a client whose line does not fit into the queue of another is not read
from until it does. The slow client, not the one that waits, is disconnected if it does
not take a line within --pause-max seconds; so two clients that only send do not stop each
other for longer than that.

SIGINT and SIGTERM end the server once what is queued is delivered, after 3 seconds at
the latest; a second signal ends it at once. The counters are printed every 10 seconds,
on SIGUSR1, and at the end, when `due` is the sum of `delivered` and `dropped`.";

/// Where to listen for TCP: all addresses of a name, or the one that was given.
#[derive(Clone)]
pub(crate) struct Addresses(pub(crate) Vec<SocketAddr>);

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Slow {
    /// It is closed.
    Disconnect,
    /// It loses the oldest lines.
    DropOldest,
    /// The clients whose lines do not fit are not read from until they do.
    Pause,
}

impl Options {
    /// Reads the arguments; ends the program if they are wrong or ask for help.
    pub(crate) fn read() -> Options {
        let options = Options::parse();
        let Options { line_max, queue_max, .. } = options;
        if queue_max < line_max {
            let text = format!("--queue-max {queue_max} must be at least --line-max {line_max}");
            Options::command().error(ErrorKind::ValueValidation, text).exit();
        }
        options
    }
}

fn addresses(text: &str) -> Result<Addresses, String> {
    let advice = "give an address and a port, like 127.0.0.1:7300 or localhost:7300";
    match text.to_socket_addrs() {
        Ok(addresses) => Ok(Addresses(addresses.collect())),
        Err(error) => Err(format!("{error}; {advice}")),
    }
}

fn bytes(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|bytes| *bytes > 0).ok_or("give a number of bytes from 1 up")
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or("give a number of seconds, like 10 or 0.5")
}
