//! The command line.

use std::{ffi::OsString, net::SocketAddr, num::NonZeroUsize, path::PathBuf, str::FromStr};

pub(crate) const HELP: &str = "\
usage: broadcast [--listen ADDR] [--unix PATH] [--line-max N] [--queue-max N] [--slow POLICY]
  --listen ADDR    TCP address, port 0 for a free one [127.0.0.1:7300]
  --unix PATH      listen on a Unix socket too
  --line-max N     bytes in a line; who sends a longer one is closed [65536]
  --queue-max N    bytes that may wait for one client [1048576]
  --slow POLICY    past that: disconnect the client (default), or drop-oldest lines";

/// Where to listen, and what one client may take of the server.
pub(crate) struct Options {
    pub(crate) listen: SocketAddr,
    pub(crate) unix: Option<PathBuf>,
    pub(crate) line_max: usize,
    pub(crate) queue_max: usize,
    pub(crate) drop_oldest: bool,
}

impl Options {
    /// Reads the arguments; `None` if they ask for help.
    pub(crate) fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (listen, unix) = (([127, 0, 0, 1], 7300).into(), None);
        let mut options = Self { listen, unix, line_max: 65536, queue_max: 1048576, drop_oldest: false };
        while let Some(name) = args.next() {
            let name = name.to_string_lossy();
            let mut value = || args.next().ok_or_else(|| format!("{name} needs a value"));
            match &*name {
                "--help" => return Ok(None),
                "--listen" => options.listen = read(&name, value()?, "like 127.0.0.1:7300")?,
                "--unix" => options.unix = Some(value()?.into()),
                "--line-max" => options.line_max = bytes(&name, value()?)?,
                "--queue-max" => options.queue_max = bytes(&name, value()?)?,
                "--slow" => match value()?.to_str() {
                    Some("disconnect") => options.drop_oldest = false,
                    Some("drop-oldest") => options.drop_oldest = true,
                    other => return Err(format!("--slow {other:?}: give disconnect or drop-oldest")),
                },
                _ => return Err(format!("unknown option {name:?}: see --help")),
            }
        }
        let Self { line_max, queue_max, .. } = options;
        if queue_max < line_max {
            return Err(format!("--queue-max {queue_max} must be at least --line-max {line_max}"));
        }
        Ok(Some(options))
    }
}

fn bytes(name: &str, value: OsString) -> Result<usize, String> {
    read::<NonZeroUsize>(name, value, "a number of bytes from 1 up").map(usize::from)
}

fn read<T: FromStr>(name: &str, value: OsString, expected: &str) -> Result<T, String> {
    let read = value.to_str().and_then(|text| text.parse().ok());
    read.ok_or_else(|| format!("{name} {value:?} is not usable: give {expected}"))
}
