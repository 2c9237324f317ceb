//! Changes of paths, where no call tells of them by name.
#![allow(dead_code, reason = "no change has any of these bits")]

use std::ffi::OsStr;
use std::io;
#[cfg(any(unix, target_os = "wasi"))]
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use crate::error::watches;

pub(crate) const ATTRIBUTES: u32 = 1;
pub(crate) const CLOSED_AFTER_WRITE: u32 = 1 << 1;
pub(crate) const CREATED: u32 = 1 << 2;
pub(crate) const DELETED: u32 = 1 << 3;
pub(crate) const ENDED: u32 = 1 << 4;
pub(crate) const MODIFIED: u32 = 1 << 5;
pub(crate) const MOVED_FROM: u32 = 1 << 6;
pub(crate) const MOVED_TO: u32 = 1 << 7;
pub(crate) const OVERFLOW: u32 = 1 << 8;
pub(crate) const SELF_DELETED: u32 = 1 << 9;
pub(crate) const SELF_MOVED: u32 = 1 << 10;
pub(crate) const UNMOUNTED: u32 = 1 << 11;
pub(crate) const ACCESSED: u32 = 1 << 12;
pub(crate) const CLOSED_WITHOUT_WRITE: u32 = 1 << 13;
pub(crate) const OPENED: u32 = 1 << 14;

pub(crate) const LINK_ITSELF: u32 = 1 << 15;
pub(crate) const MORE_KINDS: u32 = 1 << 16;
pub(crate) const ONLY_DIRECTORIES: u32 = 1 << 17;

/// The kinds that this system does not tell: none is watched at all.
pub(crate) const UNTOLD: u32 = 0;

#[derive(Debug)]
pub(crate) enum Watcher {}

impl Watcher {
    pub(crate) fn new() -> io::Result<Watcher> {
        Err(watches::no_watches())
    }

    pub(crate) fn add(&self, _: &Path, _: u32) -> io::Result<i32> {
        match *self {}
    }

    pub(crate) fn remove(&self, _: i32) -> io::Result<()> {
        match *self {}
    }
}

#[cfg(any(unix, target_os = "wasi"))]
impl AsFd for Watcher {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match *self {}
    }
}

#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(crate) watch: i32,
    pub(crate) bit: u32,
    pub(crate) cookie: u32,
    pub(crate) is_directory: bool,
    pub(crate) name: Option<&'a OsStr>,
}

#[derive(Debug)]
pub(crate) struct Records;

impl Records {
    pub(crate) fn new() -> Records {
        Records
    }

    pub(crate) fn next(&mut self, watcher: &Watcher) -> io::Result<Record<'_>> {
        match *watcher {}
    }
}
