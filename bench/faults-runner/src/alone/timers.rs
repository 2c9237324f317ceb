//! The account of timers.

use crate::alone::{Verdict, none_of};
use crate::server::Ledger;

/// What is wrong with it, if anything is.
pub(crate) fn complain(injected: u64, ledger: &Ledger) -> Verdict {
    let [due, ticks, singles, interrupted] = ledger.values(["due", "ticks", "singles", "interrupted"])?;
    if let Some(complaint) = none_of(ledger, ["early", "empty", "missing", "short"])? {
        return Ok(Some(complaint));
    }
    if due == 0 || ticks < due || singles == 0 {
        return Ok(Some(format!("{ticks} ticks of {due} that were due, and {singles} single ones")));
    }
    let is_explained = interrupted <= injected;
    Ok((!is_explained).then(|| format!("{interrupted} polls were interrupted, {injected} injected")))
}

#[cfg(test)]
mod tests {
    use crate::alone::Job;
    use crate::alone::tests::try_judge;

    #[test]
    fn a_tick_that_is_lost_or_early_is_seen() {
        let well = "final: turns=9 interrupted=5 due=40 ticks=41 singles=7 early=0 empty=0 missing=0 short=0";
        let words = ["interrupted", "due", "ticks", "singles", "early", "empty", "missing", "short"];
        let wrong = [
            ("early=0", "early=2"),
            ("missing=0", "missing=1"),
            ("short=0", "short=1"),
            ("empty=0", "empty=1"),
            ("ticks=41", "ticks=39"),
            ("singles=7", "singles=0"),
            ("due=40 ticks=41", "due=0 ticks=0"),
            ("interrupted=5", "interrupted=6"),
        ];
        try_judge(Job::Timers, 5, well, &words, &wrong);
    }
}
