//! Which driver an example runs on, and its wait.

use std::io;
use std::time::Duration;

use clap::ValueEnum;
use ferrio::proactor::{Choice, Completions, Config, Proactor};
use ferrio::{Events, Poll};

/// The value of `--driver`.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Driver {
    /// The ring if the system allows one.
    Auto,
    /// The ring, or an error.
    Ring,
    /// Without a ring.
    Readiness,
}

impl Driver {
    /// A proactor with this driver, of which it tells.
    pub(crate) fn proactor(self, poll: Poll) -> io::Result<Proactor> {
        let driver = match self {
            Driver::Auto => Choice::Auto,
            Driver::Ring => Choice::Ring,
            Driver::Readiness => Choice::Readiness,
        };
        let mut proactor = Proactor::new(poll, Config { driver, ..Config::default() })?;
        let capabilities = proactor.capabilities()?;
        println!("driver: {}", capabilities.driver());
        if let Some(reason) = capabilities.reason() {
            println!("no ring: {reason}");
        }
        Ok(proactor)
    }
}

/// One wait, which a signal may end early.
pub(crate) fn wait(
    proactor: &mut Proactor,
    events: &mut Events,
    completions: &mut Completions,
    timeout: Option<Duration>,
) -> io::Result<()> {
    match proactor.poll(events, completions, timeout) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
        polled => polled,
    }
}
