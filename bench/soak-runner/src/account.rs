//! What a program said at its end, and what is wrong with it.

use std::fmt::{self, Display, Formatter};

use xtask_shell::Outcome;

/// The counts that must be zero. Each program has at least one of them.
const WRONG: [&str; 6] = ["lost", "stale", "early", "double", "late", "unfair"];

/// The account of a program, or the sum of several.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// What must be zero.
    wrong: [u64; WRONG.len()],
    /// Programs that gave no account.
    failed: u64,
}

impl Account {
    /// The account in the last line that a program printed, and how it reads.
    pub(crate) fn of(outcome: &Outcome) -> (Self, String) {
        let line = outcome.stdout.lines().last().and_then(|line| line.strip_prefix("final: "));
        let mut account = Self::default();
        let mut is_judged = false;
        for pair in line.unwrap_or_default().split(' ') {
            let Some((name, count)) = pair.split_once('=') else { continue };
            if let Some(place) = WRONG.iter().position(|wrong| *wrong == name) {
                account.wrong[place] = count.parse().unwrap_or(u64::MAX);
                is_judged = true;
            }
        }
        account.failed = u64::from(!outcome.success() || !is_judged);
        let text = match line {
            Some(line) if account.failed == 0 => line.replace(' ', ", ").replace('=', " "),
            _ => format!("FAILED: {}", outcome.complaint()),
        };
        (account, format!("{text}\n{}", outcome.stderr).trim_end().to_owned())
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, count) in self.wrong.iter_mut().zip(other.wrong) {
            *sum = sum.saturating_add(count);
        }
        self.failed += other.failed;
    }

    pub(crate) fn is_well(&self) -> bool {
        self.failed == 0 && self.wrong.iter().all(|count| *count == 0)
    }
}

impl Display for Account {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let wrong = WRONG.iter().zip(self.wrong).map(|(name, count)| format!("{name} {count}"));
        let failed = (self.failed > 0).then(|| format!("{} FAILED", self.failed));
        f.write_str(&wrong.chain(failed).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use xtask_shell::Step;

    use super::Account;

    fn account(script: &str) -> (Account, String) {
        Account::of(&Step::new("sh", &["-c", script]).quiet().run().expect("sh starts"))
    }

    #[test]
    fn only_an_account_in_which_nothing_is_wrong_is_well() {
        let (well, text) = account("echo 'final: wakes=7 lost=0'");
        assert!(well.is_well());
        assert_eq!(text, "wakes 7, lost 0");
        for script in [
            "echo 'final: wakes=7 lost=1'",
            "echo 'final: wakes=7'",
            "echo 'final: wakes=7 lost=many'",
            "echo 'final: wakes=7 lost=0'; exit 1",
            "echo 'wakes=7 lost=0'",
        ] {
            assert!(!account(script).0.is_well(), "{script}");
        }
    }

    #[test]
    fn a_sum_has_what_is_wrong_and_who_has_failed() {
        let mut total = Account::default();
        for script in ["echo 'final: lost=2 stale=1'", "echo 'final: lost=3'", "echo why >&2; exit 9"] {
            total.add(&account(script).0);
        }
        assert_eq!(total.to_string(), "lost 5, stale 1, early 0, double 0, late 0, unfair 0, 1 FAILED");
        assert!(account("echo why >&2; exit 9").1.ends_with("\nwhy"));
    }
}
