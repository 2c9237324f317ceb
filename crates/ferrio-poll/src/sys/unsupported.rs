//! No system at all: everything above `sys` is type-checked against it, by
//! `--cfg ferrio_check_unsupported`, for systems that have no backend yet.
//!
//! No program is meant to run with it. If one does, each call that would need a kernel is an
//! `Unsupported` error.
#![allow(dead_code, reason = "it states the contract, whatever of it a target uses")]

pub(crate) mod event;
pub(crate) mod fork;
pub(crate) mod handle;
pub(crate) mod hooks;
pub(crate) mod selector;
#[cfg(feature = "signal")]
pub(crate) mod signal;
pub(crate) mod socket;
#[cfg(windows)]
pub(crate) mod waitable;

pub(crate) use crate::sys::absent::{child, error_queue, wall_timer, watch};
use crate::sys::backend::Backend;
pub(crate) use crate::sys::plain_datagrams as datagrams;

/// A Poll has to have a default backend; making it is an error.
pub(crate) const CANDIDATES: &[Backend] = &[Backend::Poll2];
