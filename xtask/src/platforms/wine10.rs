//! A newer wine than this machine has: that of a newer Debian, which is unpacked below the build
//! folder and entered by `chroot`.

use std::fs;

use anyhow::Result;
use xtask_shell::{Step, registry, root, target_dir};

use crate::debian;
use crate::platforms::sysroot;

/// The Debian, and what it has beside what each has.
const DEBIAN: &[&str] = &["--variant=minbase", "--include=wine,wine64", "trixie"];

/// What the tool says that unpacks it when it cannot reach the archive, or when it lacks the rights.
const OBSTACLES: &[&str] = &["Failed getting release file", "Couldn't download", "only be run by root"];

/// Sees that its programs are there.
pub(super) fn make() -> Result<()> {
    let folder = target_dir("platforms/wine10");
    let (tree, mark) = (folder.join("tree"), folder.join("is-complete"));
    if !mark.exists() {
        sysroot::remove(&tree)?;
        fs::create_dir_all(&folder)?;
        registry::fetch(Step::new("debootstrap", DEBIAN).args([&tree]).brief(), OBSTACLES)?;
        fs::write(tree.join("etc/hosts"), "127.0.0.1 localhost\n")?;
        fs::write(mark, "")?;
    }
    let (tree, root) = (tree.display().to_string(), root().display().to_string());
    fs::create_dir_all(format!("{tree}{root}"))?;
    for program in ["wine", "wineserver"] {
        let script = include_str!("wine10.sh").replace("TREE", &tree);
        let script = script.replace("PROJECT", &root).replace("PROGRAM", program);
        debian::write_script(&folder.join(program), &script)?;
    }
    Ok(())
}
