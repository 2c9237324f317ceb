//! Programs that count what the kernel's clock does not show. A machine may lack
//! them; then their metrics are missing, and a note says so.

use xtask_shell::Step;

/// What is there.
#[derive(Debug)]
pub(crate) struct Tools {
    /// strace, and it may trace.
    pub(crate) has_strace: bool,
    /// valgrind.
    pub(crate) has_valgrind: bool,
}

impl Tools {
    /// Tries each of them.
    pub(crate) fn look() -> Self {
        Self {
            has_strace: works("strace", &["-q", "-o", "/dev/null", "true"]),
            has_valgrind: works("valgrind", &["--version"]),
        }
    }
}

fn works(program: &str, arguments: &[&str]) -> bool {
    Step::new(program, arguments).quiet().run().is_ok_and(|outcome| outcome.success())
}
