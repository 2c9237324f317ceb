//! Windows, as wine has it.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use xtask_shell::{Report, Step, registry, target_dir};

use crate::contract::{self, Exceptions};
use crate::debian;
use crate::door;
use crate::platforms::guest::{Guest, System, Tested};
use crate::platforms::row::{End, Row};
use crate::platforms::wine10;

/// What it is run by and linked with, each program with its package.
const NEEDS: &[(&str, &str)] =
    &[("wine", "wine"), ("wineserver", "wine64"), (LINKER, "gcc-mingw-w64-x86-64")];

const STAGE: &str = "wine";
const TARGET: &str = "x86_64-pc-windows-gnu";
const LINKER: &str = "x86_64-w64-mingw32-gcc";

/// Our own suites: a name, and what cargo is told. The published mio is compared by the first.
const SUITES: &[(&str, &str)] = &[
    ("contract", "--package ferrio-poll --all-features --test contract"),
    ("lib", "--package ferrio-poll --all-features --lib"),
    ("allocations, model", "--package ferrio-poll --test allocations --test model"),
];

/// The examples, and the tests that start them.
const EXAMPLES: &str = "--package ferrio --all-features --examples";
const PROGRAMS: &str = "--package ferrio --all-features --test examples";

/// What the published mio fails.
const EXCEPTIONS: Exceptions = ("exceptions-wine.txt", 45);

/// The rows on this machine's wine, and on a newer one if that is wanted.
pub(super) fn run(is_gate: bool, newer: bool) -> Vec<Row> {
    let rows = Row::each(STAGE, TARGET, usual(is_gate));
    let newer = newer.then(|| Row::each(STAGE, TARGET, newest().context("wine 10")));
    rows.into_iter().chain(newer.into_iter().flatten()).collect()
}

/// A row for each of our own suites, on a newer wine.
fn newest() -> Result<Vec<Row>> {
    let prefix = Prefix::get("platforms/wine10/prefix", &format!("{}/", wine10::programs()?.display()))?;
    let guest = guest(&prefix)?;
    let suite = |(name, tests): &(&str, &str)| guest.suite(&format!("{name}, wine 10"), tests).0;
    Ok(SUITES.iter().map(suite).collect())
}

/// A row for each of our own suites, and one for the published mio. A gate leaves out the examples
/// and tokio, which take as long as all the rest.
fn usual(is_gate: bool) -> Result<Vec<Row>> {
    let prefix = Prefix::usual()?;
    let guest = guest(&prefix)?;
    let suites = SUITES.iter().map(|(name, tests)| guest.suite(name, tests));
    let (mut rows, passed): (Vec<Row>, Vec<_>) = suites.unzip();
    rows.push(Row::new(STAGE, TARGET, "contract, real mio", real_mio(&guest, &passed[0])));
    if !is_gate {
        // Their tests start them, but a test that is named alone does not build them. If that
        // fails, so do they.
        let _ = guest.cargo("build", EXAMPLES).brief().run();
        rows.push(guest.suite("examples", PROGRAMS).0);
        let compat = ["tokio", "--backend", "wine"];
        let compat = door::open_with(door::COMPAT, &compat, &guest.environment());
        rows.push(Row::of_report(STAGE, TARGET, "tokio, as real mio", compat));
    }
    Ok(rows)
}

/// The contract on the published mio. What passes there has to be among what `passed` here.
fn real_mio(guest: &Guest, passed: &BTreeSet<String>) -> Result<End> {
    let (note, outcome) = contract::on_real_mio(guest.test("--test contract"), EXCEPTIONS)?;
    let lost: Vec<_> = Tested::read(&outcome)?.passed().difference(passed).cloned().collect();
    ensure!(lost.is_empty(), "passes with mio and not with Ferrio: {}", lost.join(", "));
    Ok(End::done(note))
}

/// `cargo xtask compat` with `arguments` that ask for wine.
pub(crate) fn compat(arguments: &[String]) -> Result<Report> {
    let prefix = match Prefix::usual() {
        Ok(prefix) => prefix,
        Err(error) => return registry::verdict(Err(error)),
    };
    door::open_with(door::COMPAT, arguments, &guest(&prefix)?.environment())
}

fn guest(prefix: &Prefix) -> Result<Guest> {
    let mut variables = prefix.variables();
    // A wait costs much there, and random tests make very many.
    variables.push(("PROPTEST_CASES", "256".to_owned()));
    let runner = &format!("timeout --kill-after=5 600 {}wine", prefix.programs);
    let system = System { stage: STAGE, target: TARGET, linker: LINKER, runner, flags: "" };
    Guest::new(&system, &variables)
}

/// A Windows of its own for these tests. Its processes end when this is dropped.
#[derive(Debug)]
struct Prefix {
    folder: PathBuf,
    /// What stands before the names of wine's programs: nothing, or their folder.
    programs: String,
    /// A shell that waits for commands. While it lives, the processes of the system stay: their
    /// start takes seconds, and whatever starts them shares its output with them.
    shell: Option<Child>,
}

impl Prefix {
    /// That of this machine's wine.
    fn usual() -> Result<Self> {
        Self::get("platforms/wine-prefix", "")
    }

    /// Makes it in the build folder `name`, if it is not there, and starts it.
    fn get(name: &str, programs: &str) -> Result<Self> {
        debian::install(NEEDS.iter().copied())?;
        let mut prefix = Self { folder: target_dir(name), programs: programs.to_owned(), shell: None };
        fs::create_dir_all(&prefix.folder)?;
        prefix.start().context("wine does not start")?;
        let mark = prefix.folder.join("is-complete");
        if !mark.exists() {
            prefix.complete().context("the wine prefix")?;
            fs::write(mark, "")?;
        }
        Ok(prefix)
    }

    /// Starts the shell, which makes a prefix that is empty, and waits until it answers.
    fn start(&mut self) -> Result<()> {
        let mut command = Command::new(format!("{}wine", self.programs));
        command.args(["cmd", "/q"]).envs(self.variables());
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
        let library = self.folder.join("drive_c/windows/system32/bcryptprimitives.dll");
        // Newer ones have it.
        if !library.exists() {
            fs::write(self.folder.join("random.c"), include_str!("wine-random.c"))?;
            let build = Step::new(LINKER, &["-O1", "-shared", "random.c", "-ladvapi32", "-o"]);
            build.args([library]).dir(&self.folder).quiet().succeed()?;
        }
        Ok(())
    }

    /// What its programs find in their environment.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let folder = self.folder.display().to_string();
        let others = [("WINEARCH", "win64"), ("WINEDEBUG", "-all"), ("DISPLAY", "")];
        let others = others.map(|(name, value)| (name, value.to_owned()));
        [("WINEPREFIX", folder)].into_iter().chain(others).collect()
    }

    fn step(&self, program: &str, arguments: &[&str]) -> Step {
        let step = Step::new(format!("{}{program}", self.programs), arguments);
        step.limit(Duration::from_secs(120)).brief().hidden_envs(self.variables())
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
