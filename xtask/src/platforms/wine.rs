//! Windows, as wine has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use xtask_shell::{Report, Step, registry};

use crate::contract::{self, Exceptions};
use crate::debian;
use crate::door;
use crate::platforms::guest::{self, Guest, Tested};
use crate::platforms::row::Row;
use crate::platforms::targets::{self, System};
use crate::platforms::wine10;

/// The examples, and the tests that start them.
const EXAMPLES: &str = "--package ferrio --all-features --examples";
const PROGRAMS: &str = "--package ferrio --all-features --test examples";

/// What the published mio fails.
const EXCEPTIONS: Exceptions = ("exceptions-wine.txt", 45);

/// The rows on this machine's wine, and on a newer one if that is wanted.
pub(super) fn run(is_gate: bool, newer: bool) -> Vec<Row> {
    let system = targets::guest("wine");
    let mut rows = Row::each(&system.stage, &system.target, usual(system, is_gate));
    if newer {
        let newest = newest(targets::guest("wine 10")).context("wine 10");
        rows.extend(Row::each(&system.stage, &system.target, newest));
    }
    rows
}

/// A row for each of our own suites, on a newer wine.
fn newest(system: &'static System) -> Result<Vec<Row>> {
    debian::install(&system.needs)?;
    wine10::make()?;
    let _prefix = Prefix::get(system)?;
    Ok(Guest::new(system)?.rows())
}

/// A row for each of our own suites, and one for the published mio. A gate leaves out the examples
/// and tokio, which take as long as all the rest.
fn usual(system: &'static System, is_gate: bool) -> Result<Vec<Row>> {
    let _prefix = Prefix::get(system)?;
    let guest = Guest::new(system)?;
    let suites = system.suites.iter().map(|[what, arguments]| guest.suite(what, arguments, ""));
    let (mut rows, passed): (Vec<Row>, Vec<_>) = suites.unzip();
    rows.push(guest.row("contract, real mio", real_mio(&guest, &passed[0])));
    if !is_gate {
        // Their tests start them, but a test that is named alone does not build them. If that
        // fails, so do they.
        let _ = guest.cargo("build", EXAMPLES).brief().run();
        rows.push(guest.suite("examples", PROGRAMS, "").0);
        let compat = ["tokio", "--backend", "wine"];
        let compat = door::open_with(door::COMPAT, &compat, &guest.environment());
        rows.push(Row::new(&system.stage, &system.target, "tokio, as real mio", compat));
    }
    Ok(rows)
}

/// The contract on the published mio. What passes there has to be among what `passed` here.
fn real_mio(guest: &Guest, passed: &BTreeSet<String>) -> Result<Report> {
    let (note, outcome) = contract::on_real_mio(guest.test("--test contract"), EXCEPTIONS)?;
    let lost: Vec<_> = Tested::read(&outcome)?.passed().difference(passed).cloned().collect();
    ensure!(lost.is_empty(), "passes with mio and not with Ferrio: {}", lost.join(", "));
    Ok(Report::passed(note))
}

/// `cargo xtask compat` with `arguments` that ask for wine.
pub(crate) fn compat(arguments: &[String]) -> Result<Report> {
    let system = targets::guest("wine");
    let _prefix = match Prefix::get(system) {
        Ok(prefix) => prefix,
        Err(error) => return registry::verdict(Err(error)),
    };
    door::open_with(door::COMPAT, arguments, &Guest::new(system)?.environment())
}

/// A Windows of its own for these tests. Its processes end when this is dropped.
#[derive(Debug)]
struct Prefix {
    system: &'static System,
    /// What its programs find in their environment.
    variables: BTreeMap<String, String>,
    /// A shell that waits for commands. While it lives, the processes of the system stay: their
    /// start takes seconds, and whatever starts them shares its output with them.
    shell: Option<Child>,
}

impl Prefix {
    /// That of `system`, started. It is made if it is not there.
    fn get(system: &'static System) -> Result<Self> {
        debian::install(&system.needs)?;
        let mut prefix = Self { system, variables: guest::variables(system).collect(), shell: None };
        fs::create_dir_all(prefix.folder())?;
        prefix.start().context("wine does not start")?;
        let mark = prefix.folder().join("is-complete");
        if !mark.exists() {
            prefix.complete().context("the wine prefix")?;
            fs::write(mark, "")?;
        }
        Ok(prefix)
    }

    /// Starts the shell, which makes a prefix that is empty, and waits until it answers.
    fn start(&mut self) -> Result<()> {
        let mut command = Command::new(self.program("wine"));
        command.args(["cmd", "/q"]).envs(&self.variables);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let shell = self.shell.insert(command.spawn()?);
        let (stdin, stdout) = (shell.stdin.as_mut(), shell.stdout.take());
        stdin.context("its input")?.write_all(b"echo ready\r\n")?;
        let mut lines = BufReader::new(stdout.context("its output")?).lines().map_while(Result::ok);
        ensure!(lines.any(|line| line.contains("ready")), "its shell does not answer");
        Ok(())
    }

    /// Adds what it lacks.
    fn complete(&self) -> Result<()> {
        // It says that it is Windows 7 otherwise.
        let version = ["reg", "add", "HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f"];
        self.step("wine", &version).succeed()?;
        let library = self.folder().join("drive_c/windows/system32/bcryptprimitives.dll");
        // Newer ones have it.
        if !library.exists() {
            fs::write(self.folder().join("random.c"), include_str!("wine-random.c"))?;
            let build = ["-O1", "-shared", "random.c", "-ladvapi32", "-o"];
            let build = Step::new(&self.system.linker, &build).args([library]);
            build.dir(self.folder()).quiet().succeed()?;
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        Path::new(&self.variables["WINEPREFIX"])
    }

    /// A program of wine, by its path if the runner has one.
    fn program(&self, name: &str) -> String {
        let runner = guest::fill(&self.system.runner);
        let wine = runner.rsplit(' ').next().unwrap_or_default();
        wine.strip_suffix("wine").unwrap_or_default().to_owned() + name
    }

    fn step(&self, program: &str, arguments: &[&str]) -> Step {
        let step = Step::new(self.program(program), arguments);
        step.limit(Duration::from_secs(120)).brief().hidden_envs(&self.variables)
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        // There may be none left.
        let _ = self.step("wineserver", &["--kill"]).quiet().run();
        if let Some(mut shell) = self.shell.take() {
            let _ = shell.kill();
            let _ = shell.wait();
        }
    }
}
