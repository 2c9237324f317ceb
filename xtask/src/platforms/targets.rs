//! The targets whose sources are type-checked.

/// A system on a processor, by the name that rustc gives it.
#[derive(Debug)]
pub(super) struct Target {
    /// That name.
    pub(super) name: &'static str,
    /// How much of the sources it compiles.
    pub(super) extent: Extent,
    /// Whether it is looked at every day, not only by `--all`.
    pub(super) is_daily: bool,
    /// Programs that its std is made with, each with the package that has it.
    pub(super) needs: &'static [(&'static str, &'static str)],
}

/// How much of the sources a target compiles.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Extent {
    /// The libraries, their tests and the examples; and nothing in them is left over.
    #[expect(dead_code, reason = "no backend is so far yet")]
    All,
    /// The same, but the backend is not complete, so that much is not used yet.
    Begun,
    /// What stands above `sys`, with a stand-in for the backend that there is not.
    AboveSys,
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
    Target { extent: Extent::AboveSys, ..target("aarch64-apple-darwin") },
];

/// A target with nothing special.
const fn target(name: &'static str) -> Target {
    Target { name, extent: Extent::Begun, is_daily: true, needs: &[] }
}
