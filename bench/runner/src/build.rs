//! The programs of `bench/`, and that each is what its name says.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xtask_shell::{Step, registry, root, target_dir};

use crate::origin;
use crate::subject::{Subject, Workspace};

/// The programs.
#[derive(Debug)]
pub(crate) struct Programs {
    /// Each published peer with its version.
    pub(crate) versions: Vec<(&'static str, String)>,
}

impl Programs {
    /// Builds what is needed. It fails if a subject has another engine than it should.
    pub(crate) fn build(has_rings: bool) -> Result<Self> {
        let mut versions = origin::check_published(&registry::metadata(&Workspace::Main.folder())?)?;
        let tokio = versions.iter().find(|(name, _)| *name == "tokio").context("no tokio")?;
        let facade = origin::check_facade(&registry::metadata(&Workspace::Patched.folder())?, &tokio.1)?;
        let mut workspaces = vec![Workspace::Main, Workspace::Patched];
        if has_rings {
            versions.extend(origin::check_rings(&registry::metadata(&Workspace::Rings.folder())?)?);
            workspaces.push(Workspace::Rings);
        }
        for (name, version) in &versions {
            eprintln!("{name} {version} comes from the registry");
        }
        eprintln!("tokio-on-ferrio has mio {facade}, which is the façade");
        workspaces.into_iter().try_for_each(Workspace::build)?;
        Ok(Self { versions })
    }

    /// The server of a subject.
    pub(crate) fn server(&self, subject: &Subject) -> PathBuf {
        program(subject.workspace, subject.program)
    }

    /// The load generator.
    pub(crate) fn load(&self) -> PathBuf {
        program(Workspace::Main, "load")
    }

    /// Where files of a run may stand.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        target_dir(Workspace::Main.target()).join(name)
    }
}

impl Workspace {
    fn folder(self) -> PathBuf {
        let main = root().join("bench");
        match self {
            Self::Main => main,
            Self::Patched => main.join("tokio-on-ferrio"),
            Self::Rings => main.join("rings"),
        }
    }

    /// Its build folder.
    fn target(self) -> &'static str {
        match self {
            Self::Main => "bench",
            Self::Patched => "bench-on-ferrio",
            Self::Rings => "bench-rings",
        }
    }

    fn build(self) -> Result<()> {
        let target = self.target();
        eprintln!("building {}", target_dir(target).display());
        let step = Step::cargo(&["build", "--release", "--locked", "--quiet"]);
        let outcome = step.dir(&self.folder()).target(target).quiet().run()?;
        if !outcome.success() {
            bail!("{}\n{}", outcome.complaint(), outcome.stderr);
        }
        Ok(())
    }
}

fn program(workspace: Workspace, name: &str) -> PathBuf {
    target_dir(workspace.target()).join("release").join(format!("bench-{name}"))
}
