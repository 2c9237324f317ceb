//! `cargo xtask msrv`: the published crates with a real compiler of the version that
//! they declare. Lints know which items are new; only an old compiler knows which
//! syntax is.

use anyhow::Result;
use xtask_shell::{Report, registry};

use crate::debian::Compiler;
use crate::package::PUBLISHED;

/// The version that `rust-version` of the workspace names.
const VERSION: &str = "1.85.";

/// Checks the published crates.
pub(crate) fn run() -> Result<Report> {
    registry::verdict(check())
}

fn check() -> Result<String> {
    let compiler = Compiler::get("msrv", VERSION)?;
    registry::succeed(compiler.cargo(&["check", "--all-features"], "target").words(PUBLISHED))?;
    Ok(format!("checked with {}", compiler.version))
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
