//! Terminals: devices that wait, and whose kernel code cannot be asked not to.
#![allow(unsafe_code, reason = "no safe library makes a terminal")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr;

use ferrio_poll::Token;
use ferrio_proactor::{is_cancelled, op};

use crate::harness::on_each;

/// The side of a user, and that of a program.
fn terminal() -> (File, OwnedFd) {
    let (mut user, mut program) = (-1, -1);
    // SAFETY: the call writes two descriptors; what it does without is null.
    let opened = unsafe {
        libc::openpty(&raw mut user, &raw mut program, ptr::null_mut(), ptr::null_mut(), ptr::null_mut())
    };
    assert_eq!(opened, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: it was just made, and nobody else knows of it.
    let user = unsafe { OwnedFd::from_raw_fd(user) };
    // SAFETY: it was just made, and nobody else knows of it.
    let program = unsafe { OwnedFd::from_raw_fd(program) };
    (user.into(), program)
}

#[test]
fn a_terminal_is_read_by_lines_and_written() {
    on_each(|rig| {
        let (mut user, program) = terminal();
        let handle = rig.proactor.attach(program);
        let id = rig.proactor.submit(Token(0), op::Read::new(handle, Vec::with_capacity(64))).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        user.write_all(b"half").unwrap();
        assert!(rig.is_silent(), "{}: half a line", rig.way);
        user.write_all(b" and half\n").unwrap();
        let (result, read) = rig.done::<op::Read<Vec<u8>>>(id);
        assert_eq!((result.unwrap(), &*read.buf), (14, &b"half and half\n"[..]), "{}", rig.way);

        let id = rig.proactor.submit(Token(0), op::Write::new(handle, b"yes\n".to_vec())).unwrap();
        assert_eq!(rig.done::<op::Write<Vec<u8>>>(id).0.unwrap(), 4);
        // What the user typed was echoed before.
        let mut seen = Vec::new();
        while !seen.ends_with(b"yes\r\n") {
            let mut bytes = [0; 64];
            let count = user.read(&mut bytes).unwrap();
            seen.extend_from_slice(&bytes[..count]);
        }
    });
}

#[test]
fn a_read_of_a_terminal_is_cancelled() {
    on_each(|rig| {
        let (mut user, program) = terminal();
        let handle = rig.proactor.attach(program);
        let id = rig.proactor.submit(Token(0), op::Read::new(handle, Vec::with_capacity(64))).unwrap();
        assert!(rig.is_silent() && rig.proactor.cancel(id), "{}", rig.way);
        let error = rig.done::<op::Read<Vec<u8>>>(id).0.unwrap_err();
        assert!(is_cancelled(&error), "{}: {error}", rig.way);
        user.write_all(b"line\n").unwrap();
        let id = rig.proactor.submit(Token(0), op::Read::new(handle, Vec::with_capacity(64))).unwrap();
        assert_eq!(rig.done::<op::Read<Vec<u8>>>(id).1.buf, b"line\n", "{}", rig.way);
    });
}
