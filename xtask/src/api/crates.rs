//! Descriptions of crates by rustdoc, and the ways between them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use rustdoc_types::{Crate, FORMAT_VERSION, Id, Item, ItemEnum, Use};

/// Crates by their names.
#[derive(Debug, Default)]
pub(super) struct Crates {
    crates: BTreeMap<String, Crate>,
}

/// An item and the crate that it is defined in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    /// Its crate: ids mean something only there.
    pub(super) home: &'a Crate,
    /// The item.
    pub(super) item: &'a Item,
}

/// An item under a name by which a user reaches it.
#[derive(Debug)]
pub(super) struct Public<'a> {
    /// As `mio::net::TcpStream`.
    pub(super) path: String,
    /// The item.
    pub(super) found: Found<'a>,
}

impl Crates {
    /// Reads a file that rustdoc wrote.
    pub(super) fn read(&mut self, file: &Path) -> Result<()> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let json: serde_json::Value = serde_json::from_str(&text)?;
        let version = &json["format_version"];
        ensure!(
            version.as_u64() == Some(FORMAT_VERSION.into()),
            "rustdoc writes format {version}, this program reads {FORMAT_VERSION}: change the \
             version of rustdoc-types in xtask/Cargo.toml to the one for this compiler",
        );
        let described: Crate = serde_json::from_value(json)?;
        let name = described.index[&described.root].name.clone().unwrap_or_default();
        self.crates.insert(name, described);
        Ok(())
    }

    /// The crate called `name`.
    pub(super) fn named(&self, name: &str) -> Result<&Crate> {
        self.crates.get(name).with_context(|| format!("no description of {name}"))
    }

    /// All crates that were read.
    pub(super) fn all(&self) -> impl Iterator<Item = &Crate> {
        self.crates.values()
    }

    /// What `id` means in `home`: an item of its own, or of another crate that
    /// was read.
    pub(super) fn find<'a>(&'a self, home: &'a Crate, id: &Id) -> Option<Found<'a>> {
        if let Some(item) = home.index.get(id).filter(|item| item.crate_id == 0) {
            return Some(Found { home, item });
        }
        let there = home.paths.get(id)?;
        let home = self.crates.get(there.path.first()?)?;
        let same = |(_, here): &(&Id, &rustdoc_types::ItemSummary)| {
            here.crate_id == 0 && here.path == there.path && here.kind == there.kind
        };
        let (id, _) = home.paths.iter().find(same)?;
        Some(Found { home, item: home.index.get(id)? })
    }

    /// Every item that a user of `name` reaches, under each of its names. They
    /// start with `mio`, whatever the crate is called.
    pub(super) fn public(&self, name: &str) -> Result<Vec<Public<'_>>> {
        let home = self.named(name)?;
        let mut found = Vec::new();
        self.walk(home, &home.root, "mio", &mut found);
        Ok(found)
    }

    /// Collects what the module `id` holds.
    fn walk<'a>(&'a self, home: &'a Crate, id: &Id, path: &str, found: &mut Vec<Public<'a>>) {
        // A re-export may lead back to a module above it.
        if path.matches("::").count() > 8 {
            return;
        }
        let Some(module) = self.find(home, id) else { return };
        let ItemEnum::Module(inner) = &module.item.inner else { return };
        for child in inner.items.iter().filter_map(|id| module.home.index.get(id)) {
            match &child.inner {
                ItemEnum::Use(Use { id: Some(target), is_glob: true, .. }) => {
                    self.walk(module.home, target, path, found);
                }
                ItemEnum::Use(Use { id: Some(target), name, .. }) => {
                    self.enter(module.home, target, format!("{path}::{name}"), found);
                }
                ItemEnum::Use(_) | ItemEnum::Impl(_) => {}
                _ => {
                    let name = child.name.as_deref().unwrap_or_default();
                    self.enter(module.home, &child.id, format!("{path}::{name}"), found);
                }
            }
        }
    }

    /// Collects the item `id` as `path`, and what it holds if it is a module.
    fn enter<'a>(&'a self, home: &'a Crate, id: &Id, path: String, found: &mut Vec<Public<'a>>) {
        let Some(item) = self.find(home, id) else { return };
        self.walk(item.home, &item.item.id, &path, found);
        found.push(Public { path, found: item });
    }
}

/// The name under which an item is defined: unique, but often private.
pub(super) fn defined_as(home: &Crate, id: &Id) -> Option<String> {
    home.paths.get(id).map(|summary| summary.path.join("::"))
}

/// From the name under which a type is defined to the one name for its users, who may
/// reach it by several.
pub(super) type Names = BTreeMap<String, String>;

/// The name that stands for each type: a preferred one, else the shortest.
pub(super) fn choose(public: &[Public<'_>], preferred: &[String]) -> Names {
    let mut names = Names::new();
    for Public { path, found } in public {
        let Some(defined) = defined_as(found.home, &found.item.id) else { continue };
        let rank = |name: &String| (!preferred.contains(name), name.matches("::").count(), name.clone());
        if names.get(&defined).is_none_or(|known| rank(path) < rank(known)) {
            names.insert(defined, path.clone());
        }
    }
    names
}

/// True for a name in one of the crates that are compared.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with("mio::") || name.starts_with("ferrio_poll::")
}
