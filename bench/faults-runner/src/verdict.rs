//! What a run proves: the clients' account against the server's.

use std::fmt::{self, Display, Formatter};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Error;

use crate::completion;
use crate::fleet::Outcome;
use crate::hits::Hits;
use crate::server::{Ending, Ledger};
use crate::subject::Subject;
use crate::table::{Fault, Kind};

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    subject: String,
    calls: &'static str,
    error: &'static str,
    pattern: &'static str,
    pub(crate) injected: usize,
    pub(crate) affected: usize,
    /// What was not as it must be; none if all was well.
    pub(crate) complaint: Option<String>,
    /// Figures that are worth to be seen.
    note: Option<String>,
    took: Duration,
}

/// Judges one run.
pub(crate) fn judge(
    subject: Subject,
    fault: &'static Fault,
    pattern: &'static str,
    hits: &Hits,
    fleet: &Outcome,
    ending: Ending,
    took: Duration,
) -> Row {
    let complaint = complain(fault.kind, hits, fleet, &ending);
    let complaint = complaint.or_else(|| uncompleted(subject, fault.kind, hits, &ending.ledger));
    let (calls, error, affected) = (fault.calls, fault.error, fleet.lost.len());
    Row {
        subject: subject.to_string(),
        calls,
        error,
        pattern,
        injected: hits.count,
        affected,
        complaint,
        note: None,
        took,
    }
}

impl Row {
    /// A server that did not even start.
    pub(crate) fn of_start(
        subject: Subject,
        fault: &'static Fault,
        pattern: &'static str,
        error: &Error,
    ) -> Self {
        let complaint = Some(format!("{error:#}"));
        Self::of_alone(subject.to_string(), fault, pattern, 0, complaint, Duration::ZERO)
    }

    /// A run without clients.
    pub(crate) fn of_alone(
        subject: String,
        fault: &Fault,
        pattern: &'static str,
        injected: usize,
        complaint: Option<String>,
        took: Duration,
    ) -> Self {
        let (calls, error) = (fault.calls, fault.error);
        Self { subject, calls, error, pattern, injected, affected: 0, complaint, note: None, took }
    }

    /// With figures.
    pub(crate) fn noting(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }
}

fn complain(kind: Kind, hits: &Hits, fleet: &Outcome, ending: &Ending) -> Option<String> {
    if hits.count == 0 {
        return Some("VOID: nothing was injected".to_owned());
    }
    if let Some(failure) = &ending.failure {
        return Some(failure.clone());
    }
    let is_hit = |client: &SocketAddr| hits.clients.contains(client);
    let is_cut = |client: &SocketAddr| kind == Kind::CostsAStream && is_hit(client);
    if let Some((_, wrong)) = fleet.wrong.iter().find(|(client, _)| !is_cut(client)) {
        return Some(wrong.clone());
    }
    if let Some(stranded) = &fleet.stranded {
        return Some(stranded.clone());
    }
    let has_cost = matches!(kind, Kind::CostsAClient | Kind::CostsAStream);
    if let Some(client) = fleet.lost.iter().find(|client| !has_cost || !is_hit(client)) {
        let count = fleet.lost.len();
        return Some(format!("{count} clients lost, {client} of them without a call that costs it"));
    }
    unbalanced(&ending.ledger, fleet, matches!(kind, Kind::Limit(_)))
}

/// What is wrong with the rest of the ledger of a server on completion.
fn uncompleted(subject: Subject, kind: Kind, hits: &Hits, ledger: &Ledger) -> Option<String> {
    if !matches!(subject, Subject::Completion { .. }) {
        return None;
    }
    let complaint = completion::complain(subject.has_ring(), kind, hits.count as u64, ledger);
    complaint.unwrap_or_else(|name| Some(format!("the server's last line does not say `{name}`")))
}

/// Where the server's ledger contradicts itself, or the fleet. A crowd gets lines too,
/// and leaves without having read them.
fn unbalanced(ledger: &Ledger, fleet: &Outcome, had_crowd: bool) -> Option<String> {
    if ledger.is_empty() {
        return Some("the server said no last line".to_owned());
    }
    let [due, delivered, dropped, said, relayed] =
        match ledger.values(["due", "delivered", "dropped", "bytes", "lines"]) {
            Ok(values) => values,
            Err(name) => return Some(format!("the server's last line does not say `{name}`")),
        };
    if due != delivered + dropped {
        return Some(format!("{due} lines due, but {delivered} delivered and {dropped} dropped"));
    }
    let (got, sent) = (fleet.bytes, fleet.lines as u64);
    if !fleet.lost.is_empty() || had_crowd {
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
        write!(f, "{:<27} {call:<17} {error:<13} {pattern:<7}", self.subject)?;
        write!(f, "{:>8} {:>8} {:>6.1} s  ", self.injected, self.affected, self.took.as_secs_f64())?;
        match (&self.complaint, &self.note) {
            (Some(complaint), _) => f.write_str(complaint),
            (None, Some(note)) => write!(f, "ok: {note}"),
            (None, None) => f.write_str("ok"),
        }
    }
}

/// What stands above the rows.
pub(crate) const HEADING: &str =
    "server                      call              error         when   injected affected     time  verdict";

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{Hits, Kind, complain};
    use crate::fleet::Outcome;
    use crate::server::{Ending, Ledger};

    fn ending(ledger: &str) -> Ending {
        Ending { failure: None, ledger: Ledger::last_of(ledger) }
    }

    fn client(number: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 9000 + number))
    }

    /// Calls that failed: one of each of the first `clients`.
    fn hits(clients: u16) -> Hits {
        Hits { count: usize::from(clients), clients: (0..clients).map(client).collect() }
    }

    /// A fleet of which the first `lost` are lost.
    fn fleet(lost: u16) -> Outcome {
        Outcome { lost: (0..lost).map(client).collect(), bytes: 100, lines: 10, ..Outcome::default() }
    }

    const WELL: &str = "final: lines=10 due=20 delivered=20 dropped=0 bytes=100\n";

    #[test]
    fn a_run_without_a_fault_is_void() {
        assert_eq!(complain(Kind::Passes, &hits(1), &fleet(0), &ending(WELL)), None);
        let void = complain(Kind::Passes, &hits(0), &fleet(0), &ending(WELL));
        assert!(void.expect("nothing was injected").contains("VOID"));
    }

    #[test]
    fn at_most_the_hit_clients_are_lost() {
        let of = |kind, hits: &Hits, fleet: &Outcome| complain(kind, hits, fleet, &ending(WELL));
        assert!(of(Kind::Passes, &hits(5), &fleet(1)).is_some());
        assert_eq!(of(Kind::CostsAClient, &hits(1), &fleet(1)), None);
        assert_eq!(of(Kind::CostsAClient, &hits(3), &fleet(1)), None);
        assert!(of(Kind::CostsAClient, &hits(1), &fleet(2)).is_some());
        // One call failed and one client is lost, but another one.
        let other = Outcome { lost: vec![client(7)], ..fleet(0) };
        let complaint = of(Kind::CostsAClient, &hits(1), &other).expect("another one");
        assert!(complaint.contains("127.0.0.1:9007"), "{complaint}");
    }

    #[test]
    fn the_ledger_must_balance_and_agree_with_the_fleet() {
        let of = |text: &str| complain(Kind::Passes, &hits(1), &fleet(0), &ending(text));
        assert!(of("final: lines=10 due=21 delivered=20 dropped=0 bytes=100\n").is_some());
        assert!(of("final: lines=10 due=20 delivered=20 dropped=0 bytes=101\n").is_some());
        assert!(of("final: lines=11 due=20 delivered=20 dropped=0 bytes=100\n").is_some());
        assert!(of("final: lines=10 due=21 delivered=20 dropped=1 bytes=100\n").is_some());
        assert!(of("final: lines=10 bytes=100\n").expect("no lines due").contains("`due`"));
        assert!(of("final: lines=10 due=20 delivered=20 dropped=0\n").is_some());
        assert!(of("").expect("no ledger").contains("last line"));
    }

    #[test]
    fn what_a_client_saw_counts_before_all_ledgers() {
        let wrong = Outcome { wrong: vec![(client(1), "client 1: changed".to_owned())], ..fleet(2) };
        for (kind, hit, is_well) in [
            (Kind::Passes, 2, false),
            (Kind::CostsAClient, 2, false),
            (Kind::CostsAStream, 1, false),
            (Kind::CostsAStream, 2, true),
        ] {
            assert_eq!(
                complain(kind, &hits(hit), &wrong, &ending(WELL)).is_none(),
                is_well,
                "{kind:?} {hit}"
            );
        }
        let stranded = Outcome { stranded: Some("client 2".to_owned()), ..fleet(0) };
        assert!(complain(Kind::Passes, &hits(1), &stranded, &ending(WELL)).is_some());
    }
}
