//! `cargo xtask compat`: programs and test suites of others on the façade.
//!
//! A suite is proof only by comparison. `compat/baselines/` holds what the published
//! mio gives, a file per backend and suite; any difference fails. And it is proof
//! only if it ran on us: cargo falls back to the published mio without an error when
//! a patch does not fit, so each run first looks at what was built.

mod baseline;
mod newer;
mod origin;
mod peer;
mod request;
mod runner;
mod suite;
mod table;
mod verdict;
mod workspace;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use crate::origin::Engine;
use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::Metadata;
use clap::Parser;
use xtask_shell::libtest::Results;
use xtask_shell::{Report, Step, is_installed, registry, root};

use crate::baseline::{Baseline, Difference, Rule};
use crate::peer::{Drives, Peer};
use crate::request::{Request, Wait};
use crate::runner::Runner;
use crate::suite::{Binary, Suite};
use crate::table::{End, HEADING, Row};
use crate::verdict::{Counts, Run};
use crate::workspace::Workspace;

/// The workspace with the patch and the pins.
const WORKSPACE: &str = "compat";
/// The results of the published mio.
const BASELINES: &str = "compat/baselines";

fn main() -> ExitCode {
    Report::tell(run(&Request::parse()))
}

/// Runs the programs and the suites that `request` asks for.
fn run(request: &Request) -> Result<Report> {
    let start = Instant::now();
    let peers = request.peers();
    ensure!(!peers.is_empty() || request.has_programs(), "none of these runs on {}", request.wait.name());
    let metadata = registry::metadata(&root().join(WORKSPACE));
    let mut rows = Vec::new();
    if request.has_programs() {
        let end = metadata
            .as_ref()
            .map_err(End::of_error)
            .and_then(|metadata| programs(metadata).map_err(|error| End::of_error(&error)));
        let suite = "our programs".to_owned();
        rows.push(Row { suite, end: end.unwrap_or_else(|end| end), note: "" });
    }
    rows.extend(suites(request, &peers, &metadata));
    println!("\n{HEADING}");
    rows.iter().for_each(|row| println!("{row}"));
    known(request, &peers)?;
    let bad: Vec<&str> = rows.iter().filter(|row| row.is_bad()).map(|row| row.suite.as_str()).collect();
    if !bad.is_empty() {
        bail!("not as with mio: {}; {} s", bad.join(", "), start.elapsed().as_secs());
    }
    if rows.iter().all(|row| row.ran().is_none()) {
        return Ok(Report::skipped("no suite could run; the table says why"));
    }
    let (newer, is_asked) = newer(&metadata)?;
    let summary = format!("{}{newer}", summary(&rows, request.wait));
    let is_whole = is_asked && rows.iter().all(|row| row.ran().is_some());
    Ok(if is_whole { Report::passed(summary) } else { Report::in_part(summary) })
}

/// The good end in one line.
fn summary(rows: &[Row], wait: Wait) -> String {
    let ran: Vec<_> = rows.iter().filter_map(Row::ran).collect();
    let tests: usize = ran.iter().map(|(tests, _)| tests).sum();
    let retried: usize = ran.iter().map(|(_, retried)| retried).sum();
    let note = |count: usize, word: &str| if count > 0 { format!(", {count} {word}") } else { String::new() };
    let notes = note(retried, "once more") + &note(rows.len() - ran.len(), "SKIPPED");
    format!("{tests} tests of {} suites on {}{notes}", ran.len(), wait.name())
}

/// What the summary says of a newer mio, and whether the registry could be asked.
fn newer(metadata: &Result<Metadata>) -> Result<(String, bool)> {
    let Ok(metadata) = metadata else { return Ok((String::new(), true)) };
    match newer::look(metadata) {
        Ok(note) => Ok((note.map(|note| format!("; NOTE: {note}")).unwrap_or_default(), true)),
        Err(error) if registry::is_unreachable(&error) => {
            println!("{error:#}");
            Ok(("; SKIPPED: is there a newer mio?".to_owned(), false))
        }
        Err(error) => Err(error),
    }
}

/// Runs our own programs on the crates of others, after a look at their mio.
fn programs(metadata: &Metadata) -> Result<End> {
    let version = Engine::Ferrio.guard(&origin::mios(metadata))?;
    println!("mio {version} is the façade");
    let outcome =
        Step::cargo(&["test", "--workspace"]).dir(&root().join(WORKSPACE)).target("compat").run()?;
    let results = Results::of_success(&outcome)?;
    Ok(End::Ran(Counts { passed: results.passed_count, bad: 0, ignored: results.ignored }))
}

/// A row for each suite. One that fails does not stop the others.
fn suites(request: &Request, peers: &[&'static Peer], metadata: &Result<Metadata>) -> Vec<Row> {
    let prepared = metadata
        .as_ref()
        .map_err(End::of_error)
        .and_then(|metadata| Workspace::prepare(request, metadata).map_err(|error| End::of_error(&error)));
    let row = |peer: &&'static Peer| {
        let note = if peer.drives == Drives::Hardly { "its tests hardly drive mio" } else { "" };
        match &prepared {
            Ok(workspace) => {
                let suite = format!("{} {}", peer.name, workspace.member(peer.name).0);
                let end = one(request, workspace, peer);
                Row { suite, end: end.unwrap_or_else(|error| End::of_error(&error)), note }
            }
            Err(end) => Row { suite: peer.name.to_owned(), end: end.clone(), note },
        }
    };
    peers.iter().map(row).collect()
}

/// Builds and runs one suite, then compares or makes its baseline.
fn one(request: &Request, workspace: &Workspace, peer: &Peer) -> Result<End> {
    if let Some(program) = peer.needs.filter(|program| !is_installed(program)) {
        return Ok(End::Skipped(format!("its tests need `{program}`")));
    }
    let file = baseline_file(peer, request.wait);
    if request.bless {
        return bless(&Suite::build(workspace, peer, request)?, workspace, peer, request.wait);
    }
    let baseline = Baseline::load(&file).context("no baseline: see --bless")?;
    let baseline = baseline.part(|binary| peer.includes(binary, request.is_fast()));
    let suite = Suite::build(workspace, peer, request)?;
    workspace.check_lock()?;
    let rule = request.wait.rule();
    let runner = runner(&suite, peer, &baseline, request.wait);
    let mut run = run_all(&suite, &runner, |_| true)?;
    let mut differences = baseline.compare(&run.record, rule);
    let binaries = forgiven(&differences, rule);
    if !binaries.is_empty() {
        for difference in differences.iter().filter(|difference| binaries.contains(difference.binary())) {
            println!("  once more, for {difference}");
            run.retried += 1;
        }
        again(&suite, &runner, &binaries, &mut run)?;
        differences = baseline.compare(&run.record, rule);
    }
    differences.iter().for_each(|difference| println!("  DIFFERS {difference}"));
    let ferrio = Counts::of(run.record.values().copied());
    Ok(End::Compared { mio: baseline.counts(), ferrio, differences, retried: run.retried })
}

fn runner<'a>(suite: &'a Suite, peer: &'a Peer, baseline: &'a Baseline, wait: Wait) -> Runner<'a> {
    let (folder, threads, hangs) = (&suite.folder, peer.threads, baseline.hangs());
    Runner { folder, threads, hangs, rule: wait.rule(), by: wait.runner() }
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
fn again(suite: &Suite, runner: &Runner<'_>, binaries: &BTreeSet<String>, run: &mut Run) -> Result<()> {
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
    let runner = runner(suite, peer, &old, wait);
    let mut run = run_all(suite, &runner, |_| true)?;
    let bad = run.record.iter().filter(|(_, verdict)| verdict.is_bad());
    let bad: BTreeSet<String> = bad.map(|(test, _)| verdict::binary(test).to_owned()).collect();
    if !bad.is_empty() {
        println!("  once more, for what failed");
        again(suite, &runner, &bad, &mut run)?;
    }
    workspace.commit_lock()?;
    let version = workspace.member(peer.name).0;
    let head = format!("{} {version} on mio {}, {}", peer.name, suite.mio, wait.name());
    let (text, bare) = old.renew(&head, &run.record);
    fs::create_dir_all(file.parent().context("a file stands in a folder")?)?;
    fs::write(&file, text)?;
    Ok(End::Blessed { mio: Counts::of(run.record.values().copied()), bare })
}

/// Prints the known failures of the suites that were asked for.
fn known(request: &Request, peers: &[&Peer]) -> Result<()> {
    for peer in peers.iter().filter(|_| !request.bless) {
        let file = baseline_file(peer, request.wait);
        if !file.exists() {
            continue;
        }
        let baseline = Baseline::load(&file)?.part(|binary| peer.includes(binary, request.is_fast()));
        for (test, reason) in baseline.known() {
            println!("mio itself fails {} {test}: {reason}", peer.name);
        }
    }
    Ok(())
}

fn baseline_file(peer: &Peer, wait: Wait) -> PathBuf {
    root().join(BASELINES).join(wait.name()).join(peer.name).with_extension("txt")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::baseline::{Baseline, Rule};
    use super::peer::PEERS;
    use super::request::Wait;
    use super::table::{End, Row};
    use super::verdict::{Counts, Record, Verdict};
    use clap::ValueEnum;

    use super::{Parser, Request, baseline_file, forgiven, run, summary};

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
        let rows = [compared(2), compared(1), row(End::Skipped("no socat".to_owned()))];
        assert_eq!(summary(&rows, Wait::Epoll), "8 tests of 2 suites on epoll, 3 once more, 1 SKIPPED");
        assert_eq!(summary(&rows[1..2], Wait::Epoll), "4 tests of 1 suites on epoll, 1 once more");
    }

    #[test]
    fn a_call_that_runs_nothing_is_an_error() {
        let error = run(&Request::parse_from(["compat", "notify", "--backend", "poll2"]))
            .expect_err("not on poll(2)");
        assert!(error.to_string().contains("none of these runs on poll2"), "{error}");
    }

    #[test]
    fn each_baseline_is_of_the_pinned_version_and_gives_its_reasons() {
        let pins = include_str!("../../peers/Cargo.toml");
        for &wait in Wait::value_variants() {
            for peer in PEERS.iter().filter(|peer| wait == Wait::Epoll || peer.is_everywhere()) {
                let file = baseline_file(peer, wait);
                Baseline::load(&file).expect(peer.name);
                let text = fs::read_to_string(&file).expect("just read");
                let version = text.strip_prefix(&format!("# {} ", peer.name));
                let version = version.and_then(|rest| rest.split(' ').next()).expect("a version");
                let pin = format!("\n{} = {{ version = \"={version}\"", peer.name);
                assert!(pins.contains(&pin), "{text:.60}");
            }
        }
    }
}
