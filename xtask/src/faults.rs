//! `cargo xtask faults [--short]`: servers whose system calls fail on purpose.
//!
//! strace(1) makes the kernel's answers up: each row of the table runs a server under
//! it, with a fleet of clients that number and check every line. At most as many
//! clients may be affected as calls were hit; a row in which nothing was hit is void
//! and fails. The descriptor limit is a fault too, and a real one.

mod client;
mod fleet;
mod line;
mod server;
mod subject;
mod table;
mod verdict;

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, bail, ensure};

use crate::report::Report;
use crate::shell::target_dir;
use fleet::Fleet;
use server::Running;
use subject::Subject;
use table::{FAULTS, Fault, Limits};
use verdict::{Row, judge};

/// Runs every fault on every server that it fits: with `--short` in one pattern each.
pub(crate) fn run(arguments: &[String]) -> Result<Report> {
    let short = match arguments {
        [] => false,
        [flag] if flag == "--short" => true,
        _ => bail!("faults [--short]"),
    };
    if let Some(reason) = obstacle() {
        return Ok(Report::skipped(reason));
    }
    Subject::ALL.iter().try_for_each(|subject| subject.build())?;
    let start = Instant::now();
    println!("\n{}", verdict::HEADING);
    let mut rows = Vec::new();
    for subject in Subject::ALL {
        for fault in FAULTS.iter().filter(|fault| fault.subjects.contains(&subject)) {
            for pattern in fault.patterns.iter().take(if short { 1 } else { usize::MAX }) {
                let row = run_row(subject, fault, pattern, Limits::of(short))?;
                println!("{row}");
                rows.push(row);
            }
        }
    }
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
fn run_row(subject: Subject, fault: &'static Fault, pattern: &'static str, limits: Limits) -> Result<Row> {
    let folder = target_dir("faults");
    fs::create_dir_all(&folder)?;
    let trace = folder.join("trace");
    let start = Instant::now();
    let server = match Running::start(subject, fault, pattern, &trace) {
        Ok(server) => server,
        Err(error) => return Ok(Row::of_start(subject, fault, pattern, &error)),
    };
    let fleet = Fleet::run(server.address(), fault.crowd, limits);
    let ending = server.stop();
    let result = fleet.end();
    let injected = fault.count(&fs::read_to_string(&trace)?);
    Ok(judge(subject, fault, pattern, injected, &result, ending, start.elapsed()))
}
