//! Messages that netlink sockets have lost.
//!
//! A receiver into the pool fails with `ENOBUFS` if no buffer was free, and also if its socket has lost
//! a message, which netlink(7) tells so. A socket counts what it loses.
#![allow(unsafe_code, reason = "rustix has no such option of a socket")]

use std::collections::HashMap;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::core::Core;
use crate::id::Handle;
use crate::sys::Domain;

/// The option that tells of the memory of a socket, on each system whose rings are known here. The
/// libc crate has the places in what it tells alone.
const SO_MEMINFO: libc::c_int = 55;

/// How many messages each socket had lost when that was told last.
#[derive(Debug, Default)]
pub(super) struct Losses(HashMap<Handle, u32>);

impl Losses {
    /// Whether `ENOBUFS` of a receiver in the slot `index` is a message that was lost. While no buffer is
    /// free it is taken for that: a loss is told again once there is one.
    pub(super) fn is_loss(&mut self, core: &mut Core, index: u32) -> bool {
        let entry = core.slab.at(index).entry;
        if core.pool.free() == 0 || core.table.at_mut(entry).domain() != Domain::Netlink {
            return false;
        }
        // A buffer may have come back since the kernel looked for one.
        let Some(lost) = lost(core.table.at(entry).fd()) else { return true };
        let told = self.0.insert(core.table.handle(entry), lost).unwrap_or(0);
        self.0.retain(|&handle, _| core.table.get(handle).is_some());
        lost != told
    }
}

/// How many messages a socket has lost; `None` where the kernel does not tell, before Linux 4.12.
fn lost(fd: BorrowedFd<'_>) -> Option<u32> {
    let mut told = [0_u32; libc::SK_MEMINFO_DROPS as usize + 1];
    let mut len = size_of_val(&told) as libc::socklen_t;
    let (fd, into) = (fd.as_raw_fd(), (&raw mut told).cast());
    // SAFETY: the kernel writes at most `len` bytes, which is as much as the array has.
    let result = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, SO_MEMINFO, into, &raw mut len) };
    let is_told = result == 0 && len as usize == size_of_val(&told);
    is_told.then_some(told[libc::SK_MEMINFO_DROPS as usize])
}
