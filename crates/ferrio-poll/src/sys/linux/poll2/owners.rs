//! Which poll(2) selectors watch a descriptor.
//!
//! A socket is no larger than std's, so it has no room to remember its selector.
//! This table remembers it, by descriptor. It is touched only while a poll(2)
//! selector exists: a process that uses epoll alone pays one relaxed load.
//!
//! Lock order: this table before a selector's, and never both at once.

use std::os::fd::RawFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use crate::sys::linux::poll2::Poll2;

/// Notes that `owner` watches `fd`.
pub(super) fn add(fd: RawFd, owner: &Arc<Poll2>) {
    let Ok(place) = usize::try_from(fd) else { return };
    let mut owners = OWNERS.write().unwrap_or_else(PoisonError::into_inner);
    if owners.len() <= place {
        owners.resize_with(place + 1, Vec::new);
    }
    // Those that are gone leave their entries behind.
    owners[place].retain(|known| known.strong_count() > 0);
    if !owners[place].iter().any(|known| known.as_ptr() == Arc::as_ptr(owner)) {
        owners[place].push(Arc::downgrade(owner));
    }
}

/// Notes that `owner` no longer watches `fd`.
pub(super) fn remove(fd: RawFd, owner: &Arc<Poll2>) {
    retain(fd, |known| known.as_ptr() != Arc::as_ptr(owner));
}

/// Notes that nobody watches `fd` any more.
pub(in crate::sys::linux) fn remove_all(fd: RawFd) {
    retain(fd, |_| false);
}

fn retain(fd: RawFd, keep: impl FnMut(&Weak<Poll2>) -> bool) {
    let mut owners = OWNERS.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = usize::try_from(fd).ok().and_then(|place| owners.get_mut(place)) {
        known.retain(keep);
    }
}

/// Calls `tell` with each selector that watches `fd`; the table is not locked
/// meanwhile.
pub(in crate::sys::linux) fn for_each(fd: RawFd, mut tell: impl FnMut(&Poll2)) {
    let Ok(place) = usize::try_from(fd) else { return };
    let owner = |index: usize| {
        let owners = OWNERS.read().unwrap_or_else(PoisonError::into_inner);
        owners.get(place)?.get(index)?.upgrade()
    };
    let count = OWNERS.read().unwrap_or_else(PoisonError::into_inner).get(place).map_or(0, Vec::len);
    // From the last one: when another thread removes an owner, those behind it move
    // down, where they may be told twice but are not passed over.
    for index in (0..count).rev() {
        if let Some(owner) = owner(index) {
            tell(&owner);
        }
    }
}

/// True while any poll(2) selector exists.
pub(in crate::sys::linux) fn may_exist() -> bool {
    LIVE.load(Ordering::Relaxed) != 0
}

/// How many poll(2) selectors exist.
///
/// Relaxed is enough: whoever uses a source that is registered with one got the
/// source from the thread that registered it, and with it this count.
pub(super) static LIVE: AtomicUsize = AtomicUsize::new(0);

/// By descriptor; nearly always one selector each.
static OWNERS: RwLock<Vec<Vec<Weak<Poll2>>>> = RwLock::new(Vec::new());
