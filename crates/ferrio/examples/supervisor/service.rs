//! A program that is to run.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use ferrio::buffer::Input;
use ferrio::process::ChildExit;
use ferrio::time::TimerKey;
use ferrio::{Interest, Registry, Token};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::output::Output;

pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) command: String,
    pub(crate) running: Option<Running>,
    /// False if it is to be forgotten once it has ended.
    pub(crate) is_wanted: bool,
    /// True if it is to be started at once when it has ended.
    pub(crate) is_restarted: bool,
    /// How long to wait before the next start.
    delay: Duration,
    /// When it is started, or killed.
    pub(crate) deadline: Option<TimerKey>,
    pub(crate) starts: u64,
    pub(crate) lines: u64,
}

pub(crate) struct Running {
    child: Child,
    exit: ChildExit,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    since: Instant,
}

/// The tags of the three sources of a service, which share the rest of their tokens.
pub(crate) const EXIT: u8 = 0;
pub(crate) const STDOUT: u8 = 1;
pub(crate) const STDERR: u8 = 2;

const DELAY_MIN: Duration = Duration::from_millis(100);
const DELAY_MAX: Duration = Duration::from_secs(10);
/// A service that ran for so long is not one that cannot run.
const STABLE: Duration = Duration::from_secs(10);
/// The most bytes of an output that are printed in one turn.
const OUTPUT_BUDGET: usize = 64 * 1024;
/// The most bytes of an output that are printed once the program has ended. There is no more
/// in a pipe, but what the program has started may go on to write.
const OUTPUT_REST: usize = 1024 * 1024;

impl Service {
    pub(crate) fn new(name: String, command: String) -> Service {
        Service {
            name,
            command,
            running: None,
            is_wanted: true,
            is_restarted: false,
            delay: DELAY_MIN,
            deadline: None,
            starts: 0,
            lines: 0,
        }
    }

    /// Starts the program; returns its process id.
    pub(crate) fn start(&mut self, registry: &Registry, token: Token) -> io::Result<u32> {
        let mut command = Command::new("sh");
        command.args(["-c", &self.command]).stdin(Stdio::null());
        // A group of its own, so that a signal reaches what the shell has started as well.
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
        let watched = watch(&mut child, registry, token);
        if watched.is_err() {
            // It must not run unseen.
            child.kill()?;
            child.wait()?;
        }
        let (exit, stdout, stderr) = watched?;
        let pid = child.id();
        self.running = Some(Running { child, exit, stdout, stderr, since: Instant::now() });
        self.starts += 1;
        Ok(pid)
    }

    /// Prints what an output has. True if there may be more.
    pub(crate) fn copy_output(&mut self, tag: u8, budget: usize) -> io::Result<bool> {
        let Some(running) = &mut self.running else { return Ok(false) };
        let output = if tag == STDOUT { &mut running.stdout } else { &mut running.stderr };
        let (lines, input) = output.copy(&self.name, budget)?;
        self.lines += lines;
        Ok(input == Input::More)
    }

    /// The same, with the budget of a turn.
    pub(crate) fn take_turn(&mut self, tag: u8) -> io::Result<bool> {
        self.copy_output(tag, OUTPUT_BUDGET)
    }

    /// How the program has ended, if it has. It does not run any more then.
    pub(crate) fn take_exit(&mut self) -> io::Result<Option<ExitStatus>> {
        // An event of the process before this one finds one that runs.
        let Some(running) = &mut self.running else { return Ok(None) };
        let Some(status) = running.exit.try_wait()? else { return Ok(None) };
        // What it has started and left behind ends with it: its group is known only as long as
        // nobody has waited for it.
        let _ = kill_process_group(Pid::from_child(&running.child), Signal::KILL);
        running.child.wait()?;
        if running.since.elapsed() >= STABLE {
            self.delay = DELAY_MIN;
        }
        self.copy_output(STDOUT, OUTPUT_REST)?;
        self.copy_output(STDERR, OUTPUT_REST)?;
        let Some(running) = &mut self.running else { return Ok(None) };
        for output in [&mut running.stdout, &mut running.stderr] {
            self.lines += output.finish(&self.name);
        }
        // Dropping the sources ends their registrations.
        self.running = None;
        Ok(Some(status))
    }

    /// How long to wait before the next start; longer each time.
    pub(crate) fn back_off(&mut self) -> Duration {
        let delay = self.delay;
        self.delay = (delay * 2).min(DELAY_MAX);
        delay
    }

    /// A new command may do better than the old one.
    pub(crate) fn forget_delay(&mut self) {
        self.delay = DELAY_MIN;
    }

    /// Sends a signal to the program and to what it has started.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(running) = &self.running {
            // It fails if all of them have ended, and then an event is on its way.
            let _ = kill_process_group(Pid::from_child(&running.child), signal);
        }
    }
}

/// Registers what tells of a child: its exit and its outputs.
fn watch(child: &mut Child, registry: &Registry, token: Token) -> io::Result<(ChildExit, Output, Output)> {
    let pipes = child.stdout.take().zip(child.stderr.take());
    let (stdout, stderr) = pipes.ok_or_else(|| io::Error::other("the child has no pipes"))?;
    let (mut stdout, mut stderr) = (Output::new(stdout)?, Output::new(stderr)?);
    let mut exit = ChildExit::new(child)?;
    registry.register(&mut exit, token.tagged(EXIT), Interest::READABLE)?;
    registry.register(&mut stdout.pipe, token.tagged(STDOUT), Interest::READABLE)?;
    registry.register(&mut stderr.pipe, token.tagged(STDERR), Interest::READABLE)?;
    Ok((exit, stdout, stderr))
}

/// How a program has ended, in words.
pub(crate) fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
