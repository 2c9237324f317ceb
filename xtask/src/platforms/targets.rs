//! The systems and processors, as `targets.toml` has them, which says what each field means.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// All of them, by what is proved of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Targets {
    checked: Vec<Checked>,
    guest: Vec<System>,
}

/// One whose sources are type-checked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Checked {
    pub(super) name: String,
    pub(super) daily: bool,
    pub(super) libraries: bool,
    pub(super) needs: BTreeMap<String, String>,
}

/// One whose programs are linked and run.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct System {
    pub(super) name: String,
    pub(super) stage: String,
    pub(super) target: String,
    pub(super) daily: bool,
    pub(super) ungated: bool,
    pub(super) needs: BTreeMap<String, String>,
    pub(super) pip: Option<[String; 3]>,
    pub(super) linker: String,
    pub(super) zig: String,
    pub(super) runner: String,
    pub(super) flags: String,
    pub(super) has_std: bool,
    pub(super) env: BTreeMap<String, String>,
    pub(super) left_out: Vec<String>,
    pub(super) suites: Vec<[String; 2]>,
    pub(super) linked: bool,
}

static TARGETS: LazyLock<Targets> =
    LazyLock::new(|| toml::from_str(include_str!("targets.toml")).expect("targets.toml"));

/// Those whose sources are type-checked.
pub(super) fn checked() -> &'static [Checked] {
    &TARGETS.checked
}

/// Those whose programs are linked and run.
pub(super) fn guests() -> &'static [System] {
    &TARGETS.guest
}

/// The one of them called `name`.
pub(super) fn guest(name: &str) -> &'static System {
    guests().iter().find(|system| system.name == name).expect(name)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{checked, guests};
    use crate::platforms::Stage;

    #[test]
    fn a_target_has_what_its_part_of_the_file_asks_for() {
        assert!(checked().iter().all(|target| !target.name.is_empty()));
        for system in guests() {
            assert!(Stage::from_str(&system.stage, false).is_ok(), "{system:?}");
            assert!(system.linker.is_empty() != system.zig.is_empty(), "{system:?}");
            assert!(system.linked || system.runner.starts_with("timeout "), "{system:?}");
        }
    }
}
