//! The published crates: `cargo xtask package` and `cargo xtask msrv`.

use std::fs;
use std::process;

use anyhow::Result;
use xtask_shell::{Report, Step, registry, target_dir};

use crate::debian::Compiler;

/// The crates. Each needs those before it.
pub(crate) const CRATES: &str = "--package ferrio-poll --package ferrio-proactor --package ferrio";

/// The version that `rust-version` of the workspace names.
const VERSION: &str = "1.85.";

/// Packages them as `cargo publish` would send them, and builds each from its package alone: what
/// lies outside of a crate is missed here. In one call, for no registry has yet what they need of
/// each other.
pub(crate) fn package() -> Result<Report> {
    // cargo keeps what it unpacked under the name of the build folder and looks at it by version
    // only: in a folder that was used before, the second crate would be built with the first as it
    // was then.
    let folder = format!("package/{}", process::id());
    let package = Step::cargo(&["package", "--allow-dirty"]).words(CRATES).target(&folder);
    let packaged = registry::succeed(package);
    fs::remove_dir_all(target_dir(&folder))?;
    let note = "ferrio-poll, ferrio-proactor and ferrio build from their packages";
    registry::verdict(packaged.map(|_| note.to_owned()))
}

/// Checks them with a real compiler of the version that they declare. Lints know which items are
/// new; only an old compiler knows which syntax is.
pub(crate) fn msrv() -> Result<Report> {
    let checked = Compiler::get("msrv", VERSION).and_then(|compiler| {
        registry::succeed(compiler.cargo(&["check", "--all-features"], "target").words(CRATES))?;
        Ok(format!("checked with {}", compiler.version))
    });
    registry::verdict(checked)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use xtask_shell::root;

    use super::VERSION;

    #[test]
    fn the_version_is_the_declared_one() {
        let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
        let declared = format!("rust-version = \"{}\"", VERSION.trim_end_matches('.'));
        assert!(manifest.contains(&declared), "no {declared}");
    }
}
