//! Running other programs: a heading, a time limit, and what they printed.

use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use wait_timeout::ChildExt;

use crate::folders::{root, target_dir};

/// How long a program may run unless it is told otherwise. No stage comes near.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// A program that is about to run.
#[derive(Debug)]
pub struct Step {
    /// The program, its arguments, folder and environment.
    command: Command,
    /// What the heading shows before the command line: variables.
    settings: String,
    /// What it shows after: the folder.
    place: String,
    /// When it is killed, with all its children.
    limit: Duration,
    /// Whether heading and time are kept back.
    quiet: bool,
    /// Whether its output is kept back, unless it fails.
    brief: bool,
}

impl Step {
    /// `program` with `arguments`, in the root of the repository.
    pub fn new(program: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(root()).stdin(Stdio::null());
        let (settings, place) = (String::new(), String::new());
        Self { command, settings, place, limit: LIMIT, quiet: false, brief: false }
    }

    /// cargo with `arguments`.
    pub fn cargo(arguments: &[&str]) -> Self {
        // What cargo told this program about itself is not meant for another cargo.
        let mut step = Self::new("cargo", arguments);
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                step.command.env_remove(&name);
            }
        }
        step
    }

    /// Adds arguments that stand in one line, parted by blanks.
    pub fn words(self, line: &str) -> Self {
        self.args(line.split_ascii_whitespace())
    }

    /// Adds arguments.
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of its environment and shows it in the heading.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        let shown = if value.contains(' ') { format!("{value:?}") } else { value.to_owned() };
        self.settings = format!("{name}={shown} {}", self.settings);
        self
    }

    /// Sets a variable that the heading does not show, as folders.
    pub fn hidden_env(self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.hidden_envs([(name, value)])
    }

    /// Sets variables that the heading does not show.
    pub fn hidden_envs<N, V>(mut self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        self.command.envs(variables);
        self
    }

    /// Takes a variable out of its environment.
    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Builds into the folder of that name below the build folder. Such a build is run
    /// once and not debugged, so it goes without the lines of its backtraces.
    pub fn target(self, name: &str) -> Self {
        self.hidden_env("CARGO_TARGET_DIR", target_dir(name)).hidden_env("CARGO_PROFILE_DEV_DEBUG", "0")
    }

    /// Runs in `folder` instead of the root.
    pub fn dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        let shown = folder.strip_prefix(root()).map_or(String::new(), |path| path.display().to_string());
        self.place = if shown.is_empty() { shown } else { format!(" (in {shown})") };
        self
    }

    /// Kills it, with its children, after `limit`.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Prints neither heading nor output.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Prints the output only if it fails: for long lists of what is well.
    pub fn brief(mut self) -> Self {
        self.brief = true;
        self
    }

    /// Runs it to its end or its limit. A failure of the program is in the
    /// [`Outcome`]; an error means that it could not be started.
    pub fn run(mut self) -> Result<Outcome> {
        let title = self.title();
        if !self.quiet {
            println!("\n$ {title}");
        }
        let start = Instant::now();
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: a limit ends the grandchildren too.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start `{title}`"))?;
        let stdout = reader(child.stdout.take(), self.quiet || self.brief);
        let stderr = reader(child.stderr.take(), self.quiet || self.brief);
        let status = child.wait_timeout(self.limit)?;
        if status.is_none() {
            // It may end by itself meanwhile.
            let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
            child.wait()?;
        }
        let outcome = Outcome {
            title,
            status,
            stdout: stdout.join().expect("the reader of stdout"),
            stderr: stderr.join().expect("the reader of stderr"),
        };
        if self.brief && !self.quiet && !outcome.success() {
            println!("{}{}", outcome.stdout, outcome.stderr);
        }
        if !self.quiet {
            println!("  {:.1} s", start.elapsed().as_secs_f64());
        }
        Ok(outcome)
    }

    /// What its heading shows.
    fn title(&self) -> String {
        let words = [self.command.get_program()].into_iter().chain(self.command.get_args());
        let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
        format!("{}{}{}", self.settings, words.join(" "), self.place)
    }

    /// Runs it and makes its failure an error.
    pub fn succeed(self) -> Result<Outcome> {
        let outcome = self.run()?;
        if !outcome.success() {
            bail!("{}", outcome.complaint());
        }
        Ok(outcome)
    }
}

/// True if `program` can be started by its name.
pub fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// How a program ended and what it printed.
#[derive(Debug)]
pub struct Outcome {
    /// What ran.
    title: String,
    /// How it ended; `None` if it ran into its limit.
    status: Option<ExitStatus>,
    /// All it printed to stdout.
    pub stdout: String,
    /// All it printed to stderr.
    pub stderr: String,
}

impl Outcome {
    /// True if it ended by itself with status 0.
    pub fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// True if it was killed because it ran too long.
    pub fn timed_out(&self) -> bool {
        self.status.is_none()
    }

    /// How it failed, in one line.
    pub fn complaint(&self) -> String {
        match self.status {
            None => format!("ran into its time limit: {}", self.title),
            Some(status) => format!("{status}: {}", self.title),
        }
    }
}

/// Reads `pipe` to its end in a thread, shows each line unless `quiet`.
fn reader(pipe: Option<impl Read + Send + 'static>, quiet: bool) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        let Some(pipe) = pipe else { return text };
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if !quiet {
                println!("{line}");
            }
            text.push_str(&line);
            text.push('\n');
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Step;

    #[test]
    fn output_and_status_are_kept() {
        let outcome = Step::new("sh", &["-c", "echo out; echo err >&2; exit 3"]).quiet().run();
        let outcome = outcome.expect("sh starts");
        assert!(!outcome.success() && !outcome.timed_out());
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("out\n", "err\n"));
    }

    #[test]
    fn a_limit_ends_the_grandchildren_too() {
        let start = Instant::now();
        let step = Step::new("sh", &["-c", "sleep 30 & wait"]).limit(Duration::from_millis(200));
        assert!(step.quiet().run().expect("sh starts").timed_out());
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_failure_is_an_error_that_names_the_command() {
        let error = Step::new("sh", &["-c", "exit 3"]).quiet().succeed().expect_err("status 3");
        assert!(error.to_string().contains("exit 3"), "{error}");
    }
}
