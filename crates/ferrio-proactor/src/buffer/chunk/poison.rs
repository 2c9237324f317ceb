//! Tells AddressSanitizer which buffers nobody may read: those that are free, and those that the
//! kernel has, whose writes the sanitizer does not see.
#![allow(unsafe_code, reason = "functions of the sanitizer's runtime")]

use std::ptr::NonNull;

#[cfg(ferrio_asan)]
unsafe extern "C" {
    #[link_name = "__asan_poison_memory_region"]
    fn asan_poison(start: *const u8, len: usize);
    #[link_name = "__asan_unpoison_memory_region"]
    fn asan_unpoison(start: *const u8, len: usize);
    #[cfg(all(test, not(ferrio_loom)))]
    #[link_name = "__asan_address_is_poisoned"]
    fn asan_is_poisoned(address: *const u8) -> i32;
}

/// From now on an access is an error.
#[cfg(ferrio_asan)]
pub(super) fn poison(start: NonNull<u8>, len: usize) {
    // SAFETY: marks memory, and touches none.
    unsafe { asan_poison(start.as_ptr(), len) }
}

/// From now on it is none.
#[cfg(ferrio_asan)]
pub(super) fn unpoison(start: NonNull<u8>, len: usize) {
    // SAFETY: as above.
    unsafe { asan_unpoison(start.as_ptr(), len) }
}

/// Without the sanitizer: nothing.
#[cfg(not(ferrio_asan))]
#[inline(always)]
pub(super) fn poison(_: NonNull<u8>, _: usize) {}

/// Without the sanitizer: nothing.
#[cfg(not(ferrio_asan))]
#[inline(always)]
pub(super) fn unpoison(_: NonNull<u8>, _: usize) {}

/// Whether an access is an error, if the sanitizer is there to say so.
#[cfg(all(test, not(ferrio_loom)))]
pub(crate) fn is_poisoned(address: *const u8) -> Option<bool> {
    #[cfg(ferrio_asan)]
    // SAFETY: asks about an address, and does not read there.
    let answer = Some(unsafe { asan_is_poisoned(address) } != 0);
    #[cfg(not(ferrio_asan))]
    let answer = {
        let _ = address;
        None
    };
    answer
}
