//! The systems and processors, as `targets.toml` has them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// All of them, by what is proved of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Targets {
    pub(super) checked: Vec<Target>,
    pub(super) emulated: Vec<Target>,
    pub(super) linked: Vec<Target>,
}

/// A system on a processor. The file says what each field means.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) daily: bool,
    pub(super) flags: String,
    pub(super) libraries: bool,
    pub(super) linker: String,
    /// Programs, each with the packages that have it.
    pub(super) needs: BTreeMap<String, String>,
    pub(super) runner: String,
    pub(super) ungated: bool,
    pub(super) zig: String,
}

/// The file.
pub(super) static TARGETS: LazyLock<Targets> =
    LazyLock::new(|| toml::from_str(include_str!("targets.toml")).expect("targets.toml"));

#[cfg(test)]
mod tests {
    use super::TARGETS;

    #[test]
    fn a_target_has_what_its_part_of_the_file_asks_for() {
        assert!(TARGETS.checked.iter().all(|target| !target.name.is_empty() && target.linker.is_empty()));
        assert!(TARGETS.emulated.iter().all(|target| target.needs.contains_key(&target.linker)));
        assert!(TARGETS.linked.iter().all(|target| !target.zig.is_empty()));
    }
}
