//! The programs of `bench/`, and that each is what its name says.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xtask_shell::{Step, registry, root, target_dir};

use crate::origin;
use crate::subject::Subject;

/// The subject that is a workspace of its own.
const PATCHED: &str = "tokio-on-ferrio";
/// The build folders of the workspace and of the patched subject.
const TARGETS: (&str, &str) = ("bench", "bench-on-ferrio");

/// The programs.
#[derive(Debug)]
pub(crate) struct Programs {
    /// Each published peer with its version.
    pub(crate) versions: Vec<(&'static str, String)>,
}

impl Programs {
    /// Builds all. It fails if a subject has another `mio` than it should.
    pub(crate) fn build() -> Result<Self> {
        let main = root().join("bench");
        let patched = main.join(PATCHED);
        let versions = origin::check_published(&registry::metadata(&main)?)?;
        let tokio = versions.iter().find(|(name, _)| *name == "tokio").context("no tokio")?;
        let facade = origin::check_facade(&registry::metadata(&patched)?, &tokio.1)?;
        for (name, version) in &versions {
            eprintln!("{name} {version} comes from the registry");
        }
        eprintln!("{PATCHED} has mio {facade}, which is the façade");
        for (folder, target) in [(main, TARGETS.0), (patched, TARGETS.1)] {
            eprintln!("building {}", target_dir(target).display());
            let step = Step::cargo(&["build", "--release", "--locked", "--quiet"]);
            let outcome = step.dir(&folder).target(target).quiet().run()?;
            if !outcome.success() {
                bail!("{}\n{}", outcome.complaint(), outcome.stderr);
            }
        }
        Ok(Self { versions })
    }

    /// The server of a subject.
    pub(crate) fn server(&self, subject: &Subject) -> PathBuf {
        let target = if subject.name == PATCHED { TARGETS.1 } else { TARGETS.0 };
        program(target, subject.program)
    }

    /// The load generator.
    pub(crate) fn load(&self) -> PathBuf {
        program(TARGETS.0, "load")
    }

    /// Where files of a run may stand.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        target_dir(TARGETS.0).join(name)
    }
}

fn program(target: &str, name: &str) -> PathBuf {
    target_dir(target).join("release").join(format!("bench-{name}"))
}
