//! Programs that zig links: static ones of musl, which run here, and those of systems that are
//! not here. Its C compiler brings what each of them links against.

use std::path::Path;

use anyhow::{Context, Result};
use xtask_shell::target_dir;

use crate::debian;
use crate::platforms::guest::Guest;
use crate::platforms::pip;
use crate::platforms::row::{End, Row};

/// The package of PyPI, which is the compiler and nothing else.
const PACKAGE: &str = "ziglang==0.17.1";

/// Its program.
const PROGRAM: &str = "ziglang/zig";

/// A program that hangs is ended.
const RUNNER: &str = "timeout --kill-after=5 400";

/// What is only linked: its name for rustc and the one for zig.
const LINKED: &[(&str, &str)] = &[
    ("aarch64-apple-darwin", "aarch64-macos"),
    ("x86_64-unknown-freebsd", "x86_64-freebsd"),
    ("x86_64-unknown-netbsd", "x86_64-netbsd"),
    ("x86_64-unknown-openbsd", "x86_64-openbsd"),
];

/// Everything of the library that a program can refer to: its tests.
const TESTS: &[&str] = &["--no-run", "--package", "ferrio-poll", "--all-features", "--lib"];

/// The suite as static programs, on each backend.
pub(super) fn musl() -> Vec<Row> {
    let (stage, target) = ("musl", "x86_64-unknown-linux-musl");
    match guest(stage, target, "x86_64-linux-musl -static") {
        Ok(guest) => guest.suites(),
        Err(error) => vec![Row::new(stage, target, "", Err(error))],
    }
}

/// A row for each system whose programs cannot run here.
pub(super) fn link() -> Vec<Row> {
    let stage = "link";
    let row = |(target, name): &(&'static str, &str)| {
        let linked =
            guest(stage, target, name).and_then(|guest| guest.cargo("test", TESTS).brief().succeed());
        Row::new(stage, target, "lib", linked.map(|_| End::Done("linked".to_owned())))
    };
    LINKED.iter().map(row).collect()
}

/// A system whose programs are linked for what zig calls `name`.
fn guest(stage: &'static str, target: &'static str, name: &str) -> Result<Guest> {
    let folder = target_dir("platforms/zig");
    pip::install(&folder, PACKAGE, PROGRAM)?;
    let linker = folder.join(format!("cc-{target}"));
    debian::write_script(&linker, &script(&folder, name))?;
    // For Apple that would take a program which Debian's compiler has not.
    let variables = [("CARGO_PROFILE_DEV_STRIP", "none".to_owned())];
    Guest::new(stage, target, linker.to_str().context("a path that is not UTF-8")?, RUNNER, &variables)
}

/// A linker that leaves out what rustc says to those of GNU and of Apple: start files and
/// libraries that zig adds by itself, and options that it does not know.
fn script(folder: &Path, name: &str) -> String {
    format!(
        "#!/bin/sh\n\
         for argument; do\n\
         shift\n\
         case \"$argument\" in\n\
         --target=*|-static-pie|-nodefaultlibs|-nostartfiles|-mmacosx-version-min=*) ;;\n\
         -Wl,--no-undefined-version|-Wl,-O1|-Wl,-dead_strip) ;;\n\
         *crt1.o|*crti.o|*crtn.o|*crtbegin*.o|*crtend*.o) ;;\n\
         -lc|-lgcc|-lgcc_eh|-liconv|-lkvm|-lmemstat|-lprocstat|-ldevstat|-lexecinfo) ;;\n\
         -lgcc_s) set -- \"$@\" -lunwind ;;\n\
         *) set -- \"$@\" \"$argument\" ;;\n\
         esac\n\
         done\n\
         exec '{}' cc -target {name} \"$@\"\n",
        folder.join(PROGRAM).display(),
    )
}
