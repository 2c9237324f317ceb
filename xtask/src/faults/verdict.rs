//! What a run proves: the clients' account against the server's.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use anyhow::Error;

use super::fleet::Outcome;
use super::server::{Ending, Ledger};
use super::subject::Subject;
use super::table::{Fault, Kind};

/// A line of the table.
#[derive(Debug)]
pub(super) struct Row {
    subject: Subject,
    calls: &'static str,
    error: &'static str,
    pattern: &'static str,
    pub(super) injected: usize,
    pub(super) affected: usize,
    /// What was not as it must be; none if all was well.
    pub(super) complaint: Option<String>,
    took: Duration,
}

/// Judges one run.
pub(super) fn judge(
    subject: Subject,
    fault: &'static Fault,
    pattern: &'static str,
    injected: usize,
    fleet: &Outcome,
    ending: Ending,
    took: Duration,
) -> Row {
    let complaint = complain(fault.kind, injected, fleet, &ending);
    let (calls, error, affected) = (fault.calls, fault.error, fleet.lost);
    Row { subject, calls, error, pattern, injected, affected, complaint, took }
}

impl Row {
    /// A server that did not even start.
    pub(super) fn of_start(
        subject: Subject,
        fault: &'static Fault,
        pattern: &'static str,
        error: &Error,
    ) -> Self {
        let (calls, name, complaint) = (fault.calls, fault.error, Some(format!("{error:#}")));
        let took = Duration::ZERO;
        Self { subject, calls, error: name, pattern, injected: 0, affected: 0, complaint, took }
    }
}

fn complain(kind: Kind, injected: usize, fleet: &Outcome, ending: &Ending) -> Option<String> {
    let allowed = if kind == Kind::CostsAClient { injected } else { 0 };
    if injected == 0 {
        return Some("VOID: nothing was injected".to_owned());
    }
    if let Some(failure) = &ending.failure {
        return Some(failure.clone());
    }
    if let Some(wrong) = fleet.wrong.first() {
        return Some(wrong.clone());
    }
    if let Some(stranded) = &fleet.stranded {
        return Some(stranded.clone());
    }
    if fleet.lost > allowed {
        return Some(format!("{} clients lost, {allowed} allowed", fleet.lost));
    }
    unbalanced(&ending.ledger, fleet, matches!(kind, Kind::Limit(_)))
}

/// Where the server's ledger contradicts itself, or the fleet. A crowd gets lines too,
/// and leaves without having read them.
fn unbalanced(ledger: &Ledger, fleet: &Outcome, had_crowd: bool) -> Option<String> {
    if ledger.is_empty() {
        return Some("the server said no last line".to_owned());
    }
    let value = |name| ledger.value(name);
    let (due, delivered, dropped) = (value("due"), value("delivered"), value("dropped"));
    if due != delivered + dropped {
        return Some(format!("{due} lines due, but {delivered} delivered and {dropped} dropped"));
    }
    let (said, got) = (value("bytes"), fleet.bytes);
    let (relayed, sent) = (value("lines"), fleet.lines as u64);
    if fleet.lost > 0 || had_crowd {
        let is_short = said < got || relayed < sent;
        return is_short.then(|| format!("{said} bytes of {relayed} lines, but {got} of {sent} arrived"));
    }
    let is_exact = (said, relayed, dropped) == (got, sent, 0);
    (!is_exact).then(|| {
        format!("{said} bytes of {relayed} lines, {dropped} dropped, but {got} bytes of {sent} arrived")
    })
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // One of several calls stands for all of them.
        let call = self.calls.split([',', '?']).find(|call| !call.is_empty()).unwrap_or_default();
        let (error, pattern) = (self.error, self.pattern);
        write!(f, "{:<17} {call:<13} {error:<13} {pattern:<7}", self.subject)?;
        write!(f, "{:>8} {:>8} {:>6.1} s  ", self.injected, self.affected, self.took.as_secs_f64())?;
        f.write_str(self.complaint.as_deref().unwrap_or("ok"))
    }
}

/// What stands above the rows.
pub(super) const HEADING: &str =
    "server            call          error         when   injected affected     time  verdict";

#[cfg(test)]
mod tests {
    use super::{Kind, complain};
    use crate::faults::fleet::Outcome;
    use crate::faults::server::{Ending, Ledger};

    fn ending(ledger: &str) -> Ending {
        Ending { failure: None, ledger: Ledger::last_of(ledger) }
    }

    fn fleet(lost: usize) -> Outcome {
        Outcome { lost, bytes: 100, lines: 10, ..Outcome::default() }
    }

    const WELL: &str = "final: lines=10 due=20 delivered=20 dropped=0 bytes=100\n";

    #[test]
    fn a_run_without_a_fault_is_void() {
        assert_eq!(complain(Kind::Passes, 1, &fleet(0), &ending(WELL)), None);
        let void = complain(Kind::Passes, 0, &fleet(0), &ending(WELL));
        assert!(void.expect("nothing was injected").contains("VOID"));
    }

    #[test]
    fn at_most_the_hit_clients_are_lost() {
        assert!(complain(Kind::Passes, 5, &fleet(1), &ending(WELL)).is_some());
        assert_eq!(complain(Kind::CostsAClient, 1, &fleet(1), &ending(WELL)), None);
        assert!(complain(Kind::CostsAClient, 1, &fleet(2), &ending(WELL)).is_some());
    }

    #[test]
    fn the_ledger_must_balance_and_agree_with_the_fleet() {
        let of = |text: &str| complain(Kind::Passes, 1, &fleet(0), &ending(text));
        assert!(of("final: lines=10 due=21 delivered=20 dropped=0 bytes=100\n").is_some());
        assert!(of("final: lines=10 due=20 delivered=20 dropped=0 bytes=101\n").is_some());
        assert!(of("final: lines=11 due=20 delivered=20 dropped=0 bytes=100\n").is_some());
        assert!(of("final: lines=10 due=21 delivered=20 dropped=1 bytes=100\n").is_some());
        assert!(of("").expect("no ledger").contains("last line"));
    }

    #[test]
    fn what_a_client_saw_counts_before_all_ledgers() {
        let wrong = Outcome { wrong: vec!["client 1: changed".to_owned()], ..fleet(0) };
        assert!(complain(Kind::Passes, 1, &wrong, &ending(WELL)).is_some());
        let stranded = Outcome { stranded: Some("client 2".to_owned()), ..fleet(0) };
        assert!(complain(Kind::Passes, 1, &stranded, &ending(WELL)).is_some());
    }
}
