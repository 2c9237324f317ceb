//! How a proactor is made.

use std::io;
use std::time::Duration;

/// How a [`Proactor`](crate::Proactor) is made.
///
/// ```
/// use ferrio_proactor::{Choice, Config};
///
/// let config = Config { driver: Choice::Readiness, buffers: 64, ..Config::default() };
/// assert_eq!(config.buffer_len, 4096);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Which driver does the operations.
    pub driver: Choice,
    /// How many operations the ring takes by one system call; a power of two, or it is made one.
    /// More are submitted by more calls. At most 32,768; 256.
    pub entries: u32,
    /// How many operations may be under way, or over and not delivered yet; more are
    /// [`Full`](crate::Reason::Full). 2²⁰.
    pub operations: u32,
    /// How many buffers the pool has, from 1 to 32,768. A small pool stays in the cache of the
    /// processor. 256.
    pub buffers: u16,
    /// How long each of them is, from 256 bytes to 16 MiB. 4,096.
    pub buffer_len: u32,
    /// How many threads the readiness driver starts at most for what a file makes it wait for. With
    /// none, `Open`, `Statx` and `Fsync` are [`Unsupported`](crate::Reason::Unsupported), and a read
    /// or write that would wait ends with `EOPNOTSUPP`: each of a file, on systems other than Linux.
    /// They start when they are needed. 4.
    pub threads: usize,
    /// How many bytes one read or write of a file moves at most, so that a long one does not hold
    /// the loop; the completion says how many they were. At most 2³⁰; 2²⁰.
    pub file_bytes: u32,
    /// How long a drop of the proactor waits for the operations under way, which it has cancelled.
    /// If some are still in the kernel then, their memory is leaked. One second.
    pub drop_deadline: Duration,
}

/// Which driver does the operations.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Choice {
    /// The ring, where the system lets a program have one, else readiness.
    #[default]
    Auto,
    /// The ring, or an error.
    Ring,
    /// Readiness: the operations are emulated over the backend of the Poll.
    Readiness,
}

impl Config {
    /// Refuses what no driver can be made of.
    pub(crate) fn check(&self) -> io::Result<()> {
        let wrong = if self.entries == 0 || self.entries > 32_768 {
            format!("Config::entries is {}: from 1 to 32,768 are possible", self.entries)
        } else if self.buffers == 0 || self.buffers > 32_768 {
            format!("Config::buffers is {}: from 1 to 32,768 are possible", self.buffers)
        } else if self.buffer_len < 256 || self.buffer_len > 1 << 24 {
            format!("Config::buffer_len is {}: from 256 to 16,777,216 bytes are possible", self.buffer_len)
        } else if self.operations == 0 {
            "Config::operations is 0: no operation would be accepted".to_owned()
        } else if self.file_bytes == 0 || self.file_bytes > 1 << 30 {
            format!("Config::file_bytes is {}: from 1 to 1,073,741,824 are possible", self.file_bytes)
        } else {
            return Ok(());
        };
        Err(io::Error::new(io::ErrorKind::InvalidInput, wrong))
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            driver: Choice::Auto,
            entries: 256,
            operations: 1 << 20,
            buffers: 256,
            buffer_len: 4096,
            threads: 4,
            file_bytes: 1 << 20,
            drop_deadline: Duration::from_secs(1),
        }
    }
}
