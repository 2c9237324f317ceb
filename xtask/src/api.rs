//! `cargo xtask api`: whoever compiles against mio compiles against Ferrio.
//!
//! rustdoc describes the published mio, the façade and ferrio-poll as JSON. Each
//! description is flattened to facts: `mio::Poll::poll` is a function of such a
//! signature, `Poll` is `Send`, and so on. Every fact of mio must hold for the
//! façade, and for ferrio-poll when it is renamed in `Cargo.toml`. Facts beyond
//! mio's are welcome.

mod crates;
mod facts;
mod render;

use anyhow::{Context, Result, bail, ensure};
use xtask_shell::{Report, Step, registry, root, target_dir};

use crate::api::crates::Crates;
use crate::api::facts::Facts;

/// The published mio, with the features that its manifest switches on.
const REAL: &str = "compat/real-mio";
/// The workspace of the façade.
const FACADE: &str = "compat";

/// Compares; an error if anything of mio is missing or differs.
pub(crate) fn run() -> Result<Report> {
    let mio = describe(REAL, &[&["mio"]], "api-real")?;
    let ours = describe(FACADE, &[&["mio", "--all-features"], &["ferrio-poll"]], "api-facade")?;
    let mut real = Facts::of(&mio, "mio", &[])?;
    let mut facade = Facts::of(&ours, "mio", &real.types)?;
    let mut renamed = Facts::of(&ours, "ferrio_poll", &real.types)?;
    real.add_features(features(REAL, "mio")?);
    facade.add_features(features(FACADE, "mio")?);
    renamed.add_features(features(FACADE, "ferrio-poll")?);
    ensure!(real.len() > 300, "only {} facts about mio: the description is not whole", real.len());

    let mut lacks = 0;
    for (name, facts) in [("the facade", &facade), ("ferrio-poll as mio", &renamed)] {
        let missing = real.missing_from(facts);
        println!("{name}: {} facts, {} of mio's missing", facts.len(), missing.len());
        missing.iter().for_each(|line| println!("  {line}"));
        lacks += missing.len();
    }
    if lacks > 0 {
        bail!("{lacks} facts about mio do not hold");
    }
    Ok(Report::passed(format!("all {} facts about mio hold", real.len())))
}

/// Lets rustdoc describe packages of the workspace in `folder`, each given by its
/// name and options of cargo. Those of a dependency are fixed by the workspace.
fn describe(folder: &str, packages: &[&[&str]], target: &str) -> Result<Crates> {
    let mut crates = Crates::default();
    for package in packages {
        let json = ["--lib", "--", "-Zunstable-options", "--output-format", "json"];
        Step::cargo(&[&["rustdoc", "--package"], *package, &json].concat())
            .dir(&root().join(folder))
            .target(target)
            // The JSON is unstable; this lets the stable compiler write it.
            .env("RUSTC_BOOTSTRAP", "1")
            .hidden_env("RUSTFLAGS", "")
            .succeed()?;
        let file = format!("doc/{}.json", package[0].replace('-', "_"));
        crates.read(&target_dir(target).join(file))?;
    }
    Ok(crates)
}

/// The features of `package` in the workspace in `folder`.
fn features(folder: &str, package: &str) -> Result<Vec<String>> {
    let metadata = registry::metadata(&root().join(folder))?;
    let package = registry::only(&metadata, package).with_context(|| folder.to_owned())?;
    Ok(package.features.keys().cloned().collect())
}
