//! `cargo xtask bench`: what Ferrio costs, next to its peers.
//!
//! A figure alone says little on a machine that others use too. So the subjects run
//! in turn, and what counts is the ratio to the peer's run beside it: the median of
//! these pairs, with the lowest and the highest. `bench/` is a workspace of its own,
//! with a server for each subject and one load generator for all.

mod bar;
mod build;
mod case;
mod cores;
mod document;
mod machine;
mod measure;
mod metric;
mod origin;
mod pair;
mod plot;
mod ratio;
mod record;
mod request;
mod subject;
mod syscalls;
mod table;
mod tools;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Parser;
use xtask_shell::Report;

use crate::build::Programs;
use crate::cores::Cores;
use crate::measure::Bench;
use crate::record::Record;
use crate::request::Request;
use crate::subject::Workspace;
use crate::tools::Tools;

fn main() -> ExitCode {
    Report::tell(run(&Request::parse()))
}

/// Runs the cases of `request`.
fn run(request: &Request) -> Result<Report> {
    let start = Instant::now();
    let programs = Programs::build(request.needs(Workspace::Rings))?;
    eprintln!("built in {} s", start.elapsed().as_secs());
    let tools = Tools::look();
    let cores = Cores::of_this_process()?;
    let mut records = Vec::new();
    for &is_two_cores in request.modes() {
        let layout = cores.layout(is_two_cores)?;
        records.push(Bench::new(request, &programs, &tools, layout).run());
    }
    let took = start.elapsed().as_secs();
    let failures: Vec<&String> = records.iter().flat_map(|record| &record.failures).collect();
    if !failures.is_empty() {
        records.iter().for_each(|record| eprintln!("{}", table::render(record)));
        failures.iter().for_each(|failure| eprintln!("FAILED {failure}"));
        bail!("{} runs failed; {took} s", failures.len());
    }
    if request.json {
        let lines: Vec<String> = records.iter().flat_map(Record::json).collect();
        return Ok(Report::passed(lines.join("\n")));
    }
    records.iter().for_each(|record| println!("\n{}", table::render(record)));
    let summary = summary(&records, &request.left_out(), took);
    if request.publish {
        let files = document::write(&records, &programs)?;
        return Ok(Report::passed(format!("{summary}; wrote {}", files.join(", "))));
    }
    let is_whole = records.iter().all(|record| record.skipped.is_empty());
    Ok(if is_whole { Report::passed(summary) } else { Report::in_part(summary) })
}

/// The good end in one line.
fn summary(records: &[Record], left_out: &[&str], took: u64) -> String {
    let runs: usize = records.iter().map(Record::run_count).sum();
    let missed: usize = records.iter().map(|record| bar::missed(record).len()).sum();
    let bars = if missed > 0 { format!(", {missed} bars missed") } else { String::new() };
    let skipped: BTreeSet<&str> =
        records.iter().flat_map(|record| &record.skipped).map(|metric| metric.name()).collect();
    let skipped: String = skipped.iter().map(|metric| format!(", SKIPPED {metric}")).collect();
    let without =
        if left_out.is_empty() { String::new() } else { format!(", without {}", left_out.join(", ")) };
    format!("{runs} runs, every message verified{bars}{skipped}{without}, {took} s")
}
