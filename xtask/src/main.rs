//! The one door for everything longer than `cargo test`: `cargo xtask help`.

mod api;
mod asan;
mod ci;
mod code;
mod contract;
mod debian;
mod door;
mod loom;
mod mutants;
mod platforms;
mod published;
mod sources;
mod tidy;
mod unsafe_list;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use xtask_shell::Report;

/// Everything longer than `cargo test`.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
enum Command {
    /// The house rules that no lint checks
    Tidy,
    /// Where unsafe code stands, by file
    Unsafe,
    /// The facade has every public item of mio
    Api,
    /// The contract suite: backends x wakers x profiles [kqueue | real-mio]
    Contract {
        /// Only kqueue, over a kernel that stands in, or only the published mio
        #[arg(value_parser = ["kqueue", "real-mio"])]
        only: Option<String>,
    },
    /// Suites of others on the facade; see `compat --help`
    #[command(disable_help_flag = true)]
    Compat(Arguments),
    /// What Ferrio costs next to its peers; see `bench --help`
    #[command(disable_help_flag = true)]
    Bench(Arguments),
    /// The queue of the wake protocol, in every interleaving of few preemptions
    Loom,
    /// Servers whose system calls fail; see `faults --help`
    #[command(disable_help_flag = true)]
    Faults(Arguments),
    /// A Poll that is disturbed from many sides; see `soak --help`
    #[command(disable_help_flag = true)]
    Soak(Arguments),
    /// The tests under AddressSanitizer
    Asan,
    /// Seeded faults, each must be caught [NAME...]
    Mutants { names: Vec<String> },
    /// A real compiler of the declared version
    Msrv,
    /// Other systems and processors: run, linked or checked, as far as can be here
    Platforms(platforms::Request),
    /// What `cargo publish` would check
    Package,
    /// Everything, with a summary
    Ci {
        /// What this machine lacks is a failure
        #[arg(long)]
        no_skips: bool,
    },
    /// One gate of `ci`, by its name there
    Stage { name: String },
}

/// What a runner of its own reads itself.
#[derive(Debug, clap::Args)]
struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    all: Vec<String>,
}

fn main() -> ExitCode {
    let command = Command::parse();
    // `ci` reads the verdict of a stage from its status and its last line.
    let is_stage = matches!(command, Command::Stage { .. });
    match dispatch(command) {
        result if is_stage => Report::tell(result),
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

fn dispatch(command: Command) -> Result<Report> {
    match command {
        Command::Tidy => tidy::run(),
        Command::Unsafe => unsafe_list::run(),
        Command::Api => api::run(),
        Command::Contract { only: None } => contract::combinations(),
        Command::Contract { only: Some(only) } if only == "kqueue" => contract::kqueue(),
        Command::Contract { only: Some(_) } => contract::real_mio(),
        Command::Compat(arguments) if arguments.all.iter().any(|word| word == "wine") => {
            platforms::wine_compat(&arguments.all)
        }
        Command::Compat(arguments) => door::open(door::COMPAT, &arguments.all),
        Command::Bench(arguments) => door::open(door::BENCH, &arguments.all),
        Command::Loom => loom::run(),
        Command::Faults(arguments) => door::open(door::FAULTS, &arguments.all),
        Command::Soak(arguments) => door::open(door::SOAK, &arguments.all),
        Command::Asan => asan::run(),
        Command::Mutants { names } => mutants::run(&names),
        Command::Msrv => published::msrv(),
        Command::Platforms(request) => platforms::run(&request),
        Command::Package => published::package(),
        Command::Ci { no_skips } => ci::run(!no_skips),
        Command::Stage { name } => ci::stage(&name),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Command;

    #[test]
    fn the_command_line_is_sound() {
        Command::command().debug_assert();
        let error = Command::try_parse_from(["xtask", "tidings"]).expect_err("a typo");
        assert!(error.to_string().contains("tidy"), "{error}");
    }

    #[test]
    fn a_runner_gets_its_arguments_as_they_are() {
        let command = Command::try_parse_from(["xtask", "bench", "--case", "churn", "--help"]);
        let Ok(Command::Bench(arguments)) = command else { panic!("{command:?}") };
        assert_eq!(arguments.all, ["--case", "churn", "--help"]);
    }
}
