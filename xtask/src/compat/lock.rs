//! The versions of everything that the suites are built with: `compat/peers.lock`,
//! made with the published mio. Ferrio's lock is that one without mio.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

/// What begins a package in a lock.
const HEAD: &str = "[[package]]";

/// The lock with no mio 1.x, so that cargo has to choose one. A lock that names the
/// published one keeps cargo from taking the patch.
pub(crate) fn without_mio(lock: &str) -> String {
    let mut parts = lock.split(HEAD);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts.filter(|part| !is_mio(part)) {
        text.push_str(HEAD);
        text.push_str(part);
    }
    text
}

/// Checks that what cargo made of the lock moved no version: Ferrio may bring new
/// packages, but none of the suite's may be another one than mio's run had.
pub(crate) fn check_kept(pinned: &str, resolved: &str) -> Result<()> {
    let pinned = versions(pinned);
    for (name, found) in versions(resolved).iter().filter(|(name, _)| *name != "mio") {
        if let Some(own) = pinned.get(name) {
            let moved: Vec<_> = found.difference(own).cloned().collect();
            ensure!(moved.is_empty(), "{name} moved to {}: see --bless", moved.join(", "));
        }
    }
    Ok(())
}

/// The versions of each package.
fn versions(lock: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for part in lock.split(HEAD).skip(1) {
        if let (Some(name), Some(version)) = (value(part, "name"), value(part, "version")) {
            all.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
    }
    all
}

fn is_mio(part: &str) -> bool {
    value(part, "name") == Some("mio")
        && value(part, "version").is_some_and(|version| version.starts_with("1."))
}

/// The value of `key = "value"`.
fn value<'a>(part: &'a str, key: &str) -> Option<&'a str> {
    part.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::{check_kept, without_mio};

    fn lock(packages: &[(&str, &str)]) -> String {
        let mut text = String::from("version = 4\n");
        for (name, version) in packages {
            text.push_str(&format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n"));
        }
        text
    }

    #[test]
    fn only_mio_1_is_taken_out() {
        let with = lock(&[("libc", "0.2.1"), ("mio", "0.8.11"), ("mio", "1.2.4"), ("mio-pidfd", "1.0.0")]);
        let without = lock(&[("libc", "0.2.1"), ("mio", "0.8.11"), ("mio-pidfd", "1.0.0")]);
        assert_eq!(without_mio(&with).replace("\n\n", "\n"), without.replace("\n\n", "\n"));
    }

    #[test]
    fn ferrio_may_bring_packages_but_move_none() {
        let pinned = lock(&[("libc", "0.2.1"), ("mio", "1.2.4"), ("wasi", "0.11.0")]);
        let fine = lock(&[("libc", "0.2.1"), ("mio", "1.2.4+ferrio"), ("rustix", "1.1.6")]);
        let moved = lock(&[("libc", "0.2.1"), ("libc", "0.2.2"), ("mio", "1.2.4+ferrio")]);
        assert!(check_kept(&pinned, &fine).is_ok());
        assert!(check_kept(&pinned, &moved).expect_err("moved").to_string().contains("libc moved to 0.2.2"));
    }
}
