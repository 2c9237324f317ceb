//! A suite: the test binaries of a peer, and which mio is in them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xtask_shell::Step;

use super::flavour::Flavour;
use super::peer::Peer;
use super::workspace::Workspace;
use crate::registry;

/// How long a build may take on a slow machine.
const LIMIT: Duration = Duration::from_secs(40 * 60);

/// How many lines of a failed build are shown.
const TAIL: usize = 60;

/// The built tests of a peer.
#[derive(Debug)]
pub(crate) struct Suite {
    /// The binaries by name, sorted.
    pub(crate) binaries: Vec<Binary>,
    /// Where they expect to run.
    pub(crate) folder: PathBuf,
    /// The version of the mio in them.
    pub(crate) mio: String,
}

/// A test binary.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Binary {
    /// The name of the test file, or `lib`.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) path: PathBuf,
}

impl Suite {
    /// Builds the tests of `peer` and checks which mio they have.
    pub(crate) fn build(workspace: &Workspace, peer: &Peer, flavour: Flavour, is_fast: bool) -> Result<Self> {
        let (version, folder) = workspace.member(peer.name);
        // Another version may be in the tree, for the tests of another peer.
        let package = format!("{}@{version}", peer.name);
        let mut arguments = vec!["test", "--no-run", "--package", &package];
        arguments.extend(peer.arguments(is_fast));
        arguments.push("--message-format=json-render-diagnostics");
        println!("\n$ cargo {}  ({})", arguments.join(" "), flavour.target());
        let start = Instant::now();
        let outcome = Step::cargo(&arguments)
            .dir(workspace.folder())
            .target(flavour.target())
            .hidden_env("RUSTFLAGS", flavour.flags())
            .limit(LIMIT)
            .quiet()
            .run()?;
        if !outcome.success() {
            let lines: Vec<&str> = outcome.stderr.lines().collect();
            println!("{}", lines[lines.len().saturating_sub(TAIL)..].join("\n"));
            return Err(registry::failure(&outcome).context("does not build"));
        }
        let built = Built::parse(&outcome.stdout)?;
        let mio = flavour.guard(&built.mios)?.to_owned();
        ensure!(!built.binaries.is_empty(), "the package holds no test");
        let seconds = start.elapsed().as_secs_f64();
        println!("  {} test binaries on mio {mio}, {seconds:.1} s", built.binaries.len());
        Ok(Self { binaries: built.binaries, folder: folder.to_path_buf(), mio })
    }
}

/// What cargo says that it built.
#[derive(Debug, Default)]
struct Built {
    /// The test binaries.
    binaries: Vec<Binary>,
    /// Every package called mio: cargo's identifier, and its manifest.
    mios: Vec<(String, PathBuf)>,
}

impl Built {
    /// Reads cargo's messages, one JSON value per line.
    fn parse(text: &str) -> Result<Self> {
        let mut built = Self::default();
        for line in text.lines().filter(|line| line.starts_with('{')) {
            let message: Value = serde_json::from_str(line).context("a message of cargo")?;
            if message["reason"] == "compiler-artifact" {
                built.add(&message);
            }
        }
        built.binaries.sort();
        built.mios.sort();
        built.mios.dedup();
        Ok(built)
    }

    fn add(&mut self, artifact: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let target = &artifact["target"];
        let kind = text(&target["kind"][0]);
        if artifact["profile"]["test"] == true {
            if let Some(path) = artifact["executable"].as_str() {
                let name = match kind.as_str() {
                    "test" => text(&target["name"]),
                    "bin" => format!("bin-{}", text(&target["name"])),
                    _ => "lib".to_owned(),
                };
                self.binaries.push(Binary { name, path: path.into() });
            }
        } else if target["name"] == "mio" && kind.ends_with("lib") {
            self.mios.push((text(&artifact["package_id"]), text(&artifact["manifest_path"]).into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Built;

    fn artifact(name: &str, kind: &str, is_test: bool, package: &str) -> String {
        let executable = if is_test { format!("\"/t/{name}-1\"") } else { "null".to_owned() };
        format!(
            r#"{{"reason":"compiler-artifact","package_id":"{package}","manifest_path":"/m/Cargo.toml",
            "target":{{"kind":["{kind}"],"name":"{name}"}},"profile":{{"test":{is_test}}},
            "executable":{executable}}}"#
        )
        .replace('\n', "")
    }

    #[test]
    fn binaries_and_the_mio_in_them_are_read() {
        let text = [
            artifact("mio", "lib", false, "registry+x#mio@1.2.4"),
            artifact("mio", "lib", false, "registry+x#mio@1.2.4"),
            artifact("udp", "test", true, "path+file:///t#tokio@1.0.0"),
            artifact("tokio", "lib", true, "path+file:///t#tokio@1.0.0"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ];
        let built = Built::parse(&text.join("\n")).expect("messages");
        let names: Vec<_> = built.binaries.iter().map(|binary| binary.name.as_str()).collect();
        assert_eq!(names, ["lib", "udp"]);
        assert_eq!(built.mios, [("registry+x#mio@1.2.4".to_owned(), "/m/Cargo.toml".into())]);
    }
}
