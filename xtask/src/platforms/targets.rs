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
    All,
    /// The libraries alone, for the tests need what the target lacks. What only others use may be
    /// left over in them.
    Libraries,
}

/// All of them.
pub(super) const TARGETS: &[Target] = &[
    Target {
        needs: &[("x86_64-w64-mingw32-dlltool", "binutils-mingw-w64-x86-64")],
        ..daily("x86_64-pc-windows-gnu")
    },
    daily("x86_64-pc-windows-msvc"),
    target("aarch64-pc-windows-msvc"),
    Target {
        needs: &[("i686-w64-mingw32-dlltool", "binutils-mingw-w64-i686")],
        ..daily("i686-pc-windows-gnu")
    },
    daily("aarch64-apple-darwin"),
    target("x86_64-apple-darwin"),
    libraries(target("aarch64-apple-ios")),
    daily("x86_64-unknown-freebsd"),
    target("x86_64-unknown-netbsd"),
    target("x86_64-unknown-openbsd"),
    target("x86_64-unknown-dragonfly"),
    daily("x86_64-unknown-illumos"),
    libraries(target("x86_64-pc-solaris")),
    libraries(target("x86_64-unknown-haiku")),
    libraries(target("x86_64-unknown-redox")),
    target("aarch64-linux-android"),
    target("aarch64-unknown-linux-gnu"),
    target("i686-unknown-linux-gnu"),
    target("riscv64gc-unknown-linux-gnu"),
    target("x86_64-unknown-linux-musl"),
    libraries(daily("wasm32-wasip1")),
    libraries(target("wasm32-wasip2")),
    libraries(target("wasm32-unknown-emscripten")),
];

/// A target whose tests ask for what it lacks.
const fn libraries(target: Target) -> Target {
    Target { extent: Extent::Libraries, ..target }
}

/// A target that is looked at every day.
const fn daily(name: &'static str) -> Target {
    Target { is_daily: true, ..target(name) }
}

/// A target with nothing special.
const fn target(name: &'static str) -> Target {
    Target { name, extent: Extent::All, is_daily: false, needs: &[] }
}
