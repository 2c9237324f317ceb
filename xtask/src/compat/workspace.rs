//! A workspace of copies: cargo refuses to test a package of the registry where it
//! stands. The packages come through cargo and stay below the build folder.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xtask_shell::root;

use super::flavour::{Engine, Flavour, facade};
use super::lock;
use super::peer::{Mend, PEERS};
use crate::metadata::Metadata;

/// The lock of the suites on the published mio, from the root of the repository.
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
    pub(crate) fn prepare(flavour: Flavour, metadata: &Metadata) -> Result<Self> {
        let folder = flavour.sources();
        let mut members = Vec::new();
        for peer in PEERS {
            let all: Vec<_> = metadata.named(peer.name).collect();
            let [package] = all[..] else {
                bail!("{} versions of {} in compat/'s lock, not one", all.len(), peer.name);
            };
            let source = package.manifest().parent().context("a manifest stands in a folder")?;
            let name = format!("{}-{}", peer.name, package.version());
            let copy = folder.join(&name);
            if !copy.exists() {
                copy_package(source, &copy, peer.mend.as_ref())
                    .with_context(|| format!("cannot copy {name}"))?;
            }
            members.push((peer.name, package.version().to_owned(), copy));
        }
        let workspace = Self { folder, members };
        write_changed(&workspace.folder.join("Cargo.toml"), &workspace.manifest(flavour.engine))?;
        workspace.put_lock(flavour.engine)?;
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
        lock::check_kept(&pinned, &fs::read_to_string(self.folder.join("Cargo.lock"))?)
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
            Engine::Ferrio => lock::without_mio(&pinned),
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

/// Copies a package and mends its manifest. The copy appears when it is complete.
fn copy_package(source: &Path, copy: &Path, mend: Option<&Mend>) -> Result<()> {
    let draft = copy.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft)?;
    }
    copy_tree(source, &draft)?;
    if let Some(mend) = mend {
        let manifest = draft.join("Cargo.toml");
        let text = mended(&fs::read_to_string(&manifest)?, mend, &root());
        fs::write(&manifest, text)?;
    }
    Ok(fs::rename(draft, copy)?)
}

fn copy_tree(source: &Path, copy: &Path) -> Result<()> {
    fs::create_dir_all(copy)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let to = copy.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

/// The manifest without the table that `mend` names and with its helper.
fn mended(manifest: &str, mend: &Mend, root: &Path) -> String {
    let mut is_out = false;
    let mut text = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_out = line == mend.without;
        }
        if !is_out {
            text.push_str(line);
            text.push('\n');
        }
    }
    let (name, folder) = mend.helper;
    text.push_str(&format!("\n[dev-dependencies.{name}]\npath = {:?}\n", root.join(folder)));
    text
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
    use std::path::{Path, PathBuf};

    use super::{Engine, Workspace, mended};
    use crate::compat::peer::Mend;

    #[test]
    fn a_table_goes_and_the_helper_comes() {
        let mend = Mend { without: "[dev-dependencies.old]", helper: ("help", "compat/help") };
        let manifest = "[package]\nname = \"a\"\n[dev-dependencies.old]\nversion = \"1\"\nfeatures = [\n]\n\
                        [dependencies.b]\nversion = \"2\"\n";
        let expected = "[package]\nname = \"a\"\n[dependencies.b]\nversion = \"2\"\n\
                        \n[dev-dependencies.help]\npath = \"/f/compat/help\"\n";
        assert_eq!(mended(manifest, &mend, Path::new("/f")), expected);
    }

    #[test]
    fn only_the_manifest_of_ferrio_patches_mio() {
        let members = vec![("tokio", "1.0.0".to_owned(), PathBuf::new())];
        let workspace = Workspace { folder: PathBuf::new(), members };
        let is_patched = |engine| workspace.manifest(engine).contains("\nmio = ");
        assert!(is_patched(Engine::Ferrio) && !is_patched(Engine::Mio));
        assert!(workspace.manifest(Engine::Mio).contains("\ntokio = { path = \"tokio-1.0.0\" }\n"));
    }
}
