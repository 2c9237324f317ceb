//! A newer wine than this machine has: that of a newer Debian, which is unpacked below the build
//! folder and entered by `chroot`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xtask_shell::registry::Unreachable;
use xtask_shell::{Step, root, target_dir};

use crate::debian;

/// What brings it, and what its folders are shown with, each with its package.
const NEEDS: &[(&str, &str)] = &[("debootstrap", "debootstrap"), ("unshare", "util-linux")];

/// The Debian, and what it has beside what each has.
const DEBIAN: &[&str] = &["--variant=minbase", "--include=wine,wine64", "trixie"];

/// What the tool says that unpacks it when it cannot reach the archive, or when it lacks the rights.
const OBSTACLES: &[&str] = &["Failed getting release file", "Couldn't download", "only be run by root"];

/// The folder that has its programs. It is made if it is not there.
pub(super) fn programs() -> Result<PathBuf> {
    debian::install(NEEDS)?;
    let folder = target_dir("platforms/wine10");
    let (tree, mark) = (folder.join("tree"), folder.join("is-complete"));
    if !mark.exists() {
        if tree.exists() {
            fs::remove_dir_all(&tree)?;
        }
        fs::create_dir_all(&folder)?;
        unpack(&tree)?;
        fs::write(tree.join("etc/hosts"), "127.0.0.1 localhost\n")?;
        fs::write(mark, "")?;
    }
    for program in ["wine", "wineserver"] {
        debian::write_script(&folder.join(program), &script(&tree, program)?)?;
    }
    Ok(folder)
}

fn unpack(tree: &Path) -> Result<()> {
    let tree = tree.to_str().context("a path that is not UTF-8")?;
    let outcome = Step::new("debootstrap", &[DEBIAN, &[tree]].concat()).brief().run()?;
    let mut lines = outcome.stdout.lines().chain(outcome.stderr.lines());
    if let Some(line) = lines.find(|line| OBSTACLES.iter().any(|words| line.contains(words))) {
        return Err(Unreachable(line.to_owned()).into());
    }
    ensure!(outcome.success(), "{}", outcome.complaint());
    Ok(())
}

/// Runs `program` in `tree`, which sees the processes, the devices and the project where they
/// are. They are mounted for it alone, and go with it.
fn script(tree: &Path, program: &str) -> Result<String> {
    let (tree, root) = (tree.display(), root());
    fs::create_dir_all(format!("{tree}{}", root.display()))?;
    let enter = "mount --bind /proc \"$0/proc\" && mount --rbind /dev \"$0/dev\" \
                 && mount --bind \"$1\" \"$0$1\" && shift && exec chroot \"$0\" env --chdir=\"$PWD\" \"$@\"";
    let root = root.display();
    Ok(format!("#!/bin/sh\nexec unshare --mount sh -c '{enter}' '{tree}' '{root}' {program} \"$@\"\n"))
}
