//! `docs/benchmarks.md` and its plots.

use std::fs;

use anyhow::{Context, Result, ensure};
use xtask_shell::root;

use crate::bar::{self, BARS};
use crate::build::Programs;
use crate::case::CASES;
use crate::machine;
use crate::metric::Metric;
use crate::pair::{ALL, COMPLETION, Pair};
use crate::plot::{self, Group};
use crate::record::Record;
use crate::table;

/// The document, from the root of the repository.
const DOCUMENT: &str = "docs/benchmarks.md";
/// The folder of the plots.
const PLOTS: &str = "docs/plots";
/// The most bytes of a plot.
const PLOT_MAX: usize = 30_000;
/// What stands between these is written by hand and kept.
const BY_HAND: (&str, &str) = ("<!-- by hand: begin -->", "<!-- by hand: end -->");

/// The pairs of completion that a plot has room for; the first ones are those beside mio.
const RINGS_SHOWN: usize = 5;

/// The ratio up to which two are equal.
const EQUAL: f64 = 1.005;

/// How it was measured.
const METHOD: &str = "\
- Each subject is a server of its own; `bench/` has the sources. `ferrio-poll` and `mio` are the same \
sources, with the dependency renamed; so are `tokio` and `tokio-on-ferrio`, with and without `[patch]`. \
Each build first proves where its `mio` comes from.
- One load generator for all, in a process of its own. It verifies every byte of every message.
- Server and clients are bound to **one core**: nobody waits for another core, so the figures are steady. \
Two cores are shown beside it; there, who sleeps less looks better.
- The subjects run in turn, a fresh server each time, and each pair of runs begins with another one. A ratio is the median of the runs' ratios to the \
peer's run beside it, with the lowest and the highest. Below 1.00 is less than the peer.
- `server_cpu` is the run time that the scheduler accounts to all threads of the server, per request. \
`syscalls` come from a run under strace in which all clients wait for each other; `allocations` from a \
counting allocator, `idle_memory` from the private pages of the server, `instructions` from valgrind. \
`epoll` is written by hand and skips the read that finds nothing: the floor.
- `ferrio-proactor` does its operations on a ring, `ferrio-proactor-emulated` is the same program without one. \
Both receive into a pool; the one answers by submitting a send, the other by `send_now`, each as is \
cheapest there, and both broadcast by `send_all`. In `echo_beside` connections \
are sources of readiness in the wait of a proactor: with one operation that accepts under way, or with none \
submitted (`ferrio-proactor-idle`). The peer `233 B` is 128 B and the part of a connection in the pool, where \
10,000 share it.
- `io_uring` is a completion ring written by hand, the floor of completion: it accepts and receives by operations \
that go on, into 256 buffers of 4 KiB, and sends by an operation for each client; `io_uring-inline` answers by send(2). \
`monoio` and `compio` are runtimes on such a ring, with a task for each connection, in one thread and as their \
builders make them, but for a ring of 4096 entries. A quick run leaves out the three, \
and of the proactor's subjects all but the first.
- In `echo_short_read` ferrio-poll leaves out the read that finds nothing, for its `Capabilities` say that it \
may; mio says nothing of the kind and reads until `WouldBlock`.
- `poll_empty_waker` and `poll_events_waker` are the same polls of a loop that has a waker, as most programs \
do; nobody wakes it. Instructions have no bar: what a poll costs beside its system call shows in `wait_empty`, \
`wait_waker` and `wait_timeout`, as time. The last of them is a poll with a waker and a timeout of 1 s, which \
Ferrio keeps by the clock; the write to the eventfd that it finds is in the figures of both.
- `user_event_awake` and `user_event_taken` are fires of a `user::source` beside wakes of mio's `Waker`, with a \
poll to 1000 of them; in the second each is taken before the next, which mio cannot. `channel_awake` is \
`user::channel` beside `std::sync::mpsc` with a wake for each message, with a poll to 64 of them.
- In `accept` the clients are in the process of the server and connect in bursts of 1, 4, 16, 64 and 128; \
`server_cpu` is of polls and accepts alone. `ferrio-poll` has an `Acceptor`, `mio` and `ferrio-poll-loop` a loop \
that is written by hand, the same sources. `empty_accepts` are the accepts that find nothing, for each event, in \
the trace; the peer `1.00` is just that.
- In `proxy` the 64 clients and the servers behind the proxy are in its process; `server_cpu` is of the proxy's \
turns alone. `ferrio-poll` splices, `ferrio-poll-copy` reads and writes by a buffer that all connections share, \
so that it stays in the cache. `syscalls` are those of the clients too, in both cases.
- `udp_stream` and `udp_batch` send 64 datagrams of 1200 bytes in a row and receive them, in one process; each is \
verified. A stream may go in pieces that the system cuts and joins, which `send_recv` does without; in a batch \
each datagram has a header of its own.
- In `file_copy` and `random_reads` nobody talks to the program, which makes its files itself, on the disk of the \
build folder, and verifies each block. The proactor has 8 blocks or 32 reads on their way; `thread_pool` is the \
standard library in 32 threads that block, and the emulated proactor may have as many. Before each round the file of \
`random_reads` is thrown out of the cache, by posix_fadvise(2). `wall` is the time from the beginning to the end, per \
request; it depends on the disk, and so these cases have no bar.
- Timers are kept in one process, 1,000,000 of them, with the same deadlines in the same order for each \
structure. `timer_insert` and `timer_cancel` replace 1000 at a time, chosen at random. `tokio` is a `Sleep` \
that was polled once, in a place that exists already; `btreemap` is the map of async-io without its lock; \
`binary_heap` is that of the standard library. In `timer_expire` time is an argument, moves by 1 ms, and each \
value is verified. `timer_memory` is what the structure asked the allocator for and still has, without the \
keys that its user keeps.
- The peer `mio + 5.0 ns` is mio's figure in the run beside it and 5 ns more, `mio + 35.0 ns` so with 35 ns; \
`64 B` is just that.
- Where the peer has no system call, allocation or memory of its own, and the subject neither, the ratio \
is 1. A run in which any other figure is 0 has measured nothing, and fails.
";

/// Writes all files and names them.
pub(crate) fn write(records: &[Record], programs: &Programs) -> Result<Vec<String>> {
    let path = root().join(DOCUMENT);
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut files = vec![DOCUMENT.to_owned()];
    let mut plots = String::new();
    fs::create_dir_all(root().join(PLOTS))?;
    for (name, title, groups) in plots_of(records) {
        let Some(svg) = plot::svg(title, &groups) else { continue };
        ensure!(svg.len() < PLOT_MAX, "{name} has {} bytes", svg.len());
        let file = format!("{PLOTS}/{name}.svg");
        fs::write(root().join(&file), svg).context("cannot write a plot")?;
        plots.push_str(&format!("![{title}](plots/{name}.svg)\n\n"));
        files.push(file);
    }
    fs::write(&path, text(records, &about(programs), &plots, by_hand(&old))).context(DOCUMENT)?;
    Ok(files)
}

/// The whole document.
fn text(records: &[Record], about: &str, plots: &str, by_hand: &str) -> String {
    let mut text = String::from("# Benchmarks\n\nWritten by `cargo xtask bench --publish`.\n\n");
    text.push_str(about);
    text.push_str(&format!("\n## Method\n\n{METHOD}\n"));
    for record in records {
        text.push_str(&losses(record));
    }
    let (begin, end) = BY_HAND;
    text.push_str(&format!("{begin}{by_hand}{end}\n\n"));
    text.push_str(&bars());
    for record in records {
        let mode = if record.is_two_cores { "Two cores" } else { "One core" };
        text.push_str(&format!("## {mode}\n\n{} runs of each subject.\n\n", record.pairs));
        let tables: Vec<String> = table::tables(record).iter().map(|rows| markdown(rows)).collect();
        text.push_str(&tables.join("\n"));
        record.notes.iter().for_each(|note| text.push_str(&format!("\n- {note}")));
        text.push('\n');
    }
    text.push_str(&format!("## Plots\n\n{plots}## Cases\n\n"));
    for case in CASES {
        text.push_str(&format!("- `{}`: a request is {}.\n", case.name, case.request));
    }
    text
}

/// Machine, compiler and versions.
fn about(programs: &Programs) -> String {
    let versions = programs.versions.iter().map(|(name, version)| format!("{name} {version}"));
    machine::facts().into_iter().chain(versions).map(|line| format!("- {line}\n")).collect()
}

/// What is listed as a loss.
fn rule(record: &Record) -> String {
    let bars = if record.is_two_cores {
        "The bars are for one core.".to_owned()
    } else {
        "So is what misses its bar by the median.".to_owned()
    };
    format!(
        "Listed is what cost more than the peer in every run: the lowest ratio is above {EQUAL}. {bars} \
         What cost more only in some runs stands in the table, and not here."
    )
}

/// Where Ferrio costs more than its peer, or misses its bar.
fn losses(record: &Record) -> String {
    let mode = if record.is_two_cores { "two cores" } else { "one core" };
    let mut text = format!("## Where Ferrio loses, {mode}\n\n{}\n\n", rule(record));
    let missed = bar::missed(record);
    let mut lines = Vec::new();
    for (case, metric, pair, ratio) in record.ratios().into_iter().filter(|(_, _, pair, _)| pair.is_ours()) {
        let is_missed = missed.contains(&(case.name, metric, pair));
        // More in every run, or over the bar.
        if ratio.low > EQUAL || is_missed {
            let bar = if is_missed { ", over its bar" } else { "" };
            let (case, name, shown) = (case.name, pair.name(), table::show(ratio));
            lines.push(format!("- `{case}` {metric}: {name} is {shown}{bar}.\n"));
        }
    }
    text.push_str(if lines.is_empty() { "Nowhere in this run.\n" } else { "" });
    text.extend(lines);
    text.push('\n');
    text
}

/// The bars as a table.
fn bars() -> String {
    let mut text = String::from(
        "## The bars, on one core\n\n| cases | metric | subject | peer | at most |\n|---|---|---|---|---|\n",
    );
    for bar in BARS {
        let cases = if bar.cases.is_empty() { "all others" } else { bar.cases };
        let noise = if bar.noise > 0.0 { format!(" + {} for noise", bar.noise) } else { String::new() };
        let (metric, subject, peer, most) = (bar.metric, bar.subject, bar.peer.unwrap_or("any"), bar.most);
        text.push_str(&format!("| {cases} | {metric} | {subject} | {peer} | {most:.2}{noise} |\n"));
    }
    text.push('\n');
    text
}

/// A table of Markdown; the first row is the head.
fn markdown(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
        if at == 0 {
            text.push_str(&format!("|{}\n", "---|".repeat(row.len())));
        }
    }
    text
}

/// What the last document holds between the two lines.
fn by_hand(old: &str) -> &str {
    let (begin, end) = BY_HAND;
    let inside = old.split_once(begin).and_then(|(_, rest)| rest.split_once(end));
    inside.map_or("\n", |(inside, _)| inside)
}

/// The plots: a name, a title, the bars.
fn plots_of(records: &[Record]) -> Vec<(&'static str, &'static str, Vec<Group>)> {
    let pick = |is_two_cores: bool| records.iter().find(move |record| record.is_two_cores == is_two_cores);
    let groups = |is_two_cores: bool, metrics: &[Metric], pairs: &[Pair]| {
        pick(is_two_cores).map(|record| groups(record, metrics, pairs)).unwrap_or_default()
    };
    let rings = &COMPLETION[..RINGS_SHOWN];
    let (cpu, latency) = ([Metric::ServerCpu], [Metric::LatencyP50, Metric::LatencyP99]);
    vec![
        ("server_cpu", "Server CPU per request, one core", groups(false, &cpu, ALL)),
        ("completion", "Server CPU per request with completion, one core", groups(false, &cpu, rings)),
        ("server_cpu_two_cores", "Server CPU per request, two cores", groups(true, &cpu, ALL)),
        ("syscalls", "System calls per request", groups(false, &[Metric::Syscalls], ALL)),
        ("latency", "Time to the answer, two cores", groups(true, &latency, ALL)),
        ("idle_memory", "Memory per idle connection", groups(false, &[Metric::IdleMemory], ALL)),
        ("instructions", "Instructions in user mode", groups(false, &[Metric::Instructions], ALL)),
    ]
}

/// A group for each case of the common tables that has one of the metrics, and a bar in it for
/// each of the pairs.
fn groups(record: &Record, metrics: &[Metric], pairs: &[Pair]) -> Vec<Group> {
    let mut groups = Vec::new();
    for case in record.cases.iter().filter(|case| case.is_in_common_table()) {
        for metric in record.metrics(case.name).into_iter().filter(|metric| metrics.contains(metric)) {
            let name = match metrics {
                [_] => case.name.to_owned(),
                _ => format!("{} {metric}", case.name),
            };
            let bar = |pair: &Pair| Some((pair.subject, record.ratio(case.name, metric, pair)?));
            let shown = case.pairs.iter().filter(|pair| pairs.contains(pair));
            groups.push((name, shown.filter_map(bar).collect()));
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::fs;

    use xtask_shell::root;

    use super::{DOCUMENT, METHOD, by_hand, losses, text};
    use crate::record::fixture::record;

    #[test]
    fn what_is_written_by_hand_survives() {
        let records = [record(&[("mio", &[100.0]), ("ferrio-poll", &[90.0])])];
        let first = text(&records, "", "", by_hand("no document yet"));
        let edited = first.replace("begin -->\n", "begin -->\n\nBecause of this.\n\n");
        let second = text(&records, "", "", by_hand(&edited));
        assert_eq!(second, edited);
    }

    #[test]
    fn the_document_says_how_it_is_measured() {
        let document = fs::read_to_string(root().join(DOCUMENT)).expect("the document");
        let (_, method) = document.split_once("## Method\n\n").expect("its section");
        assert_eq!(method.split("\n## ").next(), Some(METHOD));
    }

    #[test]
    fn losses_are_named_and_gains_are_not() {
        let lost = losses(&record(&[("mio", &[100.0, 100.0]), ("ferrio-poll", &[102.0, 101.2])]));
        assert!(lost.contains("`echo_64x64` server_cpu: ferrio-poll / mio is 1.02 (1.01-1.02)"), "{lost}");
        let over = losses(&record(&[("mio", &[100.0, 100.0]), ("ferrio-poll", &[120.0, 100.0])]));
        assert!(over.contains("over its bar"), "{over}");
        let won = losses(&record(&[("mio", &[100.0]), ("ferrio-poll", &[90.0]), ("polling", &[200.0])]));
        assert!(won.contains("Nowhere"), "{won}");
        assert!(won.contains("the lowest ratio is above 1.005. So is what misses its bar"), "{won}");
    }
}
