//! The ratio of paired runs.

use crate::metric::Metric;

/// The median of the pairs' ratios, with the lowest and the highest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    /// The median.
    pub(crate) median: f64,
    /// The lowest.
    pub(crate) low: f64,
    /// The highest.
    pub(crate) high: f64,
}

impl Ratio {
    /// The ratios of `own` to `peer`, run by run; none if there is no pair, or one of
    /// them says nothing.
    pub(crate) fn of(metric: Metric, own: &[f64], peer: &[f64]) -> Option<Self> {
        let pairs = own.iter().zip(peer);
        let mut ratios: Vec<f64> =
            pairs.map(|(own, peer)| quotient(metric, *own, *peer)).collect::<Option<_>>()?;
        ratios.sort_by(f64::total_cmp);
        Some(Self { median: middle(&ratios)?, low: *ratios.first()?, high: *ratios.last()? })
    }
}

/// The median of `figures`; none if there are none.
pub(crate) fn median(figures: &[f64]) -> Option<f64> {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    middle(&figures)
}

/// The middle of what is in order.
fn middle(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some((sorted[sorted.len() / 2 - 1] + upper) / 2.0)
}

/// `own / peer`. Two of nothing are equal, if nothing is a figure of `metric`; something
/// is infinitely more than nothing. Memory can have shrunk, which is as good as nothing.
fn quotient(metric: Metric, own: f64, peer: f64) -> Option<f64> {
    if own.is_nan() || peer.is_nan() {
        return None;
    }
    match (own > 0.0, peer > 0.0) {
        (_, true) => Some(own.max(0.0) / peer),
        (true, false) => Some(f64::INFINITY),
        (false, false) => metric.can_be_none().then_some(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Metric, Ratio, median};

    fn of(own: &[f64], peer: &[f64]) -> Option<Ratio> {
        Ratio::of(Metric::Allocations, own, peer)
    }

    #[test]
    fn pairs_are_divided_before_the_median() {
        // A machine that slows down from run to run: the medians alone, 30 to 40,
        // would say 0.75; run by run it is 0.9.
        let ratio = of(&[9.0, 30.0, 90.0], &[10.0, 40.0, 100.0]).expect("three pairs");
        assert_eq!(ratio, Ratio { median: 0.9, low: 0.75, high: 0.9 });
    }

    #[test]
    fn an_even_number_has_its_median_between_two() {
        let ratio = of(&[1.0, 2.0, 3.0, 4.0], &[1.0; 4]).expect("four pairs");
        assert_eq!(ratio, Ratio { median: 2.5, low: 1.0, high: 4.0 });
        assert_eq!(median(&[4.0, 1.0, 2.0]), Some(2.0));
    }

    #[test]
    fn a_run_without_its_peer_does_not_count() {
        let ratio = of(&[2.0, 50.0], &[1.0]).expect("one pair");
        assert_eq!(ratio, Ratio { median: 2.0, low: 2.0, high: 2.0 });
        assert_eq!(of(&[1.0], &[]), None);
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn nothing_is_equal_to_nothing() {
        assert_eq!(of(&[0.0], &[0.0]).map(|ratio| ratio.median), Some(1.0));
        assert_eq!(of(&[-4096.0], &[0.0]).map(|ratio| ratio.median), Some(1.0));
        assert_eq!(of(&[0.0], &[3.0]).map(|ratio| ratio.median), Some(0.0));
        assert_eq!(of(&[3.0], &[0.0]).map(|ratio| ratio.median), Some(f64::INFINITY));
    }

    #[test]
    fn what_was_not_measured_has_no_ratio() {
        for metric in [Metric::ServerCpu, Metric::Instructions] {
            assert_eq!(Ratio::of(metric, &[0.0], &[0.0]), None);
            assert_eq!(Ratio::of(metric, &[1.0, 0.0], &[1.0, 0.0]), None);
        }
        assert_eq!(of(&[f64::NAN], &[f64::NAN]), None);
        assert_eq!(of(&[f64::NAN], &[1.0]), None);
    }
}
