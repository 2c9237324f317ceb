//! The accounts of servers whose accepts fail, and what they promise then.

use crate::alone::{Alone, Job, Verdict, none_of, on};
use crate::server::Ledger;
use crate::table::{Fault, Kind, fault};

/// All of them.
pub(crate) const STORMS: &[Alone] = &[
    on(Job::Storm, "epoll", NO_DESCRIPTORS),
    on(Job::Storm, "poll2", NO_DESCRIPTORS),
    on(Job::Refusals, "epoll", NO_DESCRIPTORS),
    on(Job::Shortages, "epoll", short("EMFILE")),
    on(Job::Shortages, "epoll", short("ENFILE")),
    on(Job::Shortages, "epoll", short("ENOBUFS")),
    on(Job::Shortages, "epoll", short("ENOMEM")),
    on(Job::Shortages, "epoll", short("EPERM")),
    on(Job::Shortages, "poll2", short("EMFILE")),
    on(Job::Aborts, "epoll", abort("ECONNABORTED")),
    on(Job::Aborts, "epoll", abort("EPROTO")),
    on(Job::Aborts, "epoll", abort("ENETDOWN")),
    on(Job::Aborts, "epoll", abort("ENOPROTOOPT")),
    on(Job::Aborts, "epoll", abort("EHOSTDOWN")),
    on(Job::Aborts, "epoll", abort("ENONET")),
    on(Job::Aborts, "epoll", abort("EHOSTUNREACH")),
    on(Job::Aborts, "epoll", abort("EOPNOTSUPP")),
    on(Job::Aborts, "epoll", abort("ENETUNREACH")),
    on(Job::Aborts, "epoll", abort("ETIMEDOUT")),
    on(Job::Aborts, "epoll", abort("EINTR")),
    on(Job::Aborts, "poll2", abort("ECONNABORTED")),
];

/// The server lowers its own limit.
const NO_DESCRIPTORS: Fault = fault("accept4", "EMFILE", &["own"], &[], Kind::Own);

/// So many one after the other that the pauses grow, and every other one.
const fn short(error: &'static str) -> Fault {
    fault("accept4", error, &["5..10", "1+2", "40..50"], &[], Kind::Passes)
}

/// So many one after the other that several turns have nothing else.
const fn abort(error: &'static str) -> Fault {
    fault("accept4", error, &["5..300", "1+2", "60..90"], &[], Kind::Passes)
}

/// The most of the processor that a shortage may take, in hundredths.
const CPU_MAX: u64 = 5;
/// The most accepts that may fail in a second of it.
const FAILURES_MAX: u64 = 100;
/// How long after it everybody is served, and how long those wait in it that were served before.
const SERVED_US: u64 = 1_000_000;

/// What is wrong with the account of a server that has no descriptors left, if anything is.
pub(crate) fn complain_of_shortage(injected: u64, ledger: &Ledger) -> Verdict {
    let [full, failures, cpu] = ledger.values(["full_us", "full_pauses", "cpu_us"])?;
    let [resumed, refused, pauses] = ledger.values(["resumed_us", "refused", "pauses"])?;
    if full == 0 || failures == 0 {
        return Ok(Some(format!("{failures} accepts failed in {full} µs without descriptors")));
    }
    if cpu * 100 >= CPU_MAX * full || failures * 1_000_000 >= FAILURES_MAX * full {
        return Ok(Some(format!("{} while there were no descriptors", load(full, failures, cpu))));
    }
    // A refusal may end by such an error too.
    if pauses > injected || (refused == 0 && pauses != injected) {
        return Ok(Some(format!("{pauses} pauses for {injected} failed accepts")));
    }
    // With refusals it is the time until the last one, and longer.
    if refused == 0 && resumed > SERVED_US {
        return Ok(Some(format!("{resumed} µs until those were served for whom others left")));
    }
    complain_of_service(ledger)
}

/// The same, of one whose accepts fail although it lacks nothing: each failed one is counted as
/// `kind`, and none as `other`.
pub(crate) fn complain_of_flood(
    injected: u64,
    ledger: &Ledger,
    kind: &'static str,
    other: &'static str,
) -> Verdict {
    let [count] = ledger.values([kind])?;
    if count != injected {
        return Ok(Some(format!("{count} {kind}, {injected} injected")));
    }
    Ok(none_of(ledger, [other, "refused"])?.or(complain_of_service(ledger)?))
}

/// Everybody is served but those who were refused, and in time.
fn complain_of_service(ledger: &Ledger) -> Verdict {
    let [clients, served, answered, accepted] =
        ledger.values(["clients", "served", "answered", "accepted"])?;
    let [refused, closed, ended] = ledger.values(["refused", "closed", "ended"])?;
    let [recovered, slowest] = ledger.values(["recovered_us", "slowest_us"])?;
    if served == 0 || [answered, accepted] != [served; 2] || served + refused != clients {
        let text = format!("of {clients} clients {accepted} accepted, {served} served, {answered} answered");
        return Ok(Some(format!("{text}, {refused} refused")));
    }
    if ended != closed + refused {
        return Ok(Some(format!("{ended} clients lost, {closed} closed and {refused} refused")));
    }
    if recovered > SERVED_US || slowest > SERVED_US {
        return Ok(Some(format!("{recovered} µs until all were served, {slowest} µs for one answer")));
    }
    none_of(ledger, ["leaked"])
}

/// The figures of such a run.
pub(crate) fn note(ledger: &Ledger) -> Option<String> {
    let [recovered, refused] = ledger.values(["recovered_us", "refused"]).ok()?;
    let after = format!("all served {} ms after", recovered / 1000);
    let Ok([full, failures, cpu]) = ledger.values(["full_us", "full_pauses", "cpu_us"]) else {
        return Some(after);
    };
    let refused = if refused > 0 { format!("{refused} refused, ") } else { String::new() };
    Some(format!("{}, {refused}{after}", load(full, failures, cpu)))
}

fn load(full: u64, failures: u64, cpu: u64) -> String {
    let full = full.max(1) as f64;
    let (cpu, failures) = (cpu as f64 * 100.0 / full, failures as f64 * 1e6 / full);
    format!("CPU {cpu:.1} %, {failures:.1} failed accepts/s")
}

#[cfg(test)]
mod tests {
    use crate::alone::Job;
    use crate::alone::tests::try_judge;

    const STORM: &str = "final: clients=200 served=200 answered=200 closed=20 ended=20 accepted=200 failed=0 \
                         refused=0 pauses=15 full_us=2000000 full_pauses=8 cpu_us=10000 resumed_us=2000 \
                         recovered_us=130000 slowest_us=900 leaked=0";

    #[test]
    fn a_server_that_spins_or_leaves_somebody_behind_is_seen() {
        let words = [
            "clients",
            "served",
            "answered",
            "closed",
            "ended",
            "accepted",
            "refused",
            "pauses",
            "full_us",
            "full_pauses",
            "cpu_us",
            "resumed_us",
            "recovered_us",
            "slowest_us",
            "leaked",
        ];
        let wrong = [
            (" served=200", " served=199"),
            ("answered=200", "answered=199"),
            ("accepted=200", "accepted=201"),
            ("ended=20", "ended=21"),
            ("pauses=15 full", "pauses=14 full"),
            ("full_pauses=8", "full_pauses=0"),
            ("full_pauses=8", "full_pauses=200"),
            ("cpu_us=10000", "cpu_us=100000"),
            ("resumed_us=2000", "resumed_us=1000001"),
            ("recovered_us=130000", "recovered_us=1000001"),
            ("slowest_us=900", "slowest_us=1000001"),
            ("leaked=0", "leaked=1"),
        ];
        try_judge(Job::Storm, 15, STORM, &words, &wrong);
    }

    #[test]
    fn a_client_that_is_neither_served_nor_refused_is_seen() {
        let well = STORM.replace("=200 ", "=60 ").replace("clients=60", "clients=200");
        let well =
            well.replace("closed=20 ended=20", "closed=0 ended=140").replace("refused=0", "refused=140");
        let wrong = [
            ("refused=140", "refused=139"),
            ("ended=140", "ended=139"),
            ("pauses=15 full", "pauses=21 full"),
        ];
        try_judge(Job::Refusals, 20, &well, &["refused"], &wrong);
    }

    #[test]
    fn each_failed_accept_is_counted_as_what_it_is() {
        let well = "final: clients=64 served=64 answered=64 closed=0 ended=0 accepted=64 failed=9 refused=0 pauses=0 \
                    failing_us=80 recovered_us=40 slowest_us=90 leaked=0";
        let words = ["failed", "pauses", "refused", "served", "recovered_us"];
        let wrong = [("failed=9", "failed=8"), ("pauses=0", "pauses=1"), (" served=64", " served=63")];
        try_judge(Job::Aborts, 9, well, &words, &wrong);
        let well = well.replace("failed=9", "failed=0").replace("pauses=0", "pauses=9");
        try_judge(Job::Shortages, 9, &well, &words, &[("failed=0", "failed=1"), ("pauses=9", "pauses=8")]);
    }
}
