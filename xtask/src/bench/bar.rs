//! The bars that Ferrio sets itself. They are for a quiet machine and gate nothing:
//! a run says which are missed.

use super::metric::Metric;
use super::record::Record;
use super::subject::{SUBJECTS, Subject};

/// The most that a ratio may be.
#[derive(Debug)]
pub(crate) struct Bar {
    /// The beginning of the names of its cases.
    pub(crate) cases: &'static str,
    /// The subject.
    pub(crate) subject: &'static str,
    /// The metric.
    pub(crate) metric: Metric,
    /// The most, without noise.
    pub(crate) most: f64,
    /// What noise may add.
    pub(crate) noise: f64,
}

/// A bar of ferrio-poll.
const fn poll(cases: &'static str, metric: Metric, most: f64, noise: f64) -> Bar {
    Bar { cases, subject: "ferrio-poll", metric, most, noise }
}

/// All bars. The first that fits a case holds.
pub(crate) const BARS: &[Bar] = &[
    poll("echo_", Metric::ServerCpu, 1.0, 0.03),
    poll("unix_echo_", Metric::ServerCpu, 1.0, 0.03),
    poll("churn", Metric::ServerCpu, 1.0, 0.03),
    poll("broadcast_", Metric::ServerCpu, 1.0, 0.03),
    poll("idle_", Metric::ServerCpu, 1.0, 0.03),
    poll("register", Metric::ServerCpu, 1.0, 0.05),
    poll("wake_redundant", Metric::ServerCpu, 0.08, 0.0),
    poll("wake_sleeping", Metric::ServerCpu, 1.05, 0.0),
    poll("", Metric::Syscalls, 1.0, 0.005),
    poll("", Metric::Instructions, 1.05, 0.0),
    poll("", Metric::Allocations, 1.0, 0.0),
    Bar { cases: "", subject: "tokio-on-ferrio", metric: Metric::ServerCpu, most: 1.0, noise: 0.03 },
];

/// The bar of a figure.
pub(crate) fn of(case: &str, metric: Metric, subject: &Subject) -> Option<&'static Bar> {
    let fits =
        |bar: &&Bar| case.starts_with(bar.cases) && bar.metric == metric && bar.subject == subject.name;
    BARS.iter().find(fits)
}

/// What misses its bar: the case, the metric, the subject. Only one core counts.
pub(crate) fn missed(record: &Record) -> Vec<(&'static str, Metric, &'static Subject)> {
    let mut missed = Vec::new();
    for case in record.cases.iter().filter(|_| !record.is_two_cores) {
        for metric in record.metrics(case.name) {
            for subject in SUBJECTS {
                let bar = of(case.name, metric, subject);
                let ratio = record.ratio(case.name, metric, subject);
                if bar.zip(ratio).is_some_and(|(bar, ratio)| ratio.median > bar.most + bar.noise) {
                    missed.push((case.name, metric, subject));
                }
            }
        }
    }
    missed
}

#[cfg(test)]
mod tests {
    use super::super::case::CASES;
    use super::super::record::fixture::record;
    use super::{BARS, missed};

    #[test]
    fn every_bar_has_a_case() {
        for bar in BARS {
            assert!(CASES.iter().any(|case| case.name.starts_with(bar.cases)), "{}", bar.cases);
        }
    }

    #[test]
    fn only_what_is_over_its_bar_is_missed() {
        let fine = record(&[("mio", &[100.0]), ("ferrio-poll", &[103.0]), ("polling", &[200.0])]);
        assert!(missed(&fine).is_empty());
        let bad = record(&[("mio", &[100.0]), ("ferrio-poll", &[104.0])]);
        let names: Vec<_> = missed(&bad).iter().map(|(case, _, subject)| (*case, subject.name)).collect();
        assert_eq!(names, [("echo_64x64", "ferrio-poll")]);
    }

    #[test]
    fn two_cores_are_no_record() {
        let mut bad = record(&[("mio", &[100.0]), ("ferrio-poll", &[104.0])]);
        bad.is_two_cores = true;
        assert!(missed(&bad).is_empty());
    }
}
