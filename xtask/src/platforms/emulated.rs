//! Linux on other processors: the suite, run by an emulator, or by this processor if it can.

use crate::debian;
use crate::platforms::guest::Guest;
use crate::platforms::row::Row;

/// A processor.
#[derive(Debug)]
struct Machine {
    target: &'static str,
    /// What it is linked with and run by, each program with its packages.
    needs: &'static [(&'static str, &'static str)],
    /// Words before the path of a program. None if this processor runs it.
    runner: &'static str,
    /// How it is linked.
    flags: &'static str,
    /// Whether it is run every day, not only by `--all`.
    is_daily: bool,
    /// Whether what fails there fails the stage. A program for riscv64 has hung in the emulator
    /// for a reason that was not found.
    gates: bool,
}

/// All of them. The first need is the linker.
const MACHINES: &[Machine] = &[
    // Its bytes stand the other way round.
    Machine {
        target: "s390x-unknown-linux-gnu",
        needs: &[
            ("s390x-linux-gnu-gcc", "gcc-s390x-linux-gnu libc6-dev-s390x-cross"),
            ("qemu-s390x", "qemu-user"),
        ],
        runner: "qemu-s390x -L /usr/s390x-linux-gnu",
        flags: "",
        is_daily: true,
        gates: true,
    },
    Machine {
        target: "aarch64-unknown-linux-gnu",
        needs: &[
            ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"),
            ("qemu-aarch64", "qemu-user"),
        ],
        runner: "qemu-aarch64 -L /usr/aarch64-linux-gnu",
        flags: "",
        is_daily: false,
        gates: true,
    },
    Machine {
        target: "i686-unknown-linux-gnu",
        needs: &[("i686-linux-gnu-gcc", "gcc-i686-linux-gnu libc6-dev-i386-cross")],
        runner: "",
        // It starts by itself, and can start itself again: the loader and the libraries are not
        // at their usual places.
        flags: "-Clink-arg=-Wl,--dynamic-linker=/usr/i686-linux-gnu/lib/ld-linux.so.2 \
                -Clink-arg=-Wl,-rpath=/usr/i686-linux-gnu/lib",
        is_daily: false,
        gates: true,
    },
    Machine {
        target: "riscv64gc-unknown-linux-gnu",
        needs: &[
            ("riscv64-linux-gnu-gcc", "gcc-riscv64-linux-gnu libc6-dev-riscv64-cross"),
            ("qemu-riscv64", "qemu-user"),
        ],
        runner: "qemu-riscv64 -L /usr/riscv64-linux-gnu",
        flags: "",
        is_daily: false,
        gates: false,
    },
];

const STAGE: &str = "qemu";

/// Rows for each machine, those of every day or all.
pub(super) fn run(all: bool) -> Vec<Row> {
    MACHINES.iter().filter(|machine| all || machine.is_daily).flat_map(rows).collect()
}

fn rows(machine: &Machine) -> Vec<Row> {
    let linker = machine.needs[0].0;
    // A program that hangs is ended.
    let runner = format!("timeout --kill-after=5 600 {}", machine.runner);
    // Some tests start their program again, with the signals as they are, which timeout changes;
    // and random ones are slow there.
    let flags = format!("CARGO_TARGET_{}_RUSTFLAGS", machine.target.to_uppercase().replace('-', "_"));
    let variables = [
        ("FERRIO_TEST_RUNNER", machine.runner),
        ("PROPTEST_CASES", "16"),
        ("FERRIO_FUZZ_INPUTS", "1000"),
        (&flags, machine.flags),
    ];
    let variables = variables.map(|(name, value)| (name, value.to_owned()));
    let guest = debian::install(machine.needs)
        .and_then(|()| Guest::new(STAGE, machine.target, linker, &runner, &variables));
    let rows = match guest {
        Ok(guest) => guest.suites(),
        Err(error) => vec![Row::new(STAGE, machine.target, "", Err(error))],
    };
    if machine.gates { rows } else { rows.into_iter().map(Row::without_gate).collect() }
}
