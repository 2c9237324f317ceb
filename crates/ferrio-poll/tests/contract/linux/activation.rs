//! Descriptors that are handed over, of which the kernel says nothing.
#![allow(unsafe_code, reason = "a filter of system calls is set for a thread of a process of its own")]

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsFd;

use mio::net::activation::{self, Inherited};

use crate::beyond::unix_activation::{TWO, is_child, start};
use crate::harness::unix::{is_close_on_exec, is_non_blocking};

// From `linux/bpf_common.h`, which the bindings for Android lack.
const LOAD_WORD: u16 = 0x20;
const SKIP_UNLESS_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;

/// Has getsockname(2) fail in this thread, as it does for sockets of some families and, on other
/// systems, for a connection that was reset.
fn forbid_names() -> io::Result<()> {
    let step = |code, jump, value| libc::sock_filter { code, jt: 0, jf: jump, k: value };
    let number = libc::SYS_getsockname as u32;
    let mut steps = [
        // The number of the call is the first word of what the filter sees.
        step(LOAD_WORD, 0, 0),
        step(SKIP_UNLESS_EQUAL, 1, number),
        step(RETURN, 0, libc::SECCOMP_RET_ERRNO | libc::EINVAL as u32),
        step(RETURN, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let filter = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    // SAFETY: prctl(2) with numbers alone; it takes no memory.
    let result = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(result, 0);
    // SAFETY: the kernel reads `filter` and the steps that it points to, which live until it returns.
    let result =
        unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const filter, 0, 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[test]
fn a_socket_of_which_the_kernel_says_nothing_is_handed_on_and_loses_no_other() {
    let test = "linux::activation::a_socket_of_which_the_kernel_says_nothing_is_handed_on_and_loses_no_other";
    if !is_child() {
        let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        start(test, [tcp.into(), udp.into()], &TWO);
        return;
    }
    if let Err(error) = forbid_names() {
        println!("SKIPPED: this kernel takes no filter of system calls: {error}");
        return;
    }
    let entries = activation::take().unwrap();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        let Inherited::Other(fd) = entry.source else { panic!("{entry:?}") };
        // It is what it was, and its owner may know more of it.
        assert!(is_close_on_exec(&fd) && !is_non_blocking(&fd));
        rustix::net::sockopt::socket_type(fd.as_fd()).unwrap();
    }
}
