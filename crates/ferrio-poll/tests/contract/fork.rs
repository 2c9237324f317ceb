//! A child process without a new program.
#![allow(unsafe_code, reason = "fork(2) and what a child may do after it")]

/// The exit code of a child process that runs `body`, which must not panic, lock or
/// allocate much: other threads of this process do not exist there.
pub(crate) fn fork_and_run(body: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child runs `body` alone, on a thread that holds no lock, and leaves.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork: {}", std::io::Error::last_os_error());
    if pid == 0 {
        let code = body();
        // SAFETY: leaves at once, without what the parent had registered to run at its end.
        unsafe { libc::_exit(code) }
    }
    let pid = rustix::process::Pid::from_raw(pid).expect("a child");
    let (_, status) =
        rustix::process::waitpid(Some(pid), rustix::process::WaitOptions::empty()).unwrap().unwrap();
    status.exit_status().expect("the child was killed")
}
