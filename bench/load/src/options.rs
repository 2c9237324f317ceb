//! The command line of the load generator.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// What the clients do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Each active client sends and waits for its message to come back.
    Echo,
    /// The same, once per connection.
    Churn,
    /// One client sends, all others receive.
    Broadcast,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Options {
    /// What the clients do.
    pub(crate) shape: Shape,
    /// How the server calls its part of that.
    pub(crate) job: &'static str,
    /// The program of the server.
    pub(crate) server: PathBuf,
    /// Where strace writes what the server calls; without it, strace is not used.
    pub(crate) strace: Option<PathBuf>,
    /// Which of its subjects the server is, if it has several.
    pub(crate) variant: Option<String>,
    /// The path of a Unix socket; without it, TCP.
    pub(crate) unix: Option<PathBuf>,
    /// How many clients there are.
    pub(crate) connections: usize,
    /// How many of them have something to say.
    pub(crate) active: usize,
    /// The length of a message.
    pub(crate) size: usize,
    /// The core of the load generator.
    pub(crate) core: usize,
    /// The core of the server.
    pub(crate) server_core: usize,
    /// How long the measured part may take.
    pub(crate) time: Duration,
    /// How many requests the measured part may have.
    pub(crate) requests: u64,
}

impl Options {
    /// Reads the arguments after the name of the program.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> io::Result<Self> {
        let (shape, job) = match arguments.next().as_deref() {
            Some("echo") => (Shape::Echo, "echo"),
            Some("echo_short_read") => (Shape::Echo, "echo_short_read"),
            Some("churn") => (Shape::Churn, "echo"),
            Some("broadcast") => (Shape::Broadcast, "broadcast"),
            _ => return Err(wrong("echo, echo_short_read, churn or broadcast first")),
        };
        let mut options = Self {
            shape,
            job,
            server: PathBuf::new(),
            strace: None,
            variant: None,
            unix: None,
            connections: 64,
            active: usize::MAX,
            size: 64,
            core: 0,
            server_core: 0,
            time: Duration::from_millis(400),
            requests: 1_000_000,
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| wrong("a value for each option"))?;
            options.set(&name, value)?;
        }
        if options.server.as_os_str().is_empty() || options.connections < 2 && shape == Shape::Broadcast {
            return Err(wrong("--server, and clients that can talk to each other"));
        }
        Ok(options)
    }

    /// Whether each message waits for all others: a traced server is so slow that the
    /// next message would be there already when it looks for more.
    pub(crate) fn is_in_step(&self) -> bool {
        self.strace.is_some()
    }

    fn set(&mut self, name: &str, value: String) -> io::Result<()> {
        let number = || value.parse::<usize>().map_err(|_| wrong(&format!("a number for {name}")));
        match name {
            "--connections" => self.connections = number()?,
            "--active" => self.active = number()?,
            "--size" => self.size = number()?,
            "--core" => self.core = number()?,
            "--server-core" => self.server_core = number()?,
            "--milliseconds" => self.time = Duration::from_millis(number()? as u64),
            "--requests" => self.requests = number()? as u64,
            "--server" => self.server = value.into(),
            "--strace" => self.strace = Some(value.into()),
            "--variant" => self.variant = Some(value),
            "--unix" => self.unix = Some(value.into()),
            _ => return Err(wrong(&format!("no {name}"))),
        }
        Ok(())
    }
}

fn wrong(wanted: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("the command line wants {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::{Options, Shape};

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read() {
        let options = parse("churn --server a --size 70 --milliseconds 9").expect("all known");
        assert_eq!((options.shape, options.size, options.time.as_millis()), (Shape::Churn, 70, 9));
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for line in
            ["", "echo", "echo --server", "echo --server a --size x", "broadcast --server a --connections 1"]
        {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
