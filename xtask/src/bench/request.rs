//! What a call of the command asks for.

use anyhow::{Context, Result, bail, ensure};

use super::case::{CASES, Case};

/// What the command is called with.
const USAGE: &str = "bench [--quick] [--case C]... [--pairs N] [--two-cores] [--json | --publish]";
/// The runs of each subject if nothing is said.
const PAIRS: usize = 7;
/// Those of a quick call.
const PAIRS_QUICK: usize = 3;

/// What becomes of the results.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Output {
    /// A table.
    Table,
    /// A line of JSON for each ratio, and nothing else on stdout.
    Json,
    /// `docs/benchmarks.md` and its plots, in both modes.
    Document,
}

/// A call of the command.
#[derive(Debug)]
pub(crate) struct Request {
    /// The cases.
    pub(crate) cases: Vec<&'static Case>,
    /// How often each subject runs.
    pub(crate) pairs: usize,
    /// Short runs.
    pub(crate) is_quick: bool,
    /// Server and clients on a core each, instead of one for both.
    is_two_cores: bool,
    /// What becomes of the results.
    pub(crate) output: Output,
}

impl Request {
    /// Reads the arguments of the command. Without a name it is all cases.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let (mut cases, mut pairs) = (Vec::new(), None);
        let (mut is_quick, mut is_two_cores, mut output) = (false, false, Output::Table);
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            match argument {
                "--quick" => is_quick = true,
                "--two-cores" => is_two_cores = true,
                "--json" | "--publish" => {
                    ensure!(output == Output::Table, "--json or --publish, once: {USAGE}");
                    output = if argument == "--json" { Output::Json } else { Output::Document };
                }
                "--case" => cases.push(find(arguments.next().unwrap_or_default())?),
                "--pairs" => {
                    let number = arguments.next().unwrap_or_default();
                    let number: usize = number.parse().with_context(|| format!("--pairs: {USAGE}"))?;
                    ensure!((1..=100).contains(&number), "--pairs: from 1 to 100");
                    pairs = Some(number);
                }
                _ => bail!("no option `{argument}`: {USAGE}"),
            }
        }
        let is_part = !cases.is_empty() || is_two_cores;
        ensure!(output != Output::Document || !is_part, "--publish is of all cases in both modes");
        if cases.is_empty() {
            cases.extend(CASES);
        }
        let pairs = pairs.unwrap_or(if is_quick { PAIRS_QUICK } else { PAIRS });
        Ok(Self { cases, pairs, is_quick, is_two_cores, output })
    }

    /// The modes that are measured: whether each is the one with two cores.
    pub(crate) fn modes(&self) -> &'static [bool] {
        match (self.output, self.is_two_cores) {
            (Output::Document, _) => &[false, true],
            (_, false) => &[false],
            (_, true) => &[true],
        }
    }
}

fn find(name: &str) -> Result<&'static Case> {
    let case = CASES.iter().find(|case| case.name == name);
    let all = || CASES.iter().map(|case| case.name).collect::<Vec<_>>().join(", ");
    case.with_context(|| format!("no case `{name}`; there are: {}", all()))
}

#[cfg(test)]
mod tests {
    use super::{CASES, Output, Request};

    fn parse(line: &str) -> Result<Request, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Request::parse(&arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn without_options_all_cases_run_on_one_core() {
        let request = parse("").expect("all");
        assert_eq!((request.cases.len(), request.pairs), (CASES.len(), 7));
        assert_eq!((request.modes(), request.output), (&[false][..], Output::Table));
    }

    #[test]
    fn options_choose() {
        let request = parse("--quick --case churn --case register --two-cores --json").expect("known");
        assert_eq!((request.cases.len(), request.pairs, request.is_quick), (2, 3, true));
        assert_eq!((request.modes(), request.output), (&[true][..], Output::Json));
        assert_eq!(parse("--quick --pairs 5").expect("known").pairs, 5);
    }

    #[test]
    fn a_document_is_of_everything() {
        assert_eq!(parse("--publish --pairs 9").expect("known").modes(), [false, true]);
        assert!(parse("--publish --case churn").is_err());
        assert!(parse("--publish --two-cores").is_err());
        assert!(parse("--publish --json").is_err());
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert!(parse("--case churned").expect_err("a typo").contains("there are: echo_64x64"));
        for line in ["--case", "--pairs", "--pairs 0", "--pairs x", "--slow", "churn"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
