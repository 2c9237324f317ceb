//! What is measured.

use std::fmt::{self, Display, Formatter};

use anyhow::{Result, ensure};

/// A kind of figure; less is better with each.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Metric {
    /// Run time of the server's threads per request, in ns.
    ServerCpu,
    /// Time from the beginning to the end, per request, in ns.
    Wall,
    /// System calls of the server per request.
    Syscalls,
    /// Requests for memory per request.
    Allocations,
    /// Accepts that found nothing, per event.
    EmptyAccepts,
    /// Private memory of the server per connection, in bytes.
    IdleMemory,
    /// Memory of a timer, in bytes.
    TimerMemory,
    /// Median time to the answer, in ns.
    LatencyP50,
    /// The time that 99 of 100 answers do not exceed, in ns.
    LatencyP99,
    /// Instructions per request in user mode.
    Instructions,
}

impl Metric {
    /// Its name in JSON and in the tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ServerCpu => "server_cpu",
            Self::Wall => "wall",
            Self::Syscalls => "syscalls",
            Self::Allocations => "allocations",
            Self::EmptyAccepts => "empty_accepts",
            Self::IdleMemory => "idle_memory",
            Self::TimerMemory => "timer_memory",
            Self::LatencyP50 => "latency_p50",
            Self::LatencyP99 => "latency_p99",
            Self::Instructions => "instructions",
        }
    }

    /// Whether a subject can have none of it. A figure of nothing else means that
    /// nothing was measured.
    pub(crate) fn can_be_none(self) -> bool {
        matches!(self, Self::Syscalls | Self::Allocations | Self::EmptyAccepts | Self::IdleMemory)
    }

    /// Checks that a figure was measured.
    pub(crate) fn check(self, figure: f64) -> Result<()> {
        let is_measured = figure.is_finite() && (figure > 0.0 || self.can_be_none());
        ensure!(is_measured, "nothing was measured: {self} is {figure}");
        Ok(())
    }

    /// A figure with its unit.
    pub(crate) fn show(self, figure: f64) -> String {
        match self {
            Self::ServerCpu if figure < 100.0 => format!("{figure:.1} ns"),
            Self::ServerCpu | Self::Wall => format!("{figure:.0} ns"),
            Self::LatencyP50 | Self::LatencyP99 => format!("{:.1} µs", figure / 1000.0),
            Self::IdleMemory | Self::TimerMemory => format!("{figure:.0} B"),
            Self::Syscalls | Self::Allocations | Self::EmptyAccepts => format!("{figure:.2}"),
            Self::Instructions => format!("{figure:.1}"),
        }
    }
}

impl Display for Metric {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Metric;

    #[test]
    fn only_what_a_subject_can_do_without_may_be_nothing() {
        for metric in [Metric::Syscalls, Metric::Allocations, Metric::EmptyAccepts, Metric::IdleMemory] {
            metric.check(0.0).expect("none");
        }
        // Memory can have shrunk.
        Metric::IdleMemory.check(-4096.0).expect("less");
        for metric in
            [Metric::ServerCpu, Metric::Wall, Metric::TimerMemory, Metric::LatencyP50, Metric::Instructions]
        {
            metric.check(0.1).expect("something");
            let error = metric.check(0.0).expect_err("nothing");
            assert!(error.to_string().contains("nothing was measured"), "{error}");
        }
    }

    #[test]
    fn what_is_no_number_was_not_measured() {
        for metric in [Metric::ServerCpu, Metric::Allocations] {
            assert!(metric.check(f64::NAN).is_err() && metric.check(f64::INFINITY).is_err(), "{metric}");
        }
    }
}
