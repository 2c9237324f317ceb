//! What a system may deny a program: calls, by a filter, and memory that stays in place.
#![allow(unsafe_code, reason = "rustix sets no filter of system calls")]

use std::io;

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

use crate::completion::unknown;

/// How a filter says "this call fails with this error": `SECCOMP_RET_ERRNO`.
const FAIL: u32 = 0x0005_0000;
/// And "go on": `SECCOMP_RET_ALLOW`.
const ALLOW: u32 = 0x7fff_0000;
/// Less than any program has.
const PAGE: u64 = 4096;

/// Imposes what the arguments say: nothing, `deny CALLS ERROR`, or `memlock BYTES`.
pub(super) fn impose(arguments: &[&str]) -> io::Result<()> {
    match arguments {
        [] => Ok(()),
        ["deny", calls, error] => {
            let calls: Vec<u32> = calls.split(',').map(number).collect::<io::Result<_>>()?;
            deny(&calls, code(error)?)
        }
        ["memlock", bytes] => limit_memory(bytes.parse().map_err(io::Error::other)?),
        _ => Err(unknown(&arguments.join(" "))),
    }
}

/// Lets `calls` fail with `error` in this thread and in those that it starts, for ever.
fn deny(calls: &[u32], error: i32) -> io::Result<()> {
    let step = |code: u32, jump_true, k| libc::sock_filter { code: code as u16, jt: jump_true, jf: 0, k };
    // The number of the call, which stands first in what a filter sees.
    let mut steps = vec![step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0)];
    for (at, call) in calls.iter().enumerate() {
        // Over the rest of them, and over the one step that allows.
        let jump = (calls.len() - at) as u8;
        steps.push(step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, jump, *call));
    }
    steps.push(step(libc::BPF_RET | libc::BPF_K, 0, ALLOW));
    steps.push(step(libc::BPF_RET | libc::BPF_K, 0, FAIL | error as u32));
    let program = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    // SAFETY: the call takes numbers only.
    let is_bound = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: the program and its steps live until the call returns, which copies them.
    let is_set = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    if is_bound != 0 || is_set != 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Limits the memory that may stay in place, also for a program that runs as root. First it shows
/// that such a limit holds: a call that asks for more fails.
fn limit_memory(bytes: u64) -> io::Result<()> {
    let mut sets = capabilities(None)?;
    sets.effective.remove(CapabilitySet::IPC_LOCK);
    sets.permitted.remove(CapabilitySet::IPC_LOCK);
    set_capabilities(None, sets)?;
    set_limit(PAGE)?;
    if mlockall(MlockAllFlags::CURRENT).is_ok() {
        return Err(io::Error::other("the limit of memory does not hold"));
    }
    set_limit(bytes)
}

/// Takes back what [`impose`] can take back: the limit of memory.
pub(super) fn lift() -> io::Result<()> {
    let maximum = getrlimit(Resource::Memlock).maximum;
    Ok(setrlimit(Resource::Memlock, Rlimit { current: maximum, maximum })?)
}

fn set_limit(bytes: u64) -> io::Result<()> {
    let maximum = getrlimit(Resource::Memlock).maximum;
    Ok(setrlimit(Resource::Memlock, Rlimit { current: Some(bytes), maximum })?)
}

fn number(call: &str) -> io::Result<u32> {
    let number = match call {
        "io_uring_setup" => libc::SYS_io_uring_setup,
        "io_uring_enter" => libc::SYS_io_uring_enter,
        "io_uring_register" => libc::SYS_io_uring_register,
        _ => return Err(unknown(call)),
    };
    Ok(number as u32)
}

fn code(error: &str) -> io::Result<i32> {
    match error {
        "EPERM" => Ok(libc::EPERM),
        "EACCES" => Ok(libc::EACCES),
        "ENOSYS" => Ok(libc::ENOSYS),
        _ => Err(unknown(error)),
    }
}
