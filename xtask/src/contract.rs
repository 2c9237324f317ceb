//! `cargo xtask contract`: the suite in every combination of backend, waker and
//! profile, and the same sources against the published mio.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use xtask_shell::{Report, Step, root};

use crate::libtest::Results;
use crate::metadata::Metadata;

/// The builds: flags and the folder of the build.
const WAKERS: &[(&str, &str)] =
    &[("", "contract-eventfd"), ("--cfg ferrio_force_waker_pipe", "contract-pipe")];

/// The backends, by the name that `Backend::from_env` reads.
const BACKENDS: &[&str] = &["epoll", "poll2"];

/// The workspace of the published mio.
const REAL_MIO: &str = "compat/real-mio";

/// The most tests that the published mio may fail.
const EXCEPTIONS_MAX: usize = 15;

/// How long one run of the suite may take. A hang is a failure.
const LIMIT: Duration = Duration::from_secs(300);

/// Runs the combinations, and with the argument `real-mio` only the published mio.
pub(crate) fn run(arguments: &[String]) -> Result<Report> {
    match arguments {
        [] => combinations(),
        [name] if name == "real-mio" => real_mio(),
        _ => bail!("contract [real-mio]"),
    }
}

/// What a user of mio's unsupported build flags would set.
const FORCED: &str = "--cfg mio_unsupported_force_poll_poll --cfg mio_unsupported_force_waker_pipe";

/// The suite on Ferrio: wakers × profiles builds, each run on every backend.
pub(crate) fn combinations() -> Result<Report> {
    let mut failures = Vec::new();
    let (mut runs, mut passed) = (0, 0);
    for (flags, target) in WAKERS {
        for profile in ["--profile=dev", "--release"] {
            for backend in BACKENDS {
                let suite =
                    ["test", "--package", "ferrio-poll", "--features", "signal", "--lib", "--tests", profile];
                let step = Step::cargo(&suite).target(target).env("FERRIO_BACKEND", backend);
                let step = if flags.is_empty() { step } else { step.env("RUSTFLAGS", flags) };
                let outcome = step.limit(LIMIT).brief().run()?;
                runs += 1;
                match Results::of_success(&outcome) {
                    Ok(results) => passed += results.passed_count,
                    Err(error) => failures.push(format!("{backend} {flags} {profile}: {error}")),
                }
            }
        }
    }
    // mio's names of the two build flags, at once.
    let suite = ["test", "--package", "ferrio-poll", "--features", "signal", "--lib", "--test", "contract"];
    let step = Step::cargo(&suite).target("contract-forced").env("RUSTFLAGS", FORCED);
    runs += 1;
    match Results::of_success(&step.limit(LIMIT).brief().run()?) {
        Ok(results) => passed += results.passed_count,
        Err(error) => failures.push(format!("{FORCED}: {error}")),
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(Report::passed(format!("{passed} tests passed in {runs} runs")))
}

/// The suite on the published mio: it fails exactly what the list of exceptions
/// says, no less and no more.
pub(crate) fn real_mio() -> Result<Report> {
    let folder = root().join(REAL_MIO);
    let version = guard(&Metadata::of(&folder.join("Cargo.toml"))?)?;
    let exceptions = exceptions(&folder.join("exceptions.txt"))?;
    let suite = ["test", "--no-fail-fast"];
    let outcome = Step::cargo(&suite).dir(&folder).target("real-mio").limit(LIMIT).run()?;
    let results = Results::of(&outcome);
    ensure!(results.is_complete(), "{}", outcome.complaint());
    let unexpected: Vec<_> = results.failed.difference(&exceptions).cloned().collect();
    let mended: Vec<_> = exceptions.difference(&results.failed).cloned().collect();
    ensure!(unexpected.is_empty(), "mio {version} also fails: {}", unexpected.join(", "));
    ensure!(mended.is_empty(), "mio {version} does not fail: {}", mended.join(", "));
    let (passed, failed) = (results.passed_count, results.failed.len());
    Ok(Report::passed(format!("mio {version}: {passed} passed, {failed} failed as listed")))
}

/// The version of the only mio, which comes from the registry.
fn guard(metadata: &Metadata) -> Result<String> {
    let all: Vec<_> = metadata.named("mio").collect();
    let [mio] = all[..] else { bail!("{} packages called mio", all.len()) };
    let source = mio.source().unwrap_or("a folder");
    ensure!(source.starts_with("registry+"), "mio comes from {source}, not from the registry");
    Ok(mio.version().to_owned())
}

/// The tests listed in `file`: `module::test  # the fault of mio`.
fn exceptions(file: &Path) -> Result<BTreeSet<String>> {
    if !file.exists() {
        return Ok(BTreeSet::new());
    }
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    parse_exceptions(&text)
}

fn parse_exceptions(text: &str) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (name, reason) = line.split_once('#').unwrap_or((line, ""));
        let name = name.trim();
        ensure!(!reason.trim().is_empty(), "the exception {name} names no fault of mio");
        ensure!(names.insert(name.to_owned()), "the exception {name} stands twice");
    }
    ensure!(names.len() <= EXCEPTIONS_MAX, "{} exceptions, at most {EXCEPTIONS_MAX}", names.len());
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{guard, parse_exceptions};
    use crate::metadata::Metadata;

    #[test]
    fn an_exception_has_a_name_and_a_reason() {
        let names = parse_exceptions("# head\n\npoll::a  # mio #1\npoll::b # mio #2\n").expect("both");
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["poll::a", "poll::b"]);
        assert!(parse_exceptions("poll::a\n").is_err());
        assert!(parse_exceptions("poll::a # x\npoll::a # y\n").is_err());
    }

    #[test]
    fn there_are_few_exceptions() {
        let lines: String = (0..16).map(|n| format!("poll::t{n} # mio #{n}\n")).collect();
        assert!(parse_exceptions(&lines).is_err());
    }

    #[test]
    fn a_mio_from_a_folder_is_refused() {
        let of = |source: &str| {
            let text = format!(r#"{{"packages":[{{"name":"mio","version":"1.2.4","source":{source}}}]}}"#);
            guard(&Metadata::parse(&text).expect("JSON"))
        };
        assert_eq!(of(r#""registry+https://example.org""#).expect("the registry"), "1.2.4");
        assert!(of("null").is_err());
        assert!(of(r#""git+https://example.org""#).is_err());
    }
}
