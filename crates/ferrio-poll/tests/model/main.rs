//! Random sequences of what a user may do, judged by a model of the contract.
//!
//! A sequence opens, duplicates, registers, fills, drains and closes sockets and
//! polls in between. The [model](crate::model) says which tokens must, may and must
//! not be reported, with which flags, and which calls are refused. A failure prints
//! the shortest sequence that shows it. `PROPTEST_CASES` sets how many are tried. The
//! [wheel](crate::wheel) of timers, the [modes](crate::modes) and the
//! [channel](crate::channel) have sequences and models of their own, and the
//! [twins](crate::twins) compare the two backends.

mod channel;
#[cfg(unix)]
mod file;
#[cfg(unix)]
mod model;
mod modes;
#[cfg(unix)]
mod operation;
#[cfg(unix)]
mod registration;
#[cfg(unix)]
mod sequences;
// They need both backends.
#[cfg(any(target_os = "android", target_os = "linux"))]
mod twins;
#[cfg(unix)]
mod unix;
mod wheel;
#[cfg(windows)]
mod windows;
#[cfg(unix)]
mod world;

use proptest::test_runner::Config;

#[cfg(unix)]
use crate::unix as system;
#[cfg(windows)]
use crate::windows as system;

/// How many sequences each test tries unless the environment says.
const CASES: u32 = 1024;

/// How many sequences are tried, and that none is kept in a file.
pub(crate) fn config() -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    config
}
