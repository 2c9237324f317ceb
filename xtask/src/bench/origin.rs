//! Where the engine of a subject comes from. cargo takes the published mio without a
//! word when a patch does not fit, and a line of a manifest decides who a subject is:
//! then Ferrio would be compared with nobody, or a peer with itself.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::metadata::{Metadata, Package, Requirement};

/// The folder of the façade, from the root of the repository.
const FACADE: &str = "compat/mio";
/// The folder of Ferrio's engine.
const FERRIO: &str = "crates/ferrio-poll";
/// The sources of both subjects on tokio, as the second one names them.
const TOKIO_MAIN: &str = "bench/tokio-on-ferrio/../tokio/src/main.rs";
/// The peers that have to be the published ones.
const PUBLISHED: &[&str] = &["mio", "polling", "tokio"];
/// What makes a subject what it is.
const ENGINES: &[&str] = &["ferrio-poll", "mio", "polling", "tokio"];

/// The package of a subject and the only engine that it may need: by which name its
/// sources call it, which package that is, and its folder, or none for a registry.
type Identity = (&'static str, &'static str, &'static str, Option<&'static str>);

/// The subjects of the workspace of the peers.
const SUBJECTS: &[Identity] = &[
    ("bench-mio", "mio", "mio", None),
    ("bench-ferrio-poll", "mio", "ferrio-poll", Some(FERRIO)),
    ("bench-polling", "polling", "polling", None),
    ("bench-tokio", "tokio", "tokio", None),
];
/// The subject that is a workspace of its own.
const PATCHED: Identity = ("bench-tokio-on-ferrio", "tokio", "tokio", None);
/// The subjects without an engine of others.
const BARE: &[&str] = &["bench-epoll", "bench-std"];

/// Checks the workspace of the peers: each comes from a registry, Ferrio from its
/// folder, and each subject needs just its own. Gives the versions of the peers.
pub(crate) fn check_published(metadata: &Metadata) -> Result<Vec<(&'static str, String)>> {
    let ferrio = only(metadata, "ferrio-poll")?;
    ensure!(ferrio.source().is_none(), "ferrio-poll does not come from this repository");
    let mut versions = Vec::new();
    for name in PUBLISHED {
        versions.push((*name, published(metadata, name)?.to_owned()));
    }
    SUBJECTS.iter().try_for_each(|identity| check_subject(metadata, identity))?;
    for name in BARE {
        let engines = engines(only(metadata, name)?).count();
        ensure!(engines == 0, "{name} needs {engines} engines of others");
    }
    Ok(versions)
}

/// Checks that the only `mio` is the façade, below the tokio of that version and the
/// sources of the subject on the published one. Gives its version.
pub(crate) fn check_facade(metadata: &Metadata, tokio: &str) -> Result<String> {
    let mio = only(metadata, "mio")?;
    if let Some(source) = mio.source() {
        bail!("mio {} comes from {source}: the patch did not take", mio.version());
    }
    let folder = mio.manifest().parent().unwrap_or_else(|| Path::new(""));
    ensure!(folder.ends_with(FACADE), "mio comes from {}, not from {FACADE}", folder.display());
    check_subject(metadata, &PATCHED)?;
    let own = published(metadata, "tokio")?;
    ensure!(own == tokio, "tokio {own} under the patch, but {tokio} beside it");
    let files: Vec<&Path> = only(metadata, PATCHED.0)?.main_files().collect();
    let is_same = matches!(files[..], [file] if file.ends_with(TOKIO_MAIN));
    ensure!(is_same, "{} has sources of its own: {files:?}", PATCHED.0);
    Ok(mio.version().to_owned())
}

/// Checks that a subject needs just the engine that makes it what it is.
fn check_subject(metadata: &Metadata, (name, called, package, folder): &Identity) -> Result<()> {
    let subject = only(metadata, name)?;
    let all: Vec<_> = engines(subject).collect();
    let [engine] = all[..] else {
        bail!("{name} needs {} engines, not one", all.len());
    };
    let is_named = (engine.called(), engine.name()) == (called, package);
    ensure!(is_named, "{name} needs {} as {}, not {package} as {called}", engine.name(), engine.called());
    match folder {
        Some(folder) => {
            let found = engine.folder().with_context(|| format!("{name} has a published {package}"))?;
            ensure!(found.ends_with(folder), "{name} has the {package} of {}", found.display());
        }
        None => ensure!(is_registry(engine.source()), "{name} has a {package} that is not the published one"),
    }
    Ok(())
}

/// What a subject needs that could be its engine, under either of its names.
fn engines(subject: Package<'_>) -> impl Iterator<Item = Requirement<'_>> {
    subject
        .requirements()
        .filter(|needed| [needed.name(), needed.called()].iter().any(|name| ENGINES.contains(name)))
}

/// The version of a package that has to come from a registry.
fn published<'a>(metadata: &'a Metadata, name: &'a str) -> Result<&'a str> {
    let package = only(metadata, name)?;
    let source = package.source();
    ensure!(is_registry(source), "{name} comes from {}, not from a registry", source.unwrap_or("a folder"));
    Ok(package.version())
}

fn is_registry(source: Option<&str>) -> bool {
    source.is_some_and(|source| source.starts_with("registry+"))
}

/// The only package of a name.
fn only<'a>(metadata: &'a Metadata, name: &'a str) -> Result<Package<'a>> {
    let all: Vec<_> = metadata.named(name).collect();
    let [package] = all[..] else {
        bail!("the tree holds {} packages called {name}", all.len());
    };
    Ok(package)
}

#[cfg(test)]
mod tests {
    use std::slice;

    use serde_json::{Value, json};

    use super::{TOKIO_MAIN, check_facade, check_published};
    use crate::metadata::Metadata;

    const REGISTRY: &str = "registry+https://example.org";

    /// A package of a registry, and one of a folder.
    fn peer(name: &str, version: &str) -> Value {
        json!({ "name": name, "version": version, "source": REGISTRY })
    }

    fn facade(folder: &str) -> Value {
        let manifest = format!("/f/{folder}/Cargo.toml");
        json!({ "name": "mio", "version": "1.2.4+f", "source": null, "manifest_path": manifest })
    }

    fn subject(name: &str, needs: &[Value]) -> Value {
        let main = format!("/f/{TOKIO_MAIN}");
        json!({ "name": name, "source": null, "dependencies": needs, "targets": [{ "src_path": main }] })
    }

    /// A line of a manifest, of a registry and of a folder.
    fn from_registry(name: &str) -> Value {
        json!({ "name": name, "source": REGISTRY, "rename": null, "kind": null })
    }

    fn ferrio_as(name: &str) -> Value {
        let path = "/f/crates/ferrio-poll";
        json!({ "name": "ferrio-poll", "source": null, "rename": name, "path": path, "kind": null })
    }

    fn metadata(packages: &[Value]) -> Metadata {
        Metadata::parse(&json!({ "packages": packages }).to_string()).expect("JSON")
    }

    /// The workspace of the peers as it should be, with some packages in the place of
    /// those of the same name.
    fn peers(changed: &[Value]) -> Result<Vec<(&'static str, String)>, String> {
        let mut all = vec![
            json!({ "name": "ferrio-poll", "version": "0.1.0", "source": null }),
            peer("mio", "1.2.4"),
            peer("polling", "3.11.0"),
            peer("tokio", "1.54.1"),
            subject("bench-mio", &[from_registry("mio")]),
            subject("bench-ferrio-poll", &[ferrio_as("mio")]),
            subject("bench-polling", &[from_registry("polling")]),
            subject("bench-tokio", &[from_registry("tokio")]),
            subject("bench-epoll", &[from_registry("rustix")]),
            subject("bench-std", &[]),
        ];
        all.retain(|package| changed.iter().all(|new| new["name"] != package["name"]));
        all.extend(changed.iter().cloned());
        check_published(&metadata(&all)).map_err(|error| error.to_string())
    }

    /// The workspace with the patch.
    fn patched(mios: &[Value], tokio: Value, needs: &[Value]) -> Result<String, String> {
        let own = [tokio, subject("bench-tokio-on-ferrio", needs)];
        check_facade(&metadata(&[mios, &own].concat()), "1.54.1").map_err(|error| error.to_string())
    }

    #[test]
    fn the_published_mio_beside_ferrio_is_fine() {
        assert_eq!(peers(&[]).expect("as it should be")[0], ("mio", "1.2.4".to_owned()));
    }

    #[test]
    fn a_facade_is_not_the_published_mio() {
        assert!(peers(&[facade("compat/mio")]).expect_err("ours").contains("not from a registry"));
        let published = peer("ferrio-poll", "0.1.0");
        assert!(peers(&[published]).expect_err("not ours").contains("not come from this repository"));
    }

    #[test]
    fn a_subject_on_the_wrong_engine_is_refused() {
        let with = |name: &str, needs: &[Value]| peers(&[subject(name, needs)]).expect_err(name);
        let same = with("bench-mio", &[ferrio_as("mio")]);
        assert_eq!(same, "bench-mio needs ferrio-poll as mio, not mio as mio");
        let same = with("bench-ferrio-poll", &[from_registry("mio")]);
        assert_eq!(same, "bench-ferrio-poll needs mio as mio, not ferrio-poll as mio");
        assert!(with("bench-mio", &[from_registry("mio"), ferrio_as("ours")]).contains("2 engines"));
        assert!(with("bench-ferrio-poll", &[]).contains("0 engines"));
        assert!(with("bench-epoll", &[from_registry("mio")]).contains("1 engines"));
        let copy = json!({ "name": "tokio", "source": null, "path": "/elsewhere/tokio" });
        assert!(with("bench-tokio", &[copy]).contains("not the published one"));
        let copy = json!({ "name": "ferrio-poll", "rename": "mio", "path": "/elsewhere/ferrio-poll" });
        assert!(with("bench-ferrio-poll", &[copy]).contains("/elsewhere"));
        let published = json!({ "name": "ferrio-poll", "rename": "mio", "source": REGISTRY });
        assert!(with("bench-ferrio-poll", &[published]).contains("a published ferrio-poll"));
    }

    #[test]
    fn under_the_patch_the_only_mio_is_the_facade() {
        let (ours, tokio) = (facade("compat/mio"), peer("tokio", "1.54.1"));
        let needs = [from_registry("tokio")];
        let of = |mios: &[Value]| patched(mios, tokio.clone(), &needs);
        assert_eq!(of(slice::from_ref(&ours)), Ok("1.2.4+f".to_owned()));
        assert!(of(&[peer("mio", "1.2.4")]).is_err(), "the patch did not take");
        assert!(of(&[ours, peer("mio", "1.2.4")]).is_err(), "one more");
        assert!(of(&[]).is_err(), "none");
        assert!(of(&[facade("mio")]).is_err(), "another folder");
    }

    #[test]
    fn under_the_patch_tokio_and_its_subject_are_the_same() {
        let (ours, needs) = ([facade("compat/mio")], [from_registry("tokio")]);
        assert!(patched(&ours, peer("tokio", "1.53.0"), &needs).expect_err("older").contains("1.53.0"));
        assert!(patched(&ours, peer("tokio", "1.54.1"), &[]).expect_err("none").contains("0 engines"));
        let mut other = subject("bench-tokio-on-ferrio", &needs);
        other["targets"][0]["src_path"] = "/f/bench/other/src/main.rs".into();
        let all = [ours[0].clone(), peer("tokio", "1.54.1"), other];
        let error = check_facade(&metadata(&all), "1.54.1").expect_err("other sources");
        assert!(error.to_string().contains("sources of its own"), "{error}");
    }
}
