//! Which poll(2) selectors watch a descriptor.
//!
//! A socket is no larger than std's, so it has no room to remember its selector.
//! This table remembers it, by descriptor. It is touched only while a poll(2)
//! selector exists: a process that uses epoll alone pays one relaxed load.
//!
//! Lock order: this table before a selector's, and never both at once.
//!
//! A process that was forked off while another thread held one of these locks finds it
//! locked for ever. There, the hooks of sources try for a while and then leave it: dropping
//! a socket must not hang such a child. See [`patient`].

use std::os::fd::RawFd;
use std::process;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard, TryLockError, Weak};
use std::thread;

use crate::sys::unix::poll2::Poll2;

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
    let owners = OWNERS.write().unwrap_or_else(PoisonError::into_inner);
    retain(owners, fd, |known| known.as_ptr() != Arc::as_ptr(owner));
}

/// Notes that no selector watches `fd` any more, which is about to be closed.
pub(in crate::sys::unix) fn remove_all(fd: RawFd) {
    if let Some(owners) = patient(|| OWNERS.try_write(), || OWNERS.write()) {
        retain(owners, fd, |_| false);
    }
}

fn retain(
    mut owners: RwLockWriteGuard<'_, Vec<Vec<Weak<Poll2>>>>,
    fd: RawFd,
    keep: impl FnMut(&Weak<Poll2>) -> bool,
) {
    if let Some(known) = usize::try_from(fd).ok().and_then(|place| owners.get_mut(place)) {
        known.retain(keep);
    }
}

/// Calls `tell` with each selector that watches `fd`; the table is not locked
/// meanwhile.
pub(in crate::sys::unix) fn for_each(fd: RawFd, mut tell: impl FnMut(&Poll2)) {
    let Ok(place) = usize::try_from(fd) else { return };
    let read = || patient(|| OWNERS.try_read(), || OWNERS.read());
    let count = read().and_then(|owners| owners.get(place).map(Vec::len)).unwrap_or(0);
    // From the last one: when another thread removes an owner, those behind it move
    // down, where they may be told twice but are not passed over.
    for index in (0..count).rev() {
        let owner = read().and_then(|owners| owners.get(place)?.get(index)?.upgrade());
        if let Some(owner) = owner {
            tell(&owner);
        }
    }
}

/// Locks by `lock`. In a process that was forked off, by `try_lock` for as long as a thread of
/// its own may hold the lock.
pub(super) fn patient<G>(
    mut try_lock: impl FnMut() -> Result<G, TryLockError<G>>,
    lock: impl FnOnce() -> Result<G, PoisonError<G>>,
) -> Option<G> {
    for _ in 0..TRIES_MAX {
        match try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if is_forked() => thread::yield_now(),
            Err(TryLockError::WouldBlock) => return Some(lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
    None
}

/// True in a process that was forked off after its first poll(2) selector was made.
fn is_forked() -> bool {
    MAKER.load(Ordering::Relaxed) != process::id()
}

/// Notes that a poll(2) selector exists.
pub(super) fn open() {
    if LIVE.fetch_add(1, Ordering::Relaxed) == 0 {
        MAKER.store(process::id(), Ordering::Relaxed);
    }
}

/// Notes that one is gone.
pub(super) fn close() {
    LIVE.fetch_sub(1, Ordering::Relaxed);
}

/// True while any poll(2) selector exists.
pub(in crate::sys::unix) fn may_exist() -> bool {
    LIVE.load(Ordering::Relaxed) != 0
}

/// How many poll(2) selectors exist.
///
/// Relaxed is enough: a thread that uses a source which is registered with one got the
/// source from the thread that registered it, and with it this count.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The process that made the first of them.
static MAKER: AtomicU32 = AtomicU32::new(0);

/// By descriptor; nearly always one selector each.
static OWNERS: RwLock<Vec<Vec<Weak<Poll2>>>> = RwLock::new(Vec::new());

/// How often a lock is tried in a forked process: each critical section is short.
const TRIES_MAX: usize = 1000;
