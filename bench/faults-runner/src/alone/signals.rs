//! The account of signals.

use crate::alone::{Verdict, none_of};
use crate::server::Ledger;

/// What is wrong with it, if anything is.
pub(crate) fn complain(injected: u64, ledger: &Ledger) -> Verdict {
    let [sent, reported, bursts, interrupted] =
        ledger.values(["sent", "reported", "bursts", "interrupted"])?;
    let [due, ticks] = ledger.values(["due", "ticks"])?;
    let of_signals = ["missing", "invented", "miscounted", "strangers", "nameless", "stranded"];
    let of_timer = ["lost", "early", "empty"];
    if let Some(complaint) = none_of(ledger, of_signals)?.or(none_of(ledger, of_timer)?) {
        return Ok(Some(complaint));
    }
    if bursts == 0 || reported < bursts || sent < reported {
        return Ok(Some(format!("{reported} reports of {sent} signals in {bursts} bursts")));
    }
    if due == 0 || ticks < due {
        return Ok(Some(format!("{ticks} ticks of {due} that were due beside the signals")));
    }
    // Each signal may interrupt one, and so may the end of the sender.
    let is_explained = interrupted <= injected + sent + 1;
    let complaint =
        || format!("{interrupted} polls were interrupted, {injected} injected, {sent} signals sent");
    Ok((!is_explained).then(complaint))
}

#[cfg(test)]
mod tests {
    use crate::alone::Job;
    use crate::alone::tests::try_judge;

    #[test]
    fn a_signal_that_is_lost_invented_or_of_somebody_else_is_seen() {
        let well = "final: turns=9 interrupted=106 bursts=10 sent=100 reported=60 missing=0 invented=0 \
                    miscounted=0 strangers=0 nameless=0 stranded=0 due=7 ticks=8 lost=0 early=0 empty=0";
        let zeros = [
            "missing",
            "invented",
            "miscounted",
            "strangers",
            "nameless",
            "stranded",
            "lost",
            "early",
            "empty",
        ];
        let words = ["interrupted", "bursts", "sent", "reported", "due", "ticks"];
        let ones: Vec<_> = zeros.iter().map(|word| (format!("{word}=0"), format!("{word}=1"))).collect();
        let mut wrong: Vec<_> = ones.iter().map(|(zero, one)| (zero.as_str(), one.as_str())).collect();
        wrong.extend([
            ("bursts=10", "bursts=0"),
            ("reported=60", "reported=9"),
            ("reported=60", "reported=101"),
            ("ticks=8", "ticks=6"),
            ("due=7 ticks=8", "due=0 ticks=0"),
            ("interrupted=106", "interrupted=107"),
        ]);
        try_judge(Job::Signals, 5, well, &[&zeros[..], &words].concat(), &wrong);
    }
}
