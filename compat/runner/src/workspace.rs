//! A workspace of copies: cargo refuses to test a package of the registry where it
//! stands. The packages come through cargo and stay below the build folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::origin::{Engine, facade};
use anyhow::{Context, Result, ensure};
use cargo_metadata::Metadata;
use serde::{Deserialize, Serialize};
use toml::Table;
use walkdir::WalkDir;
use xtask_shell::{registry, root};

use crate::peer::{Mend, PEERS};
use crate::request::Request;

/// The versions of everything that the suites are built with, made with the published
/// mio. From the root of the repository.
const LOCK: &str = "compat/peers.lock";

/// A workspace whose members are the peers.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Where it stands.
    folder: PathBuf,
    /// Each peer with its version and folder.
    members: Vec<(&'static str, String, PathBuf)>,
}

impl Workspace {
    /// Copies the peers at the versions that `metadata`, of `compat/`, pins.
    pub(crate) fn prepare(request: &Request, metadata: &Metadata) -> Result<Self> {
        let folder = request.sources();
        let mut members = Vec::new();
        for peer in PEERS {
            let package = registry::only(metadata, peer.name).context("the lock of compat/")?;
            let source = package.manifest_path.parent().context("a manifest stands in a folder")?;
            let name = format!("{}-{}", peer.name, package.version);
            let copy = folder.join(&name);
            if !copy.exists() {
                copy_package(source.as_std_path(), &copy, peer.mend.as_ref())
                    .with_context(|| format!("cannot copy {name}"))?;
            }
            members.push((peer.name, package.version.to_string(), copy));
        }
        let workspace = Self { folder, members };
        write_changed(&workspace.folder.join("Cargo.toml"), &workspace.manifest(request.engine()))?;
        workspace.put_lock(request.engine())?;
        Ok(workspace)
    }

    /// Where it stands.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The version and the folder of the peer called `name`.
    pub(crate) fn member(&self, name: &str) -> (&str, &Path) {
        let (_, version, folder) = self.members.iter().find(|member| member.0 == name).expect("a peer");
        (version, folder)
    }

    /// Checks that the build used the versions of the committed lock.
    pub(crate) fn check_lock(&self) -> Result<()> {
        let pinned = fs::read_to_string(root().join(LOCK)).context(LOCK)?;
        check_kept(&pinned, &fs::read_to_string(self.folder.join("Cargo.lock"))?)
    }

    /// Makes this lock, of the published mio, the committed one.
    pub(crate) fn commit_lock(&self) -> Result<()> {
        let text = fs::read_to_string(self.folder.join("Cargo.lock")).context("the lock of the build")?;
        write_changed(&root().join(LOCK), &text)
    }

    /// The manifest: every peer stands in for the published one, for their tests
    /// use each other.
    fn manifest(&self, engine: Engine) -> String {
        let mut members = String::new();
        let mut patches = String::new();
        for (name, version, _) in &self.members {
            members.push_str(&format!("    \"{name}-{version}\",\n"));
            patches.push_str(&format!("{name} = {{ path = \"{name}-{version}\" }}\n"));
        }
        if engine == Engine::Ferrio {
            patches.push_str(&format!("mio = {{ path = {:?} }}\n", facade()));
        }
        // Nobody steps through these builds, and each happens once.
        let profile = "debug = false\nincremental = false\n";
        format!(
            "[workspace]\nresolver = \"2\"\nmembers = [\n{members}]\n\n\
             [patch.crates-io]\n{patches}\n[profile.dev]\n{profile}"
        )
    }

    /// Puts the committed lock in place, if it or our mio is another one than last
    /// time: what cargo added to it is kept otherwise.
    fn put_lock(&self, engine: Engine) -> Result<()> {
        let pinned = match fs::read_to_string(root().join(LOCK)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && engine == Engine::Mio => return Ok(()),
            Err(error) => return Err(error).context(LOCK),
        };
        let seed = match engine {
            Engine::Ferrio => without_mio(&pinned)?,
            Engine::Mio => pinned,
        };
        let now = format!("{seed}\n{}", fs::read_to_string(facade().join("Cargo.toml"))?);
        let memory = self.folder.join("Cargo.lock.seed");
        if fs::read_to_string(&memory).is_ok_and(|last| last == now) {
            return Ok(());
        }
        fs::write(self.folder.join("Cargo.lock"), &seed)?;
        Ok(fs::write(memory, &now)?)
    }
}

/// A lock, as far as it matters.
#[derive(Deserialize, Serialize)]
struct Lock {
    version: u32,
    package: Vec<Table>,
}

/// A value of a package in a lock.
fn value<'a>(package: &'a Table, key: &str) -> &'a str {
    package.get(key).and_then(|value| value.as_str()).unwrap_or_default()
}

/// The lock with no mio 1.x, so that cargo has to choose one. A lock that names the
/// published one keeps cargo from taking the patch.
fn without_mio(lock: &str) -> Result<String> {
    let mut lock: Lock = toml::from_str(lock).context(LOCK)?;
    lock.package.retain(|one| value(one, "name") != "mio" || !value(one, "version").starts_with("1."));
    Ok(toml::to_string(&lock)?)
}

/// Checks that what cargo made of the lock moved no version: Ferrio may bring new
/// packages, but none of the suite's may be another one than mio's run had.
fn check_kept(pinned: &str, resolved: &str) -> Result<()> {
    let [pinned, resolved] = [pinned, resolved].map(toml::from_str::<Lock>);
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in pinned?.package {
        versions.entry(value(&one, "name").to_owned()).or_default().insert(value(&one, "version").to_owned());
    }
    for one in resolved?.package {
        let (name, version) = (value(&one, "name"), value(&one, "version"));
        let is_kept = versions.get(name).is_none_or(|own| own.contains(version));
        ensure!(is_kept || name == "mio", "{name} moved to {version}: see --bless");
    }
    Ok(())
}

/// Copies a package and mends its manifest. The copy appears when it is complete.
fn copy_package(source: &Path, copy: &Path, mend: Option<&Mend>) -> Result<()> {
    let draft = copy.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft)?;
    }
    for entry in WalkDir::new(source) {
        let entry = entry?;
        let to = draft.join(entry.path().strip_prefix(source)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(&to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    if let Some(mend) = mend {
        let manifest = draft.join("Cargo.toml");
        let text = mended(&fs::read_to_string(&manifest)?, mend)?;
        fs::write(&manifest, text)?;
    }
    Ok(fs::rename(draft, copy)?)
}

/// The manifest without the dependency of tests that `mend` names and with its helper.
fn mended(manifest: &str, mend: &Mend) -> Result<String> {
    let mut manifest: Table = toml::from_str(manifest)?;
    let needs = manifest.get_mut("dev-dependencies").and_then(|needs| needs.as_table_mut());
    let needs = needs.context("no [dev-dependencies]")?;
    needs.remove(mend.without).with_context(|| format!("no {}", mend.without))?;
    let (name, folder) = mend.helper;
    let path = root().join(folder).display().to_string();
    needs.insert(name.to_owned(), Table::from_iter([("path".to_owned(), path.into())]).into());
    Ok(toml::to_string(&manifest)?)
}

/// Writes `text`, unless it stands there already: cargo looks at times.
fn write_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Engine, Mend, Workspace, check_kept, mended, without_mio};

    fn lock(packages: &[(&str, &str)]) -> String {
        let part = |(name, version): &(&str, &str)| {
            format!("\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n")
        };
        format!("version = 4\n{}", packages.iter().map(part).collect::<String>())
    }

    #[test]
    fn only_mio_1_is_taken_out_of_the_lock() {
        let with = lock(&[("libc", "0.2.1"), ("mio", "0.8.11"), ("mio", "1.2.4"), ("mio-pidfd", "1.0.0")]);
        let without = lock(&[("libc", "0.2.1"), ("mio", "0.8.11"), ("mio-pidfd", "1.0.0")]);
        assert_eq!(without_mio(&with).expect("a lock"), without);
    }

    #[test]
    fn ferrio_may_bring_packages_but_move_none() {
        let pinned = lock(&[("libc", "0.2.1"), ("mio", "1.2.4"), ("wasi", "0.11.0")]);
        let fine = lock(&[("libc", "0.2.1"), ("mio", "1.2.4+ferrio"), ("rustix", "1.1.6")]);
        let moved = lock(&[("libc", "0.2.1"), ("libc", "0.2.2"), ("mio", "1.2.4+ferrio")]);
        assert!(check_kept(&pinned, &fine).is_ok());
        assert!(check_kept(&pinned, &moved).expect_err("moved").to_string().contains("libc moved to 0.2.2"));
    }

    #[test]
    fn only_the_manifest_of_ferrio_patches_mio() {
        let members = vec![("tokio", "1.0.0".to_owned(), PathBuf::new())];
        let workspace = Workspace { folder: PathBuf::new(), members };
        let is_patched = |engine| workspace.manifest(engine).contains("\nmio = ");
        assert!(is_patched(Engine::Ferrio) && !is_patched(Engine::Mio));
        assert!(workspace.manifest(Engine::Mio).contains("\ntokio = { path = \"tokio-1.0.0\" }\n"));
    }

    #[test]
    fn a_dependency_goes_and_the_helper_comes() {
        let mend = Mend { without: "old", helper: ("help", "compat/help") };
        let manifest = "[package]\nname = \"a\"\n\n[dev-dependencies.old]\nversion = \"1\"\n";
        let text = mended(manifest, &mend).expect("a manifest");
        assert!(!text.contains("old") && text.contains("[dev-dependencies.help]\npath = "), "{text}");
        assert!(mended(&text, &mend).is_err());
    }
}
