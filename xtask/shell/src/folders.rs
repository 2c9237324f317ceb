//! The folders of the repository.

use std::env;
use std::path::PathBuf;

/// The root of the repository.
pub fn root() -> PathBuf {
    // cargo tells a program that it runs where that stands now.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.ancestors().find(|folder| folder.join("xtask/shell").is_dir());
    root.expect("the package stands in the repository").to_path_buf()
}

/// A build directory of its own for `name`, so that flags which differ from the
/// usual ones do not throw the usual build away.
pub fn target_dir(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(name)
}
