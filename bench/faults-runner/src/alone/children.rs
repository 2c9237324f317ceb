//! The account of children.

use crate::alone::{Verdict, none_of};
use crate::server::Ledger;

/// What is wrong with it, if anything is, after `injected` interruptions of a wait and
/// `refusals` to watch a child.
pub(crate) fn complain(injected: u64, refusals: u64, ledger: &Ledger) -> Verdict {
    let [spawned, waited, reaped, threads] = ledger.values(["spawned", "waited", "reaped", "threads"])?;
    let [refused, offspring, interrupted] = ledger.values(["refused", "offspring", "interrupted"])?;
    let of_exits = ["missing", "twice", "wrong", "empty", "stale", "unnamed"];
    if let Some(complaint) = none_of(ledger, of_exits)?.or(none_of(ledger, ["left", "leaked"])?) {
        return Ok(Some(complaint));
    }
    if (refused, threads) != (refusals, refusals) {
        let text = format!("{refused} children not watched, {threads} left to a thread, {refusals} injected");
        return Ok(Some(text));
    }
    let has_both = (waited > 0 && reaped > 0) || refusals > 0;
    if spawned == 0 || waited + reaped + threads != spawned || !has_both {
        let text =
            format!("{waited} exits waited for and {reaped} reaped, {threads} by threads, of {spawned}");
        return Ok(Some(text));
    }
    // Then its look for those that are left sees nothing either.
    if offspring == 0 {
        return Ok(Some("it cannot see its children".to_owned()));
    }
    // Under strace the end of a child interrupts too, though its signal is ignored.
    let is_explained = interrupted <= injected + spawned;
    let complaint =
        || format!("{interrupted} polls were interrupted, {injected} injected, {spawned} children");
    Ok((!is_explained).then(complaint))
}

#[cfg(test)]
mod tests {
    use crate::alone::Job;
    use crate::alone::tests::try_judge;

    const ZEROS: &[&str] = &["missing", "twice", "wrong", "empty", "stale", "unnamed", "left", "leaked"];
    const WORDS: &[&str] = &["interrupted", "spawned", "waited", "reaped", "threads", "refused", "offspring"];

    /// Tries a judge with `wrong`, and with each value that must be zero.
    fn try_with(job: Job, well: &str, wrong: &[(&str, &str)]) {
        let ones: Vec<_> = ZEROS.iter().map(|word| (format!(" {word}=0"), format!(" {word}=1"))).collect();
        let ones: Vec<_> = ones.iter().map(|(zero, one)| (zero.as_str(), one.as_str())).collect();
        try_judge(job, 5, well, &[ZEROS, WORDS].concat(), &[&ones, wrong].concat());
    }

    #[test]
    fn an_exit_that_is_lost_or_wrong_and_what_is_left_behind_are_seen() {
        let well = "final: turns=9 interrupted=25 spawned=20 waited=10 reaped=10 threads=0 missing=0 twice=0 \
                    wrong=0 empty=0 stale=0 refused=0 unnamed=0 offspring=4 left=0 leaked=0";
        let wrong = [
            ("waited=10", "waited=9"),
            ("waited=10 reaped=10", "waited=0 reaped=20"),
            ("spawned=20 waited=10 reaped=10", "spawned=0 waited=0 reaped=0"),
            ("reaped=10 threads=0", "reaped=9 threads=1"),
            ("refused=0", "refused=1"),
            ("offspring=4", "offspring=0"),
            ("interrupted=25", "interrupted=26"),
        ];
        try_with(Job::Children, well, &wrong);
    }

    #[test]
    fn a_child_that_cannot_be_watched_is_refused_with_the_reason() {
        let well = "final: turns=9 interrupted=20 spawned=20 waited=0 reaped=15 threads=5 missing=0 twice=0 \
                    wrong=0 empty=0 stale=0 refused=5 unnamed=0 offspring=4 left=0 leaked=0";
        let wrong = [
            ("refused=5", "refused=4"),
            ("reaped=15 threads=5", "reaped=16 threads=4"),
            ("spawned=20", "spawned=21"),
            ("interrupted=20", "interrupted=21"),
        ];
        try_with(Job::Orphans, well, &wrong);
    }
}
