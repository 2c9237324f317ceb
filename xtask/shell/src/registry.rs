//! What cargo says of packages, and telling a registry or an archive that cannot be
//! reached, which is nobody's fault, from all else for which cargo and apt fail.

use std::path::Path;

use crate::report::Report;
use crate::step::{Outcome, Step};
use anyhow::{Error, Result, anyhow, bail, ensure};
use cargo_metadata::{Metadata, MetadataCommand, Package};

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

/// What has the packages could not be reached, and what was said of it.
#[derive(Debug, thiserror::Error)]
#[error("the packages cannot be reached: {0}")]
pub struct Unreachable(pub String);

impl Unreachable {
    /// Looks for it in what cargo or apt printed to stderr.
    fn find(stderr: &str) -> Option<Self> {
        let is_of_apt =
            |line: &str| line.starts_with(APT) && APT_REASONS.iter().any(|reason| line.contains(reason));
        let is_of_cargo =
            |line: &str| line.contains(OFFLINE) || CURL.iter().any(|code| line.starts_with(code));
        let reason = stderr.lines().map(str::trim).find(|line| is_of_cargo(line) || is_of_apt(line))?;
        Some(Self(reason.to_owned()))
    }
}

/// Why a cargo or an apt failed that had packages to fetch: an [`Unreachable`] if it was that.
pub fn failure(outcome: &Outcome) -> Error {
    why(&outcome.complaint(), &outcome.stderr)
}

fn why(what: &str, stderr: &str) -> Error {
    Unreachable::find(stderr).map_or_else(|| anyhow!("{what}\n{}", stderr.trim_end()), Error::from)
}

/// True if `error` is of packages that cannot be reached.
pub fn is_unreachable(error: &Error) -> bool {
    error.is::<Unreachable>()
}

/// Runs a cargo or an apt that has packages to fetch.
pub fn succeed(step: Step) -> Result<Outcome> {
    let outcome = step.run()?;
    if outcome.success() { Ok(outcome) } else { Err(failure(&outcome)) }
}

/// Runs another program that fetches. It says one of `obstacles` if it cannot reach what it asks for,
/// or lacks what it needs itself.
pub fn fetch(step: Step, obstacles: &[&str]) -> Result<()> {
    let outcome = step.run()?;
    let mut lines = outcome.stdout.lines().chain(outcome.stderr.lines());
    if let Some(line) = lines.find(|line| obstacles.iter().any(|words| line.contains(words))) {
        return Err(Unreachable(line.to_owned()).into());
    }
    ensure!(outcome.success(), "{}\n{}", outcome.complaint(), outcome.stderr.trim_end());
    Ok(())
}

/// Excuses a machine that cannot reach what a check needs, and nothing else.
pub fn verdict(checked: Result<String>) -> Result<Report> {
    match checked {
        Ok(note) => Ok(Report::passed(note)),
        Err(error) if is_unreachable(&error) => Ok(Report::skipped(format!("no check: {error:#}"))),
        Err(error) => Err(error),
    }
}

/// Asks cargo about the workspace in `folder`.
pub fn metadata(folder: &Path) -> Result<Metadata> {
    match MetadataCommand::new().manifest_path(folder.join("Cargo.toml")).exec() {
        Err(cargo_metadata::Error::CargoMetadata { stderr }) => Err(why("cargo metadata", &stderr)),
        other => Ok(other?),
    }
}

/// The only package called `name`.
pub fn only<'a>(metadata: &'a Metadata, name: &str) -> Result<&'a Package> {
    let all: Vec<_> = metadata.packages.iter().filter(|package| package.name == name).collect();
    match all[..] {
        [package] => Ok(package),
        _ => bail!("{} versions of {name} in the tree, not one", all.len()),
    }
}

/// The version of the only package called `name`, which has to come from a registry.
pub fn published(metadata: &Metadata, name: &str) -> Result<String> {
    let package = only(metadata, name)?;
    let source = package.source.as_ref().map_or("a folder", |source| source.repr.as_str());
    ensure!(source.starts_with("registry+"), "{name} comes from {source}, not from a registry");
    Ok(package.version.to_string())
}

#[cfg(test)]
mod tests {
    use crate::step::Step;
    use anyhow::{Context, anyhow};

    use super::{Unreachable, failure, is_unreachable};

    /// As cargo says it, in parts.
    const REFUSED: &str = "\
error: failed to get `mio` as a dependency of package `p v0.1.0`

Caused by:
  [7] Could not connect to server (Failed to connect to 127.0.0.1 port 9)
";
    const OFFLINE: &str = "\
error: no matching package named `mio` found
As a reminder, you're using offline mode (--offline) which can sometimes cause surprising failures
";
    const NO_VERSION: &str = "\
error: failed to select a version for the requirement `mio = \"=99.4.0\"`
candidate versions found which didn't match: 0.4.0, 0.3.0, 0.2.0, ...
";
    const ANSWER: &str =
        "error: failed to get successful HTTP response from `https://example.org/mio`, got 404\n";

    #[test]
    fn only_what_the_net_did_is_unreachable() {
        assert!(Unreachable::find(REFUSED).expect("refused").to_string().contains("[7] Could not connect"));
        assert!(Unreachable::find(&REFUSED.replace("[7]", "[6]")).is_some());
        assert!(Unreachable::find(OFFLINE).is_some());
        for text in [NO_VERSION, ANSWER, ""] {
            assert!(Unreachable::find(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_failure_is_known_again_below_what_was_done() {
        let failed = |text: &str| {
            let script = "printf %s \"$1\" >&2; exit 101";
            failure(&Step::new("sh", &["-c", script, "sh", text]).quiet().run().expect("sh starts"))
        };
        let error = Err::<(), _>(failed(REFUSED)).context("cannot read compat/").expect_err("refused");
        assert!(is_unreachable(&error));
        assert!(!is_unreachable(&failed(NO_VERSION)) && !is_unreachable(&anyhow!("no compat/peers.lock")));
    }
}
