//! The parameters of busy polling: ioctl_eventpoll(2).
#![allow(unsafe_code, reason = "ioctl(2) has no safe form for these opcodes")]

use std::io;
use std::os::fd::BorrowedFd;

use rustix::ioctl::{self, Getter, Opcode, Setter};

use crate::error::kernel;
use crate::sys::unix::busy_poll::BusyPoll;

/// `struct epoll_params` of the kernel.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct Params {
    busy_poll_usecs: u32,
    busy_poll_budget: u16,
    prefer_busy_poll: u8,
    /// Must be 0.
    pad: u8,
}

/// The letter of epoll's ioctls.
const GROUP: u8 = 0x8A;
const EPIOCSPARAMS: Opcode = ioctl::opcode::write::<Params>(GROUP, 1);
const EPIOCGPARAMS: Opcode = ioctl::opcode::read::<Params>(GROUP, 2);

pub(super) fn set(epoll: BorrowedFd<'_>, parameters: BusyPoll) -> io::Result<()> {
    let params = Params {
        busy_poll_usecs: parameters.micros,
        busy_poll_budget: parameters.budget,
        prefer_busy_poll: u8::from(parameters.prefer),
        pad: 0,
    };
    // SAFETY: the opcode reads one `Params`, whose layout is the kernel's.
    let request = unsafe { Setter::<EPIOCSPARAMS, Params>::new(params) };
    // SAFETY: the request is for an epoll descriptor and changes no memory of ours.
    unsafe { ioctl::ioctl(epoll, request) }.map_err(|error| explain(error.into(), parameters))
}

pub(super) fn get(epoll: BorrowedFd<'_>) -> io::Result<BusyPoll> {
    // SAFETY: the opcode writes one `Params`, whose layout is the kernel's and of which every
    // bit pattern is valid.
    let request = unsafe { Getter::<EPIOCGPARAMS, Params>::new() };
    // SAFETY: the request is for an epoll descriptor and writes into its own memory only.
    let params = unsafe { ioctl::ioctl(epoll, request) };
    let params = params.map_err(|error| explain(error.into(), BusyPoll::default()))?;
    Ok(BusyPoll {
        micros: params.busy_poll_usecs,
        budget: params.busy_poll_budget,
        prefer: params.prefer_busy_poll != 0,
    })
}

fn explain(error: io::Error, BusyPoll { micros, budget, .. }: BusyPoll) -> io::Error {
    match error.raw_os_error() {
        Some(libc::ENOTTY) => kernel::busy_poll_too_old(),
        Some(libc::EOPNOTSUPP) => kernel::busy_poll_not_built(),
        Some(libc::EINVAL) => kernel::busy_poll_too_long(micros),
        Some(libc::EPERM) => kernel::busy_poll_budget(budget),
        _ => error,
    }
}
