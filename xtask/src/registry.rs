//! Telling a registry or an archive of packages that cannot be reached, which is nobody's
//! fault, from all else for which cargo and apt fail.

use std::fmt::{self, Display, Formatter};

use anyhow::{Error, anyhow};
use xtask_shell::Outcome;

/// What cargo says when it was told to keep off the net.
const OFFLINE: &str = "offline mode (--offline)";

/// The numbers that curl gives to connections which could not be made or broke off;
/// cargo shows them in brackets. An answer of the registry, also a bad one, is none.
const CURL: &[&str] = &["[5]", "[6]", "[7]", "[28]", "[35]", "[52]", "[55]", "[56]"];

/// How apt begins what it says of a file that did not come, and what it says of it if
/// the net was to blame. An answer of the archive is told otherwise.
const APT: &str = "E: Failed to fetch ";
const APT_REASONS: &[&str] = &[
    "Could not resolve",
    "Temporary failure resolving",
    "Could not connect to",
    "Unable to connect to",
    "Cannot initiate the connection to",
    "Connection failed",
    "Connection timed out",
];

/// What has the packages could not be reached.
#[derive(Debug)]
pub(crate) struct Unreachable {
    /// What was said of it.
    reason: String,
}

impl Unreachable {
    /// For another reason than what cargo and apt say.
    pub(crate) fn because(reason: String) -> Self {
        Self { reason }
    }

    /// Looks for it in what cargo or apt printed to stderr.
    fn find(stderr: &str) -> Option<Self> {
        let is_of_apt =
            |line: &str| line.starts_with(APT) && APT_REASONS.iter().any(|reason| line.contains(reason));
        let is_of_cargo =
            |line: &str| line.contains(OFFLINE) || CURL.iter().any(|code| line.starts_with(code));
        let is_it = |line: &&str| is_of_cargo(line) || is_of_apt(line);
        let reason = stderr.lines().map(str::trim).find(is_it)?.to_owned();
        Some(Self { reason })
    }
}

impl Display for Unreachable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the packages cannot be reached: {}", self.reason)
    }
}

impl std::error::Error for Unreachable {}

/// Why a cargo or an apt failed that had packages to fetch: an [`Unreachable`] if it was that.
pub(crate) fn failure(outcome: &Outcome) -> Error {
    match Unreachable::find(&outcome.stderr) {
        Some(unreachable) => unreachable.into(),
        None => anyhow!("{}\n{}", outcome.complaint(), outcome.stderr.trim_end()),
    }
}

/// True if `error` is of packages that cannot be reached.
pub(crate) fn is_unreachable(error: &Error) -> bool {
    error.is::<Unreachable>()
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::{Unreachable, failure, is_unreachable};
    use xtask_shell::Step;

    /// As cargo says it, in parts.
    const REFUSED: &str = "\
error: failed to get `mio` as a dependency of package `p v0.1.0`

Caused by:
  failed to download from `https://example.org/config.json`

Caused by:
  [7] Could not connect to server (Failed to connect to 127.0.0.1 port 9)
";
    const OFFLINE: &str = "\
error: no matching package named `mio` found
As a reminder, you're using offline mode (--offline) which can sometimes cause surprising failures
";
    const NO_VERSION: &str = "\
    Updating crates.io index
error: failed to select a version for the requirement `mio = \"=99.4.0\"`
candidate versions found which didn't match: 0.4.0, 0.3.0, 0.2.0, ...
";
    const REFUSED_BY_ANSWER: &str = "\
error: failed to get successful HTTP response from `https://example.org/mio`, got 404
";

    #[test]
    fn only_what_the_net_did_is_unreachable() {
        assert!(Unreachable::find(REFUSED).expect("refused").to_string().contains("[7] Could not connect"));
        assert!(Unreachable::find(&REFUSED.replace("[7]", "[6]")).is_some());
        assert!(Unreachable::find(OFFLINE).is_some());
        for text in [NO_VERSION, REFUSED_BY_ANSWER, ""] {
            assert!(Unreachable::find(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_failure_is_known_again_below_what_was_done() {
        let outcome = |text: &str| {
            let script = "printf %s \"$1\" >&2; exit 101";
            Step::new("sh", &["-c", script, "sh", text]).quiet().run().expect("sh starts")
        };
        let failed: Result<(), _> = Err(failure(&outcome(REFUSED)));
        assert!(is_unreachable(&failed.context("cannot read compat/").expect_err("refused")));
        assert!(!is_unreachable(&failure(&outcome(NO_VERSION))));
        assert!(!is_unreachable(&anyhow!("no compat/peers.lock")));
    }
}
