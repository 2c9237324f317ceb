//! The figures of all runs in one mode.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::case::Case;
use crate::metric::Metric;
use crate::pair::Pair;
use crate::ratio::{Ratio, median};
use crate::subject::Subject;

/// The figures of one mode.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Server and clients on a core each.
    pub(crate) is_two_cores: bool,
    /// How often each subject ran.
    pub(crate) pairs: usize,
    /// The cases, in order.
    pub(crate) cases: Vec<&'static Case>,
    /// By case, metric and subject: a figure per run.
    figures: BTreeMap<(&'static str, Metric, &'static str), Vec<f64>>,
    /// What was left out or done with less, and why.
    pub(crate) notes: Vec<String>,
    /// What could not be measured here at all.
    pub(crate) skipped: BTreeSet<Metric>,
    /// Runs that failed, and how.
    pub(crate) failures: Vec<String>,
}

impl Record {
    /// A record in which nothing has run.
    pub(crate) fn new(is_two_cores: bool, pairs: usize, cases: Vec<&'static Case>) -> Self {
        Self { is_two_cores, pairs, cases, ..Self::default() }
    }

    /// Adds the figure of a run.
    pub(crate) fn add(&mut self, case: &Case, metric: Metric, subject: &Subject, figure: f64) {
        self.figures.entry((case.name, metric, subject.name)).or_default().push(figure);
    }

    /// Adds a note, once.
    pub(crate) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The metrics of a case.
    pub(crate) fn metrics(&self, case: &str) -> Vec<Metric> {
        let mut metrics: Vec<Metric> =
            self.figures.keys().filter(|key| key.0 == case).map(|key| key.1).collect();
        metrics.dedup();
        metrics
    }

    /// The median of a subject's own figures.
    pub(crate) fn figure(&self, case: &str, metric: Metric, subject: &str) -> Option<f64> {
        median(self.runs(case, metric, subject))
    }

    /// The median of what a pair's subject is compared with.
    pub(crate) fn peer_figure(&self, case: &str, metric: Metric, pair: &Pair) -> Option<f64> {
        median(&self.peer_runs(case, metric, pair))
    }

    /// The ratio of a pair; none if the pair is not of this metric.
    pub(crate) fn ratio(&self, case: &str, metric: Metric, pair: &Pair) -> Option<Ratio> {
        if !pair.is_of(metric) {
            return None;
        }
        Ratio::of(metric, self.runs(case, metric, pair.subject), &self.peer_runs(case, metric, pair))
    }

    /// The most runs that a subject had, summed over all.
    pub(crate) fn run_count(&self) -> usize {
        let mut most = BTreeMap::new();
        for ((case, _, subject), figures) in &self.figures {
            let count: &mut usize = most.entry((case, subject)).or_default();
            *count = figures.len().max(*count);
        }
        most.values().sum()
    }

    /// The ratios of all cases, metrics and pairs.
    pub(crate) fn ratios(&self) -> Vec<(&'static Case, Metric, &'static Pair, Ratio)> {
        let mut ratios = Vec::new();
        for case in &self.cases {
            for metric in self.metrics(case.name) {
                let of = |pair| Some((*case, metric, pair, self.ratio(case.name, metric, pair)?));
                ratios.extend(case.pairs.iter().filter_map(of));
            }
        }
        ratios
    }

    /// A line for each ratio. JSON has no infinity: it is null.
    pub(crate) fn json(&self) -> Vec<String> {
        let line = |(case, metric, pair, ratio): (&Case, Metric, &Pair, Ratio)| {
            let [ratio, low, high] = [ratio.median, ratio.low, ratio.high].map(rounded);
            let (case, subject, metric) = (case.name, pair.subject, metric.name());
            let line = Line { case, subject, peer: pair.peer(), metric, ratio, low, high };
            serde_json::to_string(&line).expect("text and numbers")
        };
        self.ratios().into_iter().map(line).collect()
    }

    fn peer_runs(&self, case: &str, metric: Metric, pair: &Pair) -> Vec<f64> {
        let base = pair.base.map_or(&[][..], |base| self.runs(case, metric, base));
        pair.peer_runs(self.runs(case, metric, pair.subject), base)
    }

    fn runs(&self, case: &str, metric: Metric, subject: &str) -> &[f64] {
        let mut all = self.figures.iter();
        let found = all.find(|(key, _)| key.0 == case && key.1 == metric && key.2 == subject);
        found.map_or(&[], |(_, figures)| figures)
    }
}

/// A line of JSON, its keys in the order of the reader.
#[derive(Serialize)]
struct Line {
    case: &'static str,
    subject: &'static str,
    peer: String,
    metric: &'static str,
    ratio: f64,
    low: f64,
    high: f64,
}

/// With as many digits as a run is good for.
fn rounded(ratio: f64) -> f64 {
    (ratio * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::Record;
    use crate::case::CASES;
    use crate::metric::Metric;
    use crate::subject;

    /// A record of the first case: each subject by name, with its CPU figures.
    pub(crate) fn record(figures: &[(&str, &[f64])]) -> Record {
        let mut record = Record::new(false, 3, vec![&CASES[0]]);
        for (name, runs) in figures {
            let subject = subject::named(name).expect("a subject");
            runs.iter().for_each(|run| record.add(&CASES[0], Metric::ServerCpu, subject, *run));
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::fixture::record;

    #[test]
    fn json_has_a_line_for_each_ratio_and_exactly_its_keys() {
        let record = record(&[
            ("mio", &[100.0, 200.0, 100.0]),
            ("ferrio-poll", &[95.0, 180.0, 110.0]),
            ("tokio", &[150.0]),
        ]);
        let lines: Vec<Value> =
            record.json().iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let expected = serde_json::json!({
            "case": "echo_64x64", "subject": "ferrio-poll", "peer": "mio", "metric": "server_cpu",
            "ratio": 0.95, "low": 0.9, "high": 1.1,
        });
        assert_eq!(lines[0], expected);
        // tokio-on-ferrio did not run, and mio has no peer.
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["subject"], "tokio");
    }

    #[test]
    fn infinity_is_null() {
        let record = record(&[("mio", &[0.0]), ("ferrio-poll", &[1.0])]);
        assert!(record.json()[0].contains(r#""ratio":null"#));
    }
}
