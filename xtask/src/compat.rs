//! `cargo xtask compat`: programs and test suites of others on the façade.
//!
//! A suite is proof only by comparison. `compat/baselines/` holds what the published
//! mio gives, a file per backend and suite; any difference fails. And it is proof
//! only if it ran on us: cargo falls back to the published mio without an error when
//! a patch does not fit, so each run first looks at what was built.

mod baseline;
mod flavour;
mod lock;
mod peer;
mod programs;
mod request;
mod runner;
mod suite;
mod table;
mod verdict;
mod workspace;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use xtask_shell::{Report, root};

use crate::metadata::Metadata;
use baseline::{Baseline, Difference, Rule};
use flavour::{Engine, Flavour, Wait};
use peer::{Drives, Peer};
use request::Request;
use runner::Runner;
use suite::{Binary, Suite};
use table::{End, Row, Table};
use verdict::{Counts, Run};
use workspace::Workspace;

/// The results of the published mio, from the root of the repository.
const BASELINES: &str = "compat/baselines";

/// Runs the programs and the suites that `arguments` ask for.
pub(crate) fn run(arguments: &[String]) -> Result<Report> {
    let request = Request::parse(arguments)?;
    let start = Instant::now();
    let mut rows = Vec::new();
    if request.has_programs {
        rows.push(programs::run().unwrap_or_else(|error| programs::row(End::of_error(&error))));
    }
    if !request.peers.is_empty() {
        rows.extend(suites(&request));
    }
    println!("\n{}", Table(&rows));
    known(&request)?;
    let took = start.elapsed().as_secs();
    let bad: Vec<&str> = rows.iter().filter(|row| row.is_bad()).map(|row| row.suite.as_str()).collect();
    if !bad.is_empty() {
        bail!("not as with mio: {}; {took} s", bad.join(", "));
    }
    if rows.iter().all(|row| matches!(row.end, End::Skipped(_))) {
        return Ok(Report::skipped("no suite could run; the table says why"));
    }
    let summary = summary(&rows, request.wait);
    let is_whole = !rows.iter().any(|row| matches!(row.end, End::Skipped(_)));
    Ok(if is_whole { Report::passed(summary) } else { Report::in_part(summary) })
}

/// The good end in one line.
fn summary(rows: &[Row], wait: Wait) -> String {
    let ran = rows.iter().filter(|row| !matches!(row.end, End::Skipped(_)));
    let tests: usize = ran
        .clone()
        .map(|row| match &row.end {
            End::Compared { ferrio: counts, .. } | End::Ran(counts) | End::Blessed { mio: counts, .. } => {
                counts.total()
            }
            End::Skipped(_) | End::Broken(_) => 0,
        })
        .sum();
    let skipped = rows.len() - ran.clone().count();
    let skipped = if skipped > 0 { format!(", {skipped} SKIPPED") } else { String::new() };
    let retried = match rows.iter().map(Row::retried).sum::<usize>() {
        0 => String::new(),
        retried => format!(", {retried} once more"),
    };
    format!("{tests} tests of {} suites on {}{retried}{skipped}", ran.count(), wait.name())
}

/// A row for each suite. One that fails does not stop the others.
fn suites(request: &Request) -> Vec<Row> {
    let engine = if request.is_bless { Engine::Mio } else { Engine::Ferrio };
    let flavour = Flavour { engine, wait: request.wait };
    let workspace = Metadata::of(&root().join("compat/Cargo.toml"))
        .and_then(|metadata| Workspace::prepare(flavour, &metadata));
    let row = |peer: &&'static Peer| {
        let note = if peer.drives == Drives::Hardly { "its tests hardly drive mio" } else { "" };
        match &workspace {
            Ok(workspace) => {
                let suite = format!("{} {}", peer.name, workspace.member(peer.name).0);
                let end = one(request, flavour, workspace, peer);
                let end = end.unwrap_or_else(|error| End::of_error(&error));
                Row { suite, end, note }
            }
            Err(error) => Row { suite: peer.name.to_owned(), end: End::of_error(error), note },
        }
    };
    request.peers.iter().map(row).collect()
}

/// Builds and runs one suite, then compares or makes its baseline.
fn one(request: &Request, flavour: Flavour, workspace: &Workspace, peer: &Peer) -> Result<End> {
    if let Some(program) = peer.needs.filter(|program| !is_installed(program)) {
        return Ok(End::Skipped(format!("its tests need `{program}`")));
    }
    let file = baseline_file(peer, request.wait);
    if request.is_bless {
        let suite = Suite::build(workspace, peer, flavour, request.is_fast)?;
        return bless(&suite, workspace, peer, request.wait);
    }
    let baseline = Baseline::load(&file).context("no baseline: see --bless")?;
    let baseline = baseline.part(|binary| peer.includes(binary, request.is_fast));
    let suite = Suite::build(workspace, peer, flavour, request.is_fast)?;
    workspace.check_lock()?;
    let rule = request.wait.rule();
    let runner = Runner { folder: &suite.folder, threads: peer.threads, hangs: baseline.hangs(), rule };
    let mut run = run_all(&suite, &runner, |_| true)?;
    let mut differences = baseline.compare(&run.record, rule);
    let binaries = forgiven(&differences, rule);
    if !binaries.is_empty() {
        again(&suite, &runner, &differences, &binaries, &mut run)?;
        differences = baseline.compare(&run.record, rule);
    }
    for difference in &differences {
        println!("  DIFFERS {difference}");
    }
    let ferrio = Counts::of(run.record.values().copied());
    Ok(End::Compared { mio: baseline.counts(), ferrio, differences, retried: run.retried })
}

/// The binaries that get a second chance: a test that a stalled machine upset does not
/// do it twice.
fn forgiven(differences: &[Difference], rule: Rule) -> BTreeSet<String> {
    let binaries = |is_wanted: &dyn Fn(&&Difference) -> bool| -> BTreeSet<String> {
        differences.iter().filter(is_wanted).map(|difference| difference.binary().to_owned()).collect()
    };
    let fatal = binaries(&|difference| difference.is_fatal() && !rule.forgives_hangs());
    binaries(&|difference| !fatal.contains(difference.binary()))
}

/// Runs `binaries` once more.
fn again(
    suite: &Suite,
    runner: &Runner<'_>,
    differences: &[Difference],
    binaries: &BTreeSet<String>,
    run: &mut Run,
) -> Result<()> {
    for difference in differences.iter().filter(|difference| binaries.contains(difference.binary())) {
        println!("  once more, for {difference}");
        run.retried += 1;
    }
    run.record.retain(|test, _| !binaries.contains(verdict::binary(test)));
    let second = run_all(suite, runner, |binary| binaries.contains(&binary.name))?;
    run.retried += second.retried;
    run.record.extend(second.record);
    Ok(())
}

/// Runs the binaries that `is_wanted` names.
fn run_all(suite: &Suite, runner: &Runner<'_>, is_wanted: impl Fn(&Binary) -> bool) -> Result<Run> {
    let start = Instant::now();
    let mut all = Run::default();
    for binary in suite.binaries.iter().filter(|binary| is_wanted(binary)) {
        let run = runner.run(binary)?;
        all.record.extend(run.record);
        all.retried += run.retried;
    }
    println!("  {} tests, {:.1} s", all.record.len(), start.elapsed().as_secs_f64());
    Ok(all)
}

/// Makes the baseline of a suite. What fails runs once more, as it does later.
fn bless(suite: &Suite, workspace: &Workspace, peer: &Peer, wait: Wait) -> Result<End> {
    let file = baseline_file(peer, wait);
    let old = if file.exists() { Baseline::load_draft(&file)? } else { Baseline::default() };
    let rule = wait.rule();
    let runner = Runner { folder: &suite.folder, threads: peer.threads, hangs: old.hangs(), rule };
    let mut record = run_all(suite, &runner, |_| true)?.record;
    let bad: BTreeSet<String> = record
        .iter()
        .filter(|(_, verdict)| verdict.is_bad())
        .map(|(test, _)| verdict::binary(test).to_owned())
        .collect();
    if !bad.is_empty() {
        println!("  once more, for what failed");
        record.retain(|test, _| !bad.contains(verdict::binary(test)));
        record.extend(run_all(suite, &runner, |binary| bad.contains(&binary.name))?.record);
    }
    workspace.commit_lock()?;
    let version = workspace.member(peer.name).0;
    let head = format!("{} {version} on mio {}, {}", peer.name, suite.mio, wait.name());
    let (text, bare) = old.renew(&head, &record);
    fs::create_dir_all(file.parent().context("a file stands in a folder")?)?;
    fs::write(&file, text)?;
    Ok(End::Blessed { mio: Counts::of(record.values().copied()), bare })
}

/// Prints the known failures of the suites that were asked for.
fn known(request: &Request) -> Result<()> {
    for peer in &request.peers {
        let file = baseline_file(peer, request.wait);
        if !file.exists() || request.is_bless {
            continue;
        }
        let baseline = Baseline::load(&file)?.part(|binary| peer.includes(binary, request.is_fast));
        for (test, reason) in baseline.known() {
            println!("mio itself fails {} {test}: {reason}", peer.name);
        }
    }
    Ok(())
}

fn baseline_file(peer: &Peer, wait: Wait) -> PathBuf {
    root().join(BASELINES).join(wait.name()).join(peer.name).with_extension("txt")
}

/// True if `program` can be started by its name.
fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::baseline::{Baseline, Rule};
    use super::flavour::Wait;
    use super::peer::PEERS;
    use super::table::{End, Row};
    use super::verdict::{Counts, Record, Verdict};
    use super::{baseline_file, forgiven, is_installed, summary};

    #[test]
    fn only_poll_forgives_a_hang() {
        let results =
            [("tcp a", Verdict::Failed), ("udp (together)", Verdict::Hung), ("udp b", Verdict::Failed)];
        let record: Record = results.into_iter().map(|(test, verdict)| (test.to_owned(), verdict)).collect();
        let names = |rule| {
            let differences = Baseline::default().compare(&record, rule);
            assert_eq!(differences.len(), 3);
            forgiven(&differences, rule).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(names(Rule::Equal), ["tcp"]);
        assert_eq!(names(Rule::NoWorse), ["tcp", "udp"]);
    }

    #[test]
    fn the_summary_counts_what_ran_once_more_and_what_did_not_run() {
        let row = |end| Row { suite: "a".to_owned(), end, note: "" };
        let counts = Counts { passed: 4, bad: 0, ignored: 0 };
        let compared =
            |retried| row(End::Compared { mio: counts, ferrio: counts, differences: Vec::new(), retried });
        assert_eq!(summary(&[compared(0)], Wait::Epoll), "4 tests of 1 suites on epoll");
        let text =
            summary(&[compared(2), compared(1), row(End::Skipped("no socat".to_owned()))], Wait::Epoll);
        assert_eq!(text, "8 tests of 2 suites on epoll, 3 once more, 1 SKIPPED");
    }

    #[test]
    fn each_baseline_is_of_the_pinned_version_and_gives_its_reasons() {
        let pins = include_str!("../../compat/peers/Cargo.toml");
        for wait in [Wait::Epoll, Wait::Poll2] {
            for peer in PEERS.iter().filter(|peer| wait == Wait::Epoll || peer.is_on_poll()) {
                let file = baseline_file(peer, wait);
                Baseline::load(&file).expect(peer.name);
                let text = fs::read_to_string(&file).expect("just read");
                let version = text.strip_prefix(&format!("# {} ", peer.name));
                let version = version.and_then(|rest| rest.split(' ').next()).expect("a version");
                assert!(
                    pins.contains(&format!("\n{} = {{ version = \"={version}\"", peer.name)),
                    "{text:.60}"
                );
            }
        }
    }

    #[test]
    fn a_program_is_looked_for_in_the_path() {
        assert!(is_installed("sh"));
        assert!(!is_installed("no-such-program"));
    }
}
