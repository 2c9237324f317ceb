//! The one door for everything longer than `cargo test`: `cargo xtask help`.

mod api;
mod asan;
mod ci;
mod compat;
mod contract;
mod door;
mod libtest;
mod loom;
mod metadata;
mod msrv;
mod mutants;
mod registry;
mod sources;
mod tidy;
mod tokens;
mod unsafe_list;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};
use xtask_shell::Report;

/// A command: its name, what `help` says of it, and the function behind it,
/// which takes the arguments after the name.
struct Command {
    name: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Result<Report>,
}

/// All commands, the short ones first.
const COMMANDS: &[Command] = &[
    Command { name: "tidy", help: "the house rules that no lint checks", run: tidy::run },
    Command { name: "unsafe", help: "where unsafe code stands, by file", run: unsafe_list::run },
    Command { name: "api", help: "the facade has every public item of mio", run: api::run },
    Command {
        name: "contract",
        help: "the contract suite: backends x wakers x profiles [real-mio]",
        run: contract::run,
    },
    Command {
        name: "compat",
        help: "suites of others on the facade [PEER...] [--fast] [--backend poll2] [--bless]",
        run: compat::run,
    },
    Command {
        name: "bench",
        help: "what Ferrio costs next to its peers",
        run: |arguments| door::open("bench-runner", arguments),
    },
    Command {
        name: "loom",
        help: "the queue of the wake protocol, in every interleaving of few preemptions",
        run: loom::run,
    },
    Command {
        name: "faults",
        help: "servers whose system calls fail [--short]",
        run: |arguments| door::open("bench-faults-runner", arguments),
    },
    Command { name: "asan", help: "the tests under AddressSanitizer", run: asan::run },
    Command { name: "mutants", help: "seeded faults, each must be caught [NAME...]", run: mutants::run },
    Command { name: "msrv", help: "a real compiler of the declared version", run: msrv::run },
    Command { name: "ci", help: "everything, with a summary [--no-skips]", run: ci::run },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<Report> {
    let name = arguments.first().map_or("help", String::as_str);
    if matches!(name, "help" | "--help" | "-h") {
        return Ok(Report::passed(help()));
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        bail!("no command `{name}`\n\n{}", help());
    };
    (command.run)(&arguments[1..])
}

fn help() -> String {
    let mut text = String::from("cargo xtask COMMAND\n");
    for command in COMMANDS {
        text.push_str(&format!("\n  {:<10} {}", command.name, command.help));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, dispatch, help};

    #[test]
    fn help_names_every_command() {
        let text = help();
        assert!(COMMANDS.iter().all(|command| text.contains(command.name)));
    }

    #[test]
    fn an_unknown_command_is_an_error_that_shows_the_known_ones() {
        let error = dispatch(&["tidings".to_owned()]).expect_err("no such command");
        assert!(error.to_string().contains("tidy"), "{error}");
    }
}
