//! The account of timers of the wall clock.

use crate::alone::{Verdict, none_of};
use crate::server::Ledger;

/// What is wrong with it, if anything is. Each injected fault says that the clock was set.
pub(crate) fn complain(injected: u64, ledger: &Ledger) -> Verdict {
    let [due, alarms, cleared] = ledger.values(["due", "alarms", "cleared"])?;
    if let Some(complaint) = none_of(ledger, ["early", "missing", "extra"])? {
        return Ok(Some(complaint));
    }
    if due == 0 || alarms == 0 {
        return Ok(Some(format!("{due} ticks that were due, and {alarms} alarms")));
    }
    Ok((cleared > injected).then(|| format!("the clock was set {cleared} times, {injected} injected")))
}

#[cfg(test)]
mod tests {
    use crate::alone::Job;
    use crate::alone::tests::try_judge;

    #[test]
    fn a_time_that_is_lost_or_comes_twice_is_seen() {
        let well = "final: due=140 ticks=141 alarms=60 cleared=9 early=0 missing=0 extra=0";
        let words = ["due", "alarms", "cleared", "early", "missing", "extra"];
        let wrong = [
            ("early=0", "early=1"),
            ("missing=0", "missing=2"),
            ("extra=0", "extra=1"),
            ("due=140", "due=0"),
            ("alarms=60", "alarms=0"),
            ("cleared=9", "cleared=10"),
        ];
        try_judge(Job::Wall, 9, well, &words, &wrong);
    }
}
