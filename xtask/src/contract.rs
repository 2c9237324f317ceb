//! `cargo xtask contract`: the suite in every combination of backend, waker and
//! profile, on kqueue over a kernel that stands in, and the same sources against the
//! published mio.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use xtask_shell::libtest::{Results, Tally};
use xtask_shell::{Outcome, Report, Step, registry, root};

/// The builds: flags and the folder of the build.
const WAKERS: &[(&str, &str)] =
    &[("", "contract-eventfd"), ("--cfg ferrio_force_waker_pipe", "contract-pipe")];

/// The backends, by the name that `Backend::from_env` reads.
pub(crate) const BACKENDS: &[&str] = &["epoll", "poll2"];

/// Puts a kernel with kqueue in the place of Linux.
pub(crate) const FAKE_KQUEUE: &str = "--cfg ferrio_fake_kqueue";

/// The folder of that build.
pub(crate) const KQUEUE_FOLDER: &str = "contract-kqueue";

/// The workspace of the published mio.
const REAL_MIO: &str = "compat/real-mio";

/// A list of the tests that the published mio fails on a system: the file, and how many there
/// are at most.
pub(crate) type Exceptions = (&'static str, usize);

/// How the reason begins of a test that the published mio only fails at times.
const RACE: &str = "a race: ";

/// On Linux.
const EXCEPTIONS: Exceptions = ("exceptions.txt", 15);

/// How long one run of the suite may take. A hang is a failure.
const LIMIT: Duration = Duration::from_secs(600);

/// What a user of mio's unsupported build flags would set.
const FORCED: &str = "--cfg mio_unsupported_force_poll_poll --cfg mio_unsupported_force_waker_pipe";

/// The suite on Ferrio: wakers × profiles builds, each run on every backend; and once
/// with mio's names of the two build flags.
pub(crate) fn combinations() -> Result<Report> {
    let mut tally = Tally::default();
    for (flags, target) in WAKERS {
        for profile in ["--profile=dev", "--release"] {
            for backend in BACKENDS {
                let step = suite(target, flags).words("--tests").words(profile);
                tally.run(&format!("{backend} {flags} {profile}"), step.env("FERRIO_BACKEND", backend))?;
            }
        }
    }
    tally.run(FORCED, suite("contract-forced", FORCED).words("--test contract"))?;
    tally.report()
}

/// The suite on kqueue, over a kernel that stands in. What counts allocations and system calls
/// is left out, for that kernel makes its own, and so is what compares epoll with poll(2).
pub(crate) fn kqueue() -> Result<Report> {
    let mut tally = Tally::default();
    for profile in ["--profile=dev", "--release"] {
        let step = suite(KQUEUE_FOLDER, FAKE_KQUEUE).words("--test=contract --test=descriptors --test=model");
        let step = step.words(profile).words("-- --skip=twins").env("FERRIO_BACKEND", "kqueue");
        tally.run(&format!("kqueue {profile}"), step)?;
    }
    // Completion needs no ring there. What it lacks, as splice(2), its tests leave out.
    let operations = "test --package ferrio-proactor --all-features --lib --test=operations";
    tally.run("kqueue completion", test(operations, KQUEUE_FOLDER, FAKE_KQUEUE))?;
    tally.report()
}

/// The suite of ferrio-poll as `flags` build it in the folder `target`, without what it is to run.
fn suite(target: &str, flags: &str) -> Step {
    test("test --package ferrio-poll --features signal --lib", target, flags)
}

fn test(arguments: &str, target: &str, flags: &str) -> Step {
    let step = Step::cargo(&[]).words(arguments).target(target).limit(LIMIT);
    if flags.is_empty() { step } else { step.env("RUSTFLAGS", flags) }
}

/// The suite on the published mio.
pub(crate) fn real_mio() -> Result<Report> {
    let suite = Step::cargo(&["test", "--no-fail-fast"]).target("real-mio").limit(LIMIT);
    on_real_mio(suite, EXCEPTIONS).map(|(note, _)| Report::passed(note))
}

/// Runs `suite` on the published mio: it fails exactly what the list says, no less and no
/// more. Gives that in words, and what was printed.
pub(crate) fn on_real_mio(suite: Step, (file, most): Exceptions) -> Result<(String, Outcome)> {
    let folder = root().join(REAL_MIO);
    let version = registry::published(&registry::metadata(&folder)?, "mio")?;
    let text = fs::read_to_string(folder.join(file)).with_context(|| file.to_owned())?;
    let exceptions = exceptions(&text, most).with_context(|| file.to_owned())?;
    let outcome = suite.dir(&folder).run()?;
    let results = Results::of(&outcome);
    ensure!(results.is_complete(), "{}", outcome.complaint());
    let is_listed = |name: &&String| exceptions.contains_key(*name);
    let unexpected: Vec<_> = results.failed.iter().filter(|name| !is_listed(name)).cloned().collect();
    let mended = exceptions.iter().filter(|(name, is_race)| !**is_race && !results.failed.contains(*name));
    let mended: Vec<_> = mended.map(|(name, _)| name.as_str()).collect();
    ensure!(unexpected.is_empty(), "mio {version} also fails: {}", unexpected.join(", "));
    ensure!(mended.is_empty(), "mio {version} does not fail: {}", mended.join(", "));
    let (passed, failed) = (results.passed_count, results.failed.len());
    Ok((format!("mio {version}: {passed} passed, {failed} failed as listed"), outcome))
}

/// The tests listed in `text`: `module::test  # the fault of mio`. True stands for one whose
/// fault is a race, which mio may win.
fn exceptions(text: &str, most: usize) -> Result<BTreeMap<String, bool>> {
    let mut names = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (name, reason) = line.split_once('#').unwrap_or((line, ""));
        let name = name.trim();
        ensure!(!reason.trim().is_empty(), "the exception {name} names no fault of mio");
        let before = names.insert(name.to_owned(), reason.trim().starts_with(RACE));
        ensure!(before.is_none(), "the exception {name} stands twice");
    }
    ensure!(names.len() <= most, "{} exceptions, at most {most}", names.len());
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::exceptions;

    #[test]
    fn an_exception_has_a_name_and_a_reason_and_there_are_few() {
        let names = exceptions("# head\n\npoll::a  # mio #1\npoll::b # a race: mio\n", 2).expect("both");
        let names: Vec<_> = names.into_iter().collect();
        assert_eq!(names, [("poll::a".to_owned(), false), ("poll::b".to_owned(), true)]);
        assert!(exceptions("poll::a\n", 2).is_err());
        assert!(exceptions("poll::a # x\npoll::a # y\n", 2).is_err());
        let lines: String = (0..=1).map(|n| format!("poll::t{n} # mio #{n}\n")).collect();
        assert!(exceptions(&lines, 1).is_err());
    }
}
