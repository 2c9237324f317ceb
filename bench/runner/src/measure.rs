//! The runs.

use std::env;
use std::fs;
use std::path::Path;
use std::process;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask_shell::Step;

use crate::build::Programs;
use crate::case::{Case, Clients, Work};
use crate::cores::Layout;
use crate::metric::Metric;
use crate::record::Record;
use crate::request::Request;
use crate::subject::Subject;
use crate::syscalls;
use crate::tools::Tools;

/// When a run counts as hung and is killed with all its processes.
const LIMIT: Duration = Duration::from_secs(60);
/// How long the measured part of a run is, and in a quick call.
const MILLISECONDS: (u64, u64) = (500, 200);
/// The same when every system call is traced.
const MILLISECONDS_TRACED: u64 = 200;
/// How many ms a thread then waits before it wakes a sleeper.
const PAUSE_TRACED: &str = "2";
/// The function that valgrind looks into.
const COUNTED: &str = "*measured_poll*";

/// All runs of a mode.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    request: &'a Request,
    programs: &'a Programs,
    tools: &'a Tools,
    layout: Layout,
    record: Record,
}

/// What a run printed.
#[derive(Debug)]
struct Answer {
    json: Value,
    /// What it did with less than was asked for.
    notes: Vec<String>,
}

impl<'a> Bench<'a> {
    /// Nothing has run yet.
    pub(crate) fn new(
        request: &'a Request,
        programs: &'a Programs,
        tools: &'a Tools,
        layout: Layout,
    ) -> Self {
        let record = Record::new(layout.is_two_cores(), request.pairs(), request.cases());
        Self { request, programs, tools, layout, record }
    }

    /// Runs all cases. A run that fails takes its subject out of the case.
    pub(crate) fn run(mut self) -> Record {
        let mode = if self.layout.is_two_cores() { "two cores" } else { "one core" };
        let left_out = self.request.left_out();
        if !left_out.is_empty() {
            self.record.note(format!("LEFT OUT of a quick run: {}", left_out.join(", ")));
        }
        let cases = self.record.cases.clone();
        for (at, case) in cases.iter().enumerate() {
            let start = Instant::now();
            eprintln!("\n[{}/{}] {}, {mode}", at + 1, cases.len(), case.name);
            self.case(case);
            eprintln!("  {:.1} s", start.elapsed().as_secs_f64());
        }
        self.record
    }

    fn case(&mut self, case: &'static Case) {
        let mut subjects = self.request.subjects(case);
        if subjects.is_empty() {
            return eprintln!("  left out");
        }
        if let Work::Counted { rounds } = case.work {
            return self.once(case, &[Metric::Instructions], &subjects, |bench, subject| {
                Ok(vec![bench.instructions(case, subject, rounds)?])
            });
        }
        for pair in 1..=self.record.pairs {
            let mut line = format!("  {pair}/{}", self.record.pairs);
            subjects.retain(|subject| match self.sample(case, subject) {
                Ok((metric, figure)) => {
                    line.push_str(&format!("  {} {}", subject.name, metric.show(figure)));
                    true
                }
                Err(error) => self.fail(case, subject, &error),
            });
            eprintln!("{line}");
            // What the first one finds, or leaves behind, is not always the same one's.
            rotate(&mut subjects);
        }
        if let Work::Weighed = case.work {
            return;
        }
        let mut metrics = vec![Metric::Syscalls];
        if case.has_limit(Metric::EmptyAccepts) {
            metrics.push(Metric::EmptyAccepts);
        }
        self.once(case, &metrics, &subjects, |bench, subject| bench.traced(case, subject, &metrics));
    }

    /// Metrics for which one run is enough: they do not depend on the clock.
    fn once(
        &mut self,
        case: &'static Case,
        metrics: &[Metric],
        subjects: &[&Subject],
        run: impl Fn(&Self, &Subject) -> Result<Vec<f64>>,
    ) {
        let (has_tool, tool) = match metrics {
            [Metric::Instructions] => (self.tools.has_valgrind, "valgrind"),
            _ => (self.tools.has_strace, "strace"),
        };
        if !has_tool {
            for metric in metrics {
                self.record.skipped.insert(*metric);
                self.record.note(format!("SKIPPED {metric}: {tool} is not installed, or may not trace"));
            }
            return;
        }
        let names: Vec<&str> = metrics.iter().map(|metric| metric.name()).collect();
        let mut line = format!("  {}", names.join(", "));
        for subject in subjects {
            let result = run(self, subject).and_then(|figures| checked(metrics, figures));
            match result {
                Ok(figures) => {
                    line.push_str(&format!("  {}", subject.name));
                    for (metric, figure) in figures {
                        line.push_str(&format!(" {}", metric.show(figure)));
                        self.record.add(case, metric, subject, figure);
                    }
                }
                Err(error) => {
                    self.fail(case, subject, &error);
                }
            }
        }
        eprintln!("{line}");
    }

    /// Notes a failure; false, for it ends something.
    fn fail(&mut self, case: &Case, subject: &Subject, error: &anyhow::Error) -> bool {
        eprintln!("  FAILED {}: {error:#}", subject.name);
        self.record.failures.push(format!("{} {}: {error:#}", case.name, subject.name));
        false
    }

    /// A run of a subject; its first figure.
    fn sample(&mut self, case: &'static Case, subject: &Subject) -> Result<(Metric, f64)> {
        let answer = self.answer(case, subject, None)?;
        for note in &answer.notes {
            self.record.note(format!("{}: {note}", case.name));
        }
        let allocations = (Metric::Allocations, none_if_few(answer.per_request("allocations")?));
        let mut figures = match case.work {
            Work::Weighed => vec![(Metric::TimerMemory, answer.per_request("live_bytes")?), allocations],
            _ => vec![(Metric::ServerCpu, answer.per_request("cpu_ns")?), allocations],
        };
        if let Work::Loop { has_wall: true, .. } = case.work {
            figures.push((Metric::Wall, answer.per_request("wall_ns")?));
        }
        if let Work::Clients(clients) = &case.work {
            if clients.has_memory {
                let memory = answer.number("memory_bytes")?;
                figures.push((Metric::IdleMemory, memory / answer.number("connections")?));
            }
            if clients.has_latency {
                figures.push((Metric::LatencyP50, answer.number("p50_ns")?));
                figures.push((Metric::LatencyP99, answer.number("p99_ns")?));
            }
        }
        figures.iter().try_for_each(|(metric, figure)| metric.check(*figure))?;
        for (metric, figure) in &figures {
            self.record.add(case, *metric, subject, *figure);
        }
        Ok(figures[0])
    }

    /// What a trace shows, in a run of its own: tracing takes its time.
    fn traced(&self, case: &Case, subject: &Subject, metrics: &[Metric]) -> Result<Vec<f64>> {
        let file = self.programs.scratch("strace.txt");
        let answer = self.answer(case, subject, Some(&file))?;
        let trace = fs::read(&file).context("strace wrote nothing")?;
        fs::remove_file(&file)?;
        let trace = String::from_utf8_lossy(&trace);
        let figure = |metric: &Metric| match metric {
            Metric::EmptyAccepts => {
                let accepts = syscalls::empty_accepts(&trace).context("the trace has no two marks")?;
                Ok(accepts.empty as f64 / accepts.events as f64)
            }
            _ => {
                let calls = syscalls::count(&trace).context("the trace has no two marks")?;
                Ok(calls as f64 / answer.number("requests")?)
            }
        };
        metrics.iter().map(figure).collect()
    }

    /// The instructions of a request in user mode.
    fn instructions(&self, case: &Case, subject: &Subject, rounds: u64) -> Result<f64> {
        let toggle = format!("--toggle-collect={COUNTED}");
        let server = self.programs.server(subject);
        let valgrind =
            ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no", &toggle];
        let mut arguments: Vec<String> = valgrind.map(str::to_owned).to_vec();
        arguments.push(server.display().to_string());
        arguments.extend(self.loop_arguments(case, subject, rounds));
        let (answer, stderr) = run("valgrind", &arguments)?;
        Ok(collected(&stderr)? / answer.number("requests")?)
    }

    /// Runs a case once, under strace if there is a file for it.
    fn answer(&self, case: &Case, subject: &Subject, strace: Option<&Path>) -> Result<Answer> {
        let server = self.programs.server(subject).display().to_string();
        let answer = match &case.work {
            Work::Clients(clients) => {
                // Not in the build folder: the path of a socket is short.
                let socket = env::temp_dir().join(format!("ferrio-bench-{}", process::id()));
                let mut arguments = self.client_arguments(clients, subject, strace);
                if clients.is_unix {
                    arguments.extend(["--unix".to_owned(), socket.display().to_string()]);
                }
                let answer = run(&self.programs.load().display().to_string(), &arguments);
                if clients.is_unix {
                    // The server was killed and could not do it.
                    let _ = fs::remove_file(socket);
                }
                answer?
            }
            Work::Loop { rounds, rounds_traced, .. } => match strace {
                None => {
                    // A wake across cores takes more than ten times as long.
                    let part = if self.layout.is_two_cores() { 10 } else { 1 };
                    run(&server, &self.loop_arguments(case, subject, rounds.div_ceil(part)))?
                }
                Some(file) => {
                    let file = file.display().to_string();
                    let mut arguments: Vec<String> =
                        ["-f", "-q", "-o", &file, "--", &server].map(str::to_owned).to_vec();
                    arguments.extend(self.loop_arguments(case, subject, *rounds_traced));
                    arguments.extend(["--pause".to_owned(), PAUSE_TRACED.to_owned()]);
                    run("strace", &arguments)?
                }
            },
            Work::Weighed => run(&server, &self.loop_arguments(case, subject, 1))?,
            Work::Counted { .. } => bail!("{} is only counted", case.name),
        };
        Ok(answer.0)
    }

    fn client_arguments(&self, clients: &Clients, subject: &Subject, strace: Option<&Path>) -> Vec<String> {
        let server = self.programs.server(subject).display().to_string();
        let time = if self.request.quick { MILLISECONDS.1 } else { MILLISECONDS.0 };
        let time = if strace.is_some() { MILLISECONDS_TRACED } else { time };
        let mut arguments = vec![clients.shape.to_owned(), "--server".to_owned(), server];
        arguments
            .extend(subject.variant.iter().flat_map(|name| ["--variant".to_owned(), (*name).to_owned()]));
        let numbers = [
            ("--connections", clients.connections),
            ("--active", clients.active),
            ("--size", clients.size),
            ("--core", self.layout.other),
            ("--server-core", self.layout.server),
            ("--milliseconds", time as usize),
        ];
        for (name, number) in numbers {
            arguments.extend([name.to_owned(), number.to_string()]);
        }
        if let Some(file) = strace {
            arguments.extend(["--strace".to_owned(), file.display().to_string()]);
        }
        arguments
    }

    fn loop_arguments(&self, case: &Case, subject: &Subject, rounds: u64) -> Vec<String> {
        let cores = format!("{},{}", self.layout.server, self.layout.other);
        let rounds = rounds.to_string();
        let mut arguments = vec![case.name, "--cores", &cores, "--rounds", &rounds];
        arguments.extend(subject.variant.iter().flat_map(|name| ["--variant", name]));
        arguments.into_iter().map(str::to_owned).collect()
    }
}

/// The figures with their metrics, if all were measured.
fn checked(metrics: &[Metric], figures: Vec<f64>) -> Result<Vec<(Metric, f64)>> {
    let figures: Vec<_> = metrics.iter().copied().zip(figures).collect();
    figures.iter().try_for_each(|(metric, figure)| metric.check(*figure))?;
    Ok(figures)
}

/// Puts the subjects in the order of the next pair.
fn rotate<T>(subjects: &mut [T]) {
    if !subjects.is_empty() {
        subjects.rotate_left(1);
    }
}

/// Allocations per request, in steps of one in 10,000 requests. Fewer are not of the
/// requests, and a ratio of one to none says nothing.
fn none_if_few(allocations: f64) -> f64 {
    (allocations * 10_000.0).round() / 10_000.0
}

/// The instructions in what callgrind said. It says 0 if no function has the name.
fn collected(stderr: &str) -> Result<f64> {
    let line = stderr.lines().find_map(|line| line.split_once("Collected :"));
    let collected: f64 = line.context("valgrind counted nothing")?.1.trim().parse()?;
    ensure!(collected > 0.0, "valgrind found no function called {COUNTED}");
    Ok(collected)
}

/// Runs a program and reads its last line; also what it said to stderr.
fn run(program: &str, arguments: &[String]) -> Result<(Answer, String)> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = Step::new(program, &arguments).limit(LIMIT).quiet().run()?;
    if !outcome.success() {
        bail!("{}\n{}", outcome.complaint(), outcome.stderr.trim_end());
    }
    let last = outcome.stdout.lines().last().unwrap_or_default();
    let json = serde_json::from_str(last).with_context(|| format!("the program printed {last:?}"))?;
    let notes = outcome.stderr.lines().filter_map(|line| line.strip_prefix("note: "));
    let notes = notes.map(str::to_owned).collect();
    Ok((Answer { json, notes }, outcome.stderr))
}

impl Answer {
    fn number(&self, key: &str) -> Result<f64> {
        self.json[key].as_f64().with_context(|| format!("no `{key}` in {}", self.json))
    }

    fn per_request(&self, key: &str) -> Result<f64> {
        Ok(self.number(key)? / self.number("requests")?)
    }
}

#[cfg(test)]
mod tests {
    use super::{collected, rotate};

    #[test]
    fn each_subject_begins_in_its_turn() {
        let mut subjects = ["mio", "ferrio-poll", "epoll"];
        let mut first = Vec::new();
        for _ in 0..4 {
            first.push(subjects[0]);
            rotate(&mut subjects);
        }
        assert_eq!(first, ["mio", "ferrio-poll", "epoll", "mio"]);
        rotate::<&str>(&mut []);
    }

    #[test]
    fn valgrind_must_have_counted_something() {
        let count = |count: &str| collected(&format!("==7== Events    : Ir\n==7== Collected : {count}\n"));
        assert_eq!(count("6000").expect("a count"), 6000.0);
        let error = count("0").expect_err("the function is not there");
        assert!(error.to_string().contains("no function called *measured_poll*"), "{error}");
        assert!(collected("==7== Events    : Ir\n").is_err());
    }
}
