//! `cargo xtask faults [--short]`: servers whose system calls fail on purpose.
//!
//! strace(1) makes the kernel's answers up: each row of the table runs a server under
//! it, with a fleet of clients that number and check every line. Only clients whose
//! own calls were hit may be lost; a row in which nothing was hit is void and fails.
//! Loops without a client keep an account of their own. A limit of
//! descriptors is a fault too, and a real one.

mod alone;
mod client;
mod completion;
mod fleet;
mod hits;
mod line;
mod server;
mod subject;
mod table;
mod verdict;

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};
use clap::Parser;
use xtask_shell::{Report, target_dir};

use crate::alone::Alone;
use crate::fleet::Fleet;
use crate::server::Running;
use crate::subject::Subject;
use crate::table::{FAULTS, Fault, Kind, Limits};
use crate::verdict::{Row, judge};

/// Servers and loops whose system calls fail on purpose.
#[derive(Parser)]
#[command(bin_name = "cargo xtask faults")]
struct Request {
    /// One pattern of each fault, and a smaller fleet
    #[arg(long)]
    short: bool,
    /// Only rows of servers and loops whose name contains this text, such as `ring` or `poll2`
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    Report::tell(run(&Request::parse()))
}

/// Runs every fault on every server that it fits: if it is to be short, in one pattern each.
fn run(request: &Request) -> Result<Report> {
    if let Some(reason) = obstacle() {
        return Ok(Report::skipped(reason));
    }
    let subjects = Subject::ALL.iter().filter(|subject| request.wants(subject));
    subjects.copied().try_for_each(Subject::build)?;
    Alone::build()?;
    let start = Instant::now();
    println!("\n{}", verdict::HEADING);
    let rows = rows(request)?;
    ensure!(!rows.is_empty(), "no server and no loop has a name that contains `{}`", request.only);
    let failed = rows.iter().filter(|row| row.complaint.is_some()).count();
    let injected: usize = rows.iter().map(|row| row.injected).sum();
    let affected: usize = rows.iter().map(|row| row.affected).sum();
    ensure!(failed == 0, "{failed} of {} rows failed", rows.len());
    let took = start.elapsed().as_secs();
    Ok(Report::passed(format!(
        "{} rows, {injected} faults, {affected} clients affected as allowed, {took} s",
        rows.len()
    )))
}

impl Request {
    fn wants(&self, name: impl Display) -> bool {
        name.to_string().contains(&self.only)
    }
}

/// Runs every row, and shows it when it is done.
fn rows(request: &Request) -> Result<Vec<Row>> {
    let short = request.short;
    let trace = trace()?;
    let mut rows = Vec::new();
    let mut show = |row: Row| {
        println!("{row}");
        rows.push(row);
    };
    for subject in Subject::ALL.iter().copied().filter(|subject| request.wants(subject)) {
        let faults = FAULTS.iter().chain(completion::FAULTS);
        for fault in faults.filter(|fault| fault.subjects.contains(&subject)) {
            for pattern in patterns(fault, short) {
                show(run_row(subject, fault, pattern, Limits::of(short), &trace)?);
            }
        }
    }
    for alone in alone::all().filter(|alone| request.wants(alone)) {
        for pattern in patterns(&alone.fault, short) {
            show(alone.run(pattern, &trace)?);
        }
    }
    Ok(rows)
}

/// The patterns that are run.
fn patterns(fault: &'static Fault, short: bool) -> impl Iterator<Item = &'static str> {
    fault.patterns.iter().copied().take(if short { 1 } else { usize::MAX })
}

/// The file that strace writes to.
fn trace() -> Result<PathBuf> {
    let folder = target_dir("faults");
    fs::create_dir_all(&folder)?;
    Ok(folder.join("trace"))
}

/// Why nothing can be injected here, if so.
fn obstacle() -> Option<String> {
    let mut probe = Command::new("strace");
    probe.args(["-qq", "-D", "-o", "/dev/null", "true"]).stdin(Stdio::null()).stderr(Stdio::null());
    match probe.status() {
        Err(error) => Some(format!("strace cannot be started: {error}")),
        Ok(status) if !status.success() => Some("strace may not trace here".to_owned()),
        Ok(_) => None,
    }
}

/// One server, one fault, one fleet.
fn run_row(
    subject: Subject,
    fault: &'static Fault,
    pattern: &'static str,
    limits: Limits,
    trace: &Path,
) -> Result<Row> {
    let start = Instant::now();
    let server = match Running::start(subject, fault, pattern, trace) {
        Ok(server) => server,
        Err(error) => return Ok(Row::of_start(subject, fault, pattern, &error)),
    };
    let fleet = Fleet::run(server.address(), subject.echoes(), fault.crowd, limits);
    let ending = server.stop();
    let result = fleet.end();
    let mut hits = fault.hits(&fs::read_to_string(trace)?);
    if subject.has_ring() && matches!(fault.kind, Kind::Limit(_)) {
        hits.count = completion::shortages(&ending.ledger);
    }
    Ok(judge(subject, fault, pattern, &hits, &result, ending, start.elapsed()))
}
