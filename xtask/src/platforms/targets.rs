//! The targets whose sources are type-checked.

/// A system on a processor, by the name that rustc gives it.
#[derive(Debug)]
pub(super) struct Target {
    /// That name.
    pub(super) name: &'static str,
    /// Whether it has a backend. Without one, a stand-in shows that what stands above `sys`
    /// type-checks.
    pub(super) has_backend: bool,
    /// Whether it is looked at every day, not only by `--all`.
    pub(super) is_daily: bool,
    /// Programs that its std is made with, each with the package that has it.
    pub(super) needs: &'static [(&'static str, &'static str)],
}

/// All of them.
pub(super) const TARGETS: &[Target] = &[
    Target {
        needs: &[("x86_64-w64-mingw32-dlltool", "binutils-mingw-w64-x86-64")],
        ..target("x86_64-pc-windows-gnu")
    },
    target("x86_64-pc-windows-msvc"),
    Target { is_daily: false, ..target("aarch64-pc-windows-msvc") },
    Target {
        needs: &[("i686-w64-mingw32-dlltool", "binutils-mingw-w64-i686")],
        ..target("i686-pc-windows-gnu")
    },
    target("aarch64-apple-darwin"),
];

/// A target with nothing special.
const fn target(name: &'static str) -> Target {
    Target { name, has_backend: false, is_daily: true, needs: &[] }
}
