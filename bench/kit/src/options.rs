//! The command line of a subject.

use std::env;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::machine;

/// What a subject is asked to do: `JOB [--unix PATH] [--cores A,B] [--rounds N]
/// [--pause MS] [--variant NAME]`.
#[derive(Clone, Debug)]
pub struct Options {
    /// `echo`, `echo_short_read`, `broadcast`, or one of the loops.
    pub job: String,
    /// Where to listen; without it, on a free TCP port of the loopback.
    pub unix: Option<PathBuf>,
    /// The core of the main thread and that of a second one.
    pub cores: (usize, usize),
    /// How often a loop without a client goes round.
    pub rounds: u64,
    /// How long a thread waits before it wakes another, so that this one sleeps even
    /// if each of its calls is traced.
    pub pause: Duration,
    /// Which of its subjects a program is, if it has several.
    pub variant: String,
}

impl Options {
    /// Reads the command line of this process, and makes it ready for its job.
    pub fn of_process() -> io::Result<Self> {
        let options = Self::parse(env::args().skip(1))?;
        machine::pin(options.cores.0)?;
        machine::raise_descriptor_limit()?;
        Ok(options)
    }

    /// Reads the arguments after the name of the program.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> io::Result<Self> {
        let job = arguments.next().ok_or_else(|| wrong("a job"))?;
        let (pause, variant) = (Duration::ZERO, String::new());
        let mut options = Self { job, unix: None, cores: (0, 0), rounds: 1, pause, variant };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| wrong("a value for each option"))?;
            match name.as_str() {
                "--unix" => options.unix = Some(value.into()),
                "--cores" => options.cores = cores(&value)?,
                "--rounds" => options.rounds = value.parse().map_err(|_| wrong("a number"))?,
                "--pause" => {
                    let milliseconds = value.parse().map_err(|_| wrong("a number"))?;
                    options.pause = Duration::from_millis(milliseconds);
                }
                "--variant" => options.variant = value,
                _ => return Err(wrong("--unix, --cores, --rounds, --pause or --variant")),
            }
        }
        Ok(options)
    }
}

/// Reads `A,B`.
fn cores(text: &str) -> io::Result<(usize, usize)> {
    let pair = text.split_once(',').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    pair.ok_or_else(|| wrong("two cores, as 0,1"))
}

fn wrong(wanted: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("the command line wants {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned)).map_err(|error| error.to_string())
    }

    #[test]
    fn every_option_is_read() {
        let options =
            parse("echo --unix a/b --cores 1,3 --rounds 70 --pause 2 --variant x").expect("all known");
        assert_eq!((options.job.as_str(), options.cores, options.rounds), ("echo", (1, 3), 70));
        assert_eq!((options.pause.as_millis(), options.variant.as_str()), (2, "x"));
        assert_eq!(options.unix.expect("a path").to_str(), Some("a/b"));
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for line in ["", "echo --rounds", "echo --rounds x", "echo --cores 1", "echo --fast 1"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
