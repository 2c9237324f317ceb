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
use crate::debian::Compiler;

/// The published mio, with the features that its manifest switches on.
const REAL: &str = "compat/real-mio";
/// The workspace of the façade.
const FACADE: &str = "compat";

/// The one that stands for tokio, whose `full` features ask for all of mio.
const TOKIO: &[&str] = &["check", "--package", "tokio"];

/// What describes crates.
#[derive(Clone, Copy, Debug)]
enum Describer<'a> {
    /// The usual compiler, for this machine.
    Usual,
    /// One that has the std of another system, and the name of that.
    Other(&'a Compiler, &'a str),
}

/// Compares on this machine; an error if anything of mio is missing or differs.
pub(crate) fn run() -> Result<Report> {
    compare(Describer::Usual)
}

/// Compares on `target`, of which `compiler` has the std, and lets tokio be type-checked there
/// on the façade.
pub(crate) fn on(compiler: &Compiler, target: &str) -> Result<Report> {
    let check = [TOKIO, &["--target", target]].concat();
    registry::succeed(compiler.cargo(&check, "api-tokio").dir(&root().join(FACADE)).brief())?;
    compare(Describer::Other(compiler, target))
}

fn compare(describer: Describer<'_>) -> Result<Report> {
    let mio = describe(describer, REAL, &[&["mio"]], "api-real")?;
    let ours = describe(describer, FACADE, &[&["mio", "--all-features"], &["ferrio-poll"]], "api-facade")?;
    let mut real = Facts::of(&mio, "mio", &[])?;
    let mut facade = Facts::of(&ours, "mio", &real.types)?;
    let mut renamed = Facts::of(&ours, "ferrio_poll", &real.types)?;
    real.add_features(features(REAL, "mio")?);
    facade.add_features(features(FACADE, "mio")?);
    renamed.add_features(features(FACADE, "ferrio-poll")?);
    // Windows has the fewest.
    ensure!(real.len() > 200, "only {} facts about mio: the description is not whole", real.len());

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
fn describe(describer: Describer<'_>, folder: &str, packages: &[&[&str]], target: &str) -> Result<Crates> {
    let mut crates = Crates::default();
    for package in packages {
        let json = ["--lib", "--", "-Zunstable-options", "--output-format", "json"];
        let (step, built) = match describer {
            Describer::Usual => {
                let arguments = [&["rustdoc", "--package"], *package, &json].concat();
                (Step::cargo(&arguments).target(target), target_dir(target))
            }
            Describer::Other(compiler, system) => {
                let arguments = [&["rustdoc", "--target", system, "--package"], *package, &json].concat();
                (compiler.cargo(&arguments, target), compiler.folder.join(target).join(system))
            }
        };
        // The JSON is unstable; this lets the stable compiler write it.
        let step = step.env("RUSTC_BOOTSTRAP", "1").hidden_env("RUSTFLAGS", "");
        registry::succeed(step.dir(&root().join(folder)))?;
        crates.read(&built.join("doc").join(format!("{}.json", package[0].replace('-', "_"))))?;
    }
    Ok(crates)
}

/// The features of `package` in the workspace in `folder`.
fn features(folder: &str, package: &str) -> Result<Vec<String>> {
    let metadata = registry::metadata(&root().join(folder))?;
    let package = registry::only(&metadata, package).with_context(|| folder.to_owned())?;
    Ok(package.features.keys().cloned().collect())
}
