//! A suite: the test binaries of a peer, and which mio is in them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::origin::Origin;
use anyhow::{Result, ensure};
use cargo_metadata::{Artifact, Message, TargetKind};
use xtask_shell::{Step, registry};

use crate::peer::Peer;
use crate::request::Request;
use crate::workspace::Workspace;

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
    pub(crate) fn build(workspace: &Workspace, peer: &Peer, request: &Request) -> Result<Self> {
        let (version, folder) = workspace.member(peer.name);
        // Another version may be in the tree, for the tests of another peer.
        let package = format!("{}@{version}", peer.name);
        let mut arguments = vec!["test", "--no-run", "--package", &package];
        arguments.extend(peer.arguments(request.is_fast()));
        arguments.extend(request.wait.target().iter().flat_map(|target| ["--target", *target]));
        arguments.push("--message-format=json-render-diagnostics");
        println!("\n$ cargo {}  ({})", arguments.join(" "), request.target());
        let start = Instant::now();
        let outcome = Step::cargo(&arguments)
            .dir(workspace.folder())
            .target(request.target())
            .hidden_env("RUSTFLAGS", request.wait.flags())
            .limit(LIMIT)
            .quiet()
            .run()?;
        if !outcome.success() {
            let lines: Vec<&str> = outcome.stderr.lines().collect();
            println!("{}", lines[lines.len().saturating_sub(TAIL)..].join("\n"));
            return Err(registry::failure(&outcome).context("does not build"));
        }
        let (binaries, mios) = read(&outcome.stdout)?;
        let mio = request.engine().guard(&mios)?;
        ensure!(!binaries.is_empty(), "the package holds no test");
        let seconds = start.elapsed().as_secs_f64();
        println!("  {} test binaries on mio {mio}, {seconds:.1} s", binaries.len());
        Ok(Self { binaries, folder: folder.to_path_buf(), mio })
    }
}

/// The test binaries that cargo says it built, and every package called mio.
fn read(messages: &str) -> Result<(Vec<Binary>, Vec<Origin>)> {
    let (mut binaries, mut mios) = (Vec::new(), Vec::new());
    for message in Message::parse_stream(messages.as_bytes()) {
        let Message::CompilerArtifact(artifact) = message? else { continue };
        if artifact.profile.test {
            binaries.extend(binary(artifact));
        } else if artifact.target.name == "mio" && artifact.target.kind.contains(&TargetKind::Lib) {
            mios.push((artifact.package_id.repr, artifact.manifest_path.into()));
        }
    }
    binaries.sort();
    mios.sort();
    mios.dedup();
    Ok((binaries, mios))
}

fn binary(artifact: Artifact) -> Option<Binary> {
    let name = match artifact.target.kind.first() {
        Some(TargetKind::Test) => artifact.target.name,
        Some(TargetKind::Bin) => format!("bin-{}", artifact.target.name),
        _ => "lib".to_owned(),
    };
    Some(Binary { name, path: artifact.executable?.into() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    fn artifact(name: &str, kind: &str, is_test: bool, package: &str) -> String {
        let executable = is_test.then(|| format!("/t/{name}-1"));
        let message = json!({
            "reason": "compiler-artifact", "package_id": package, "manifest_path": "/m/Cargo.toml",
            "target": { "kind": [kind], "crate_types": [kind], "name": name, "src_path": "/m/x.rs" },
            "profile": {
                "opt_level": "0", "debuginfo": 0, "debug_assertions": true, "overflow_checks": true,
                "test": is_test,
            },
            "features": [], "filenames": [], "executable": executable, "fresh": false,
        });
        message.to_string()
    }

    #[test]
    fn binaries_and_the_mio_in_them_are_read() {
        let text = [
            artifact("mio", "lib", false, "registry+x#mio@1.2.4"),
            artifact("mio", "lib", false, "registry+x#mio@1.2.4"),
            artifact("udp", "test", true, "path+file:///t#tokio@1.0.0"),
            artifact("tokio", "lib", true, "path+file:///t#tokio@1.0.0"),
            json!({ "reason": "build-finished", "success": true }).to_string(),
        ];
        let (binaries, mios) = read(&text.join("\n")).expect("messages");
        let names: Vec<_> = binaries.iter().map(|binary| binary.name.as_str()).collect();
        assert_eq!(names, ["lib", "udp"]);
        assert_eq!(mios, [("registry+x#mio@1.2.4".to_owned(), "/m/Cargo.toml".into())]);
    }
}
