//! What `cargo metadata` says about a workspace.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use xtask_shell::Step;

use crate::registry;

/// The packages of a workspace and of all it depends on.
#[derive(Debug)]
pub(crate) struct Metadata {
    /// The answer of cargo.
    json: Value,
}

/// One package.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package<'a> {
    /// Its part of the answer.
    json: &'a Value,
}

/// What a package says that it needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requirement<'a> {
    /// Its part of the answer.
    json: &'a Value,
}

impl Metadata {
    /// Asks cargo about the workspace of `manifest`, a `Cargo.toml`.
    pub(crate) fn of(manifest: &Path) -> Result<Self> {
        let manifest = manifest.to_str().context("a path that is not UTF-8")?;
        let arguments = ["metadata", "--format-version", "1", "--manifest-path", manifest];
        let outcome = Step::cargo(&arguments).quiet().run()?;
        if !outcome.success() {
            return Err(registry::failure(&outcome));
        }
        Self::parse(&outcome.stdout)
    }

    /// Reads an answer of cargo.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Ok(Self { json: serde_json::from_str(text).context("cargo metadata is not JSON")? })
    }

    /// All packages.
    pub(crate) fn packages(&self) -> impl Iterator<Item = Package<'_>> {
        self.json["packages"].as_array().into_iter().flatten().map(|json| Package { json })
    }

    /// The packages called `name`: more than one if there are several versions
    /// or origins.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Package<'a>> {
        self.packages().filter(move |package| package.name() == name)
    }
}

impl<'a> Package<'a> {
    /// Its name.
    pub(crate) fn name(self) -> &'a str {
        self.json["name"].as_str().unwrap_or_default()
    }

    /// Its version.
    pub(crate) fn version(self) -> &'a str {
        self.json["version"].as_str().unwrap_or_default()
    }

    /// Where it comes from; `None` for a folder.
    pub(crate) fn source(self) -> Option<&'a str> {
        self.json["source"].as_str()
    }

    /// Its `Cargo.toml`.
    pub(crate) fn manifest(self) -> &'a Path {
        Path::new(self.json["manifest_path"].as_str().unwrap_or_default())
    }

    /// The names of its features.
    pub(crate) fn features(self) -> impl Iterator<Item = &'a str> {
        self.json["features"].as_object().into_iter().flat_map(|map| map.keys().map(String::as_str))
    }

    /// The names of the packages that it cannot be built without. What its tests
    /// need may lead back to it.
    pub(crate) fn dependencies(self) -> impl Iterator<Item = &'a str> {
        self.requirements().map(Requirement::name)
    }

    /// What it cannot be built without, as it says it itself.
    pub(crate) fn requirements(self) -> impl Iterator<Item = Requirement<'a>> {
        let all = self.json["dependencies"].as_array().into_iter().flatten();
        all.filter(|json| json["kind"].as_str() != Some("dev")).map(|json| Requirement { json })
    }
}

impl<'a> Requirement<'a> {
    /// The name of the package.
    pub(crate) fn name(self) -> &'a str {
        self.json["name"].as_str().unwrap_or_default()
    }
}
