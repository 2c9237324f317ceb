//! What a call of the command asks for.

use clap::Parser;
use clap::builder::PossibleValuesParser;

use crate::case::{CASES, Case};
use crate::pair::Pair;
use crate::subject::{NOT_QUICK, SUBJECTS, Subject, Workspace};

/// The runs of each subject if nothing is said.
const PAIRS: u8 = 7;
/// Those of a quick call.
const PAIRS_QUICK: u8 = 3;

/// What Ferrio costs, next to its peers.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask bench")]
pub(crate) struct Request {
    /// Short runs, and fewer
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only this case; may be given several times
    #[arg(long = "case", value_name = "CASE", value_parser = names())]
    only: Vec<String>,
    /// How often each subject runs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    pairs: Option<u8>,
    /// Server and clients on a core each, instead of one for both
    #[arg(long)]
    two_cores: bool,
    /// A line of JSON for each ratio, and nothing else on stdout
    #[arg(long)]
    pub(crate) json: bool,
    /// docs/benchmarks.md and its plots, of all cases in both modes
    #[arg(long, conflicts_with_all = ["json", "only", "two_cores"])]
    pub(crate) publish: bool,
}

impl Request {
    /// The cases; without a name it is all.
    pub(crate) fn cases(&self) -> Vec<&'static Case> {
        if self.only.is_empty() {
            return CASES.iter().collect();
        }
        let find = |name: &String| CASES.iter().find(|case| case.name == name);
        self.only.iter().filter_map(find).collect()
    }

    /// The subjects of a case, in the order in which they run first: those of its pairs of which
    /// neither is left out.
    pub(crate) fn subjects(&self, case: &Case) -> Vec<&'static Subject> {
        let is_left_out = |name: &str| self.quick && NOT_QUICK.contains(&name);
        let runs = |pair: &&Pair| !is_left_out(pair.subject) && !pair.base.is_some_and(is_left_out);
        let is_needed = |subject: &&Subject| case.pairs.iter().filter(runs).any(|pair| pair.needs(subject));
        SUBJECTS.iter().filter(is_needed).collect()
    }

    /// The subjects that would run if this were not a quick call.
    pub(crate) fn left_out(&self) -> Vec<&'static str> {
        let cases = self.cases();
        let is_needed = |name: &&str| {
            let mut pairs = cases.iter().flat_map(|case| case.pairs);
            pairs.any(|pair| pair.subject == *name || pair.base == Some(name))
        };
        let names = if self.quick { NOT_QUICK } else { &[] };
        names.iter().copied().filter(is_needed).collect()
    }

    /// Whether a subject of a workspace will run.
    pub(crate) fn needs(&self, workspace: Workspace) -> bool {
        let cases = self.cases();
        cases.iter().any(|case| self.subjects(case).iter().any(|subject| subject.workspace == workspace))
    }

    /// How often each subject runs.
    pub(crate) fn pairs(&self) -> usize {
        self.pairs.unwrap_or(if self.quick { PAIRS_QUICK } else { PAIRS }).into()
    }

    /// The modes that are measured: whether each is the one with two cores.
    pub(crate) fn modes(&self) -> &'static [bool] {
        match (self.publish, self.two_cores) {
            (true, _) => &[false, true],
            (_, false) => &[false],
            (_, true) => &[true],
        }
    }
}

fn names() -> PossibleValuesParser {
    CASES.iter().map(|case| case.name).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{CASES, NOT_QUICK, Request, Workspace};

    fn parse(line: &str) -> Result<Request, String> {
        let arguments = ["bench"].into_iter().chain(line.split_whitespace());
        Request::try_parse_from(arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn options_choose_and_nothing_is_everything() {
        let all = parse("").expect("all");
        assert_eq!((all.cases().len(), all.pairs(), all.modes()), (CASES.len(), 7, &[false][..]));
        let some = parse("--quick --case churn --case register --two-cores --json").expect("known");
        assert_eq!((some.cases().len(), some.pairs(), some.modes()), (2, 3, &[true][..]));
        assert_eq!(parse("--quick --pairs 5").expect("known").pairs(), 5);
    }

    #[test]
    fn a_quick_call_leaves_some_out() {
        let quick = parse("--quick").expect("known");
        assert_eq!((quick.left_out(), quick.needs(Workspace::Rings)), (NOT_QUICK.to_vec(), false));
        assert!(parse("--quick --case register").expect("known").left_out().is_empty());
        let whole = parse("--case churn").expect("known");
        assert!(whole.left_out().is_empty() && whole.needs(Workspace::Rings));
        let names = |line: &str| -> Vec<&str> {
            let request = parse(line).expect("known");
            request.subjects(request.cases()[0]).iter().map(|subject| subject.name).collect()
        };
        let (some, all) = (names("--quick --case churn"), names("--case churn"));
        assert!(some.contains(&"ferrio-proactor") && !some.contains(&"io_uring"), "{some:?}");
        assert!(all.contains(&"io_uring") && all.contains(&"ferrio-proactor-emulated"), "{all:?}");
        assert!(names("--quick --case echo_beside").is_empty());
        assert!(!parse("--case register").expect("known").needs(Workspace::Rings));
    }

    #[test]
    fn a_document_is_of_everything() {
        assert_eq!(parse("--publish --pairs 9").expect("known").modes(), [false, true]);
        for line in ["--publish --case churn", "--publish --two-cores", "--publish --json"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_is_unknown_is_refused() {
        assert!(parse("--case churned").expect_err("a typo").contains("echo_64x64"));
        for line in ["--case", "--pairs 0", "--pairs x", "--slow", "churn"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
