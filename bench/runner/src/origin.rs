//! Where the engine of a subject comes from. cargo takes the published mio without a
//! word when a patch does not fit, and a line of a manifest decides who a subject is:
//! then Ferrio would be compared with nobody, or a peer with itself.

use anyhow::{Result, bail, ensure};
use cargo_metadata::{Dependency, DependencyKind, Metadata, Package};
use xtask_shell::registry::{only, published};

/// The manifest of the façade, from the root of the repository.
const FACADE: &str = "compat/mio/Cargo.toml";
/// The folder of Ferrio's engine.
const FERRIO: &str = "crates/ferrio-poll";
/// The sources of both subjects on tokio, as the second one names them.
const TOKIO_MAIN: &str = "bench/tokio-on-ferrio/../tokio/src/main.rs";
/// The peers that have to be the published ones.
const PUBLISHED: &[&str] = &["io-uring", "mio", "polling", "quinn-udp", "tokio"];
/// What makes a subject what it is.
const ENGINES: &[&str] = &[
    "compio",
    "ferrio-poll",
    "ferrio-proactor",
    "io-uring",
    "mio",
    "monoio",
    "polling",
    "quinn-udp",
    "tokio",
];

/// The package of a subject and the engines that it needs, and no others.
type Identity = (&'static str, &'static [Engine]);
/// By which name the sources call an engine, which package that is, and its folder, or none for a
/// registry.
type Engine = (&'static str, &'static str, Option<&'static str>);

/// The subjects of the workspace of the peers.
const SUBJECTS: &[Identity] = &[
    ("bench-io_uring", &[published_as("io-uring")]),
    ("bench-mio", &[published_as("mio")]),
    ("bench-ferrio-poll", &[("mio", "ferrio-poll", Some(FERRIO))]),
    ("bench-ferrio-proactor", &[OURS[0], OURS[1]]),
    ("bench-polling", &[published_as("polling")]),
    ("bench-quinn-udp", &[published_as("quinn-udp")]),
    ("bench-tokio", &[published_as("tokio")]),
];
/// Ferrio by its own names: a proactor is made of a Poll.
const OURS: [Engine; 2] = [
    ("ferrio-poll", "ferrio-poll", Some(FERRIO)),
    ("ferrio-proactor", "ferrio-proactor", Some("crates/ferrio-proactor")),
];
/// The subjects of the workspace of runtimes on completion.
const RINGS: &[Identity] =
    &[("bench-compio", &[published_as("compio")]), ("bench-monoio", &[published_as("monoio")])];
/// The subject that is a workspace of its own.
const PATCHED: Identity = ("bench-tokio-on-ferrio", &[published_as("tokio")]);
/// The subjects without an engine of others.
const BARE: &[&str] = &["bench-epoll", "bench-std"];

/// An engine of the registry, by its own name.
const fn published_as(name: &'static str) -> Engine {
    (name, name, None)
}

/// Checks the workspace of the peers: each comes from a registry, Ferrio from its
/// folder, and each subject needs just its own. Gives the versions of the peers.
pub(crate) fn check_published(metadata: &Metadata) -> Result<Vec<(&'static str, String)>> {
    let ferrio = only(metadata, "ferrio-poll")?;
    ensure!(ferrio.source.is_none(), "ferrio-poll does not come from this repository");
    let mut versions = Vec::new();
    for name in PUBLISHED {
        versions.push((*name, published(metadata, name)?));
    }
    SUBJECTS.iter().try_for_each(|identity| check_subject(metadata, identity))?;
    for name in BARE {
        let engines = engines(only(metadata, name)?).count();
        ensure!(engines == 0, "{name} needs {engines} engines of others");
    }
    Ok(versions)
}

/// Checks the workspace of runtimes on completion, in the same way.
pub(crate) fn check_rings(metadata: &Metadata) -> Result<Vec<(&'static str, String)>> {
    let check = |identity: &Identity| {
        check_subject(metadata, identity)?;
        let (_, name, _) = identity.1[0];
        Ok((name, published(metadata, name)?))
    };
    RINGS.iter().map(check).collect()
}

/// Checks that the only `mio` is the façade, below the tokio of that version and the
/// sources of the subject on the published one. Gives its version.
pub(crate) fn check_facade(metadata: &Metadata, tokio: &str) -> Result<String> {
    let mio = only(metadata, "mio")?;
    if let Some(source) = &mio.source {
        bail!("mio {} comes from {source}: the patch did not take", mio.version);
    }
    let manifest = &mio.manifest_path;
    ensure!(manifest.ends_with(FACADE), "mio comes from {manifest}, not from {FACADE}");
    check_subject(metadata, &PATCHED)?;
    let own = published(metadata, "tokio")?;
    ensure!(own == tokio, "tokio {own} under the patch, but {tokio} beside it");
    let files: Vec<_> = only(metadata, PATCHED.0)?.targets.iter().map(|target| &target.src_path).collect();
    let is_same = matches!(files[..], [file] if file.ends_with(TOKIO_MAIN));
    ensure!(is_same, "{} has sources of its own: {files:?}", PATCHED.0);
    Ok(mio.version.to_string())
}

/// Checks that a subject needs just the engines that make it what it is.
fn check_subject(metadata: &Metadata, (name, needed): &Identity) -> Result<()> {
    let mut all: Vec<_> = engines(only(metadata, name)?).collect();
    ensure!(all.len() == needed.len(), "{name} needs {} engines, not {}", all.len(), needed.len());
    // The order of a manifest means nothing.
    all.sort_by(|a, b| a.name.cmp(&b.name));
    needed.iter().zip(all).try_for_each(|(expected, engine)| check_engine(name, expected, engine))
}

/// Checks one of them.
fn check_engine(name: &str, (called, package, folder): &Engine, engine: &Dependency) -> Result<()> {
    let is_named = (called_in_sources(engine), engine.name.as_str()) == (*called, *package);
    let found = called_in_sources(engine);
    ensure!(is_named, "{name} needs {} as {found}, not {package} as {called}", engine.name);
    match (folder, &engine.path) {
        (Some(folder), Some(path)) => {
            ensure!(path.ends_with(folder), "{name} has the {package} of {path}");
        }
        (Some(_), None) => bail!("{name} has a published {package}"),
        (None, path) => {
            ensure!(path.is_none(), "{name} has a {package} that is not the published one");
        }
    }
    Ok(())
}

/// What a subject needs that could be its engine, under either of its names.
fn engines(subject: &Package) -> impl Iterator<Item = &Dependency> {
    let needed = subject.dependencies.iter().filter(|needed| needed.kind != DependencyKind::Development);
    needed.filter(|needed| {
        [needed.name.as_str(), called_in_sources(needed)].iter().any(|name| ENGINES.contains(name))
    })
}

/// The name by which the sources call what they need.
fn called_in_sources(needed: &Dependency) -> &str {
    needed.rename.as_deref().unwrap_or(&needed.name)
}

#[cfg(test)]
mod tests {
    use std::slice;

    use serde_json::{Value, json};

    use super::{Metadata, TOKIO_MAIN, check_facade, check_published, check_rings};

    const REGISTRY: &str = "registry+https://example.org";

    /// A package, as far as it matters, between what cargo always says.
    fn package(matters: Value) -> Value {
        let mut package = json!({
            "version": "0.1.0", "id": "x", "dependencies": [], "targets": [], "features": {},
            "source": null, "manifest_path": "/f/Cargo.toml",
        });
        let fields = package.as_object_mut().expect("an object");
        fields.extend(matters.as_object().cloned().expect("an object"));
        package
    }

    fn peer(name: &str, version: &str) -> Value {
        package(json!({ "name": name, "version": version, "source": REGISTRY }))
    }

    fn facade(folder: &str) -> Value {
        let manifest = format!("/f/{folder}/Cargo.toml");
        package(json!({ "name": "mio", "version": "1.2.4+f", "manifest_path": manifest }))
    }

    fn subject(name: &str, needs: &[Value]) -> Value {
        let main = json!({ "name": "main", "kind": ["bin"], "src_path": format!("/f/{TOKIO_MAIN}") });
        package(json!({ "name": name, "dependencies": needs, "targets": [main] }))
    }

    /// A line of a manifest, of a registry and of a folder.
    fn needed(name: &str, source: Option<&str>, rename: Option<&str>, path: Option<&str>) -> Value {
        json!({
            "name": name, "source": source, "rename": rename, "path": path, "req": "*", "kind": null,
            "optional": false, "uses_default_features": true, "features": [], "target": null,
        })
    }

    fn from_registry(name: &str) -> Value {
        needed(name, Some(REGISTRY), None, None)
    }

    fn ferrio_as(name: &str) -> Value {
        needed("ferrio-poll", None, Some(name), Some("/f/crates/ferrio-poll"))
    }

    fn ours(name: &str) -> Value {
        needed(name, None, None, Some(&format!("/f/crates/{name}")))
    }

    fn metadata(packages: &[Value]) -> Metadata {
        let text = json!({
            "packages": packages, "workspace_members": [], "resolve": null, "target_directory": "/t",
            "version": 1, "workspace_root": "/f",
        });
        serde_json::from_value(text).expect("as cargo says it")
    }

    /// The workspace of the peers as it should be, with some packages in the place of
    /// those of the same name.
    fn peers(changed: &[Value]) -> Result<Vec<(&'static str, String)>, String> {
        let mut all = vec![
            package(json!({ "name": "ferrio-poll" })),
            peer("io-uring", "0.7.16"),
            peer("mio", "1.2.4"),
            peer("polling", "3.11.0"),
            peer("quinn-udp", "0.6.3"),
            peer("tokio", "1.54.1"),
            subject("bench-io_uring", &[from_registry("io-uring")]),
            subject("bench-mio", &[from_registry("mio")]),
            subject("bench-ferrio-poll", &[ferrio_as("mio")]),
            subject("bench-ferrio-proactor", &[ours("ferrio-proactor"), ours("ferrio-poll")]),
            subject("bench-polling", &[from_registry("polling")]),
            subject("bench-quinn-udp", &[from_registry("quinn-udp")]),
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
        assert_eq!(peers(&[]).expect("as it should be")[1], ("mio", "1.2.4".to_owned()));
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
        let copy = needed("tokio", None, None, Some("/elsewhere/tokio"));
        assert!(with("bench-tokio", &[copy]).contains("not the published one"));
        let copy = needed("ferrio-poll", None, Some("mio"), Some("/elsewhere/ferrio-poll"));
        assert!(with("bench-ferrio-poll", &[copy]).contains("/elsewhere"));
        assert!(with("bench-ferrio-proactor", &[ours("ferrio-proactor")]).contains("1 engines, not 2"));
        let copy = needed("ferrio-proactor", None, None, Some("/elsewhere/ferrio-proactor"));
        assert!(with("bench-ferrio-proactor", &[ours("ferrio-poll"), copy]).contains("/elsewhere"));
        let published = needed("ferrio-poll", Some(REGISTRY), Some("mio"), None);
        assert!(with("bench-ferrio-poll", &[published]).contains("a published ferrio-poll"));
    }

    #[test]
    fn a_runtime_on_completion_is_the_published_one() {
        let of = |monoio: Value, needs: &[Value]| {
            let own = [subject("bench-compio", &[from_registry("compio")]), subject("bench-monoio", needs)];
            let rings = [&[peer("compio", "0.19.2"), monoio], &own[..]].concat();
            check_rings(&metadata(&rings)).map_err(|error| error.to_string())
        };
        let published = || peer("monoio", "0.2.4");
        let versions = of(published(), &[from_registry("monoio")]).expect("as it should be");
        assert_eq!(versions[1], ("monoio", "0.2.4".to_owned()));
        let ours = package(json!({ "name": "monoio" }));
        assert!(of(ours, &[from_registry("monoio")]).expect_err("ours").contains("not from a registry"));
        let both = [from_registry("monoio"), from_registry("tokio")];
        assert!(of(published(), &both).expect_err("tokio too").contains("2 engines"));
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
