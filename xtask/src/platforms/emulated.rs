//! Linux on other processors: the suite, run by an emulator, or by this processor if it can.

use crate::debian;
use crate::platforms::guest::{Guest, System};
use crate::platforms::row::Row;
use crate::platforms::targets::{TARGETS, Target};

/// Rows for each processor, those of every day or all.
pub(super) fn run(all: bool) -> Vec<Row> {
    TARGETS.emulated.iter().filter(|target| all || target.daily).flat_map(rows).collect()
}

fn rows(target: &'static Target) -> Vec<Row> {
    let system = System {
        stage: "qemu",
        target: &target.name,
        linker: &target.linker,
        runner: &format!("timeout --kill-after=5 600 {}", target.runner),
        flags: &target.flags,
    };
    // Some tests start their program again, with the signals as they are, which timeout changes;
    // and random ones are slow there.
    let variables = [
        ("FERRIO_TEST_RUNNER", target.runner.clone()),
        ("PROPTEST_CASES", "16".to_owned()),
        ("FERRIO_FUZZ_INPUTS", "1000".to_owned()),
    ];
    let guest = debian::install(&target.needs).and_then(|()| Guest::new(&system, &variables));
    let rows = Row::each("qemu", &target.name, guest.map(|guest| guest.suites()));
    if target.ungated { rows.into_iter().map(Row::without_gate).collect() } else { rows }
}
