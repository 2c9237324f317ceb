//! The contract in a program for WASI, which has one thread, no sockets of its own and no
//! signals. `cargo xtask platforms --stage wasi` runs it; `run.py` is its
//! host, or `sockets_host.py`, which has sockets.
#![cfg(all(target_os = "wasi", target_env = "p1"))]

mod absences;
mod descriptors;
mod harness;
mod in_process;
mod modes;
mod polls;
mod sockets;
mod timers;
