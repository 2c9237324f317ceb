//! The limit of descriptors, which is that of the whole process.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Sets the limit to what `wanted` makes of it, but not above what the system allows. Gives the
/// limit that it was; `None` is none.
pub(crate) fn set(wanted: impl FnOnce(Option<u64>) -> Option<u64>) -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let current = wanted(limit.current).into_iter().chain(limit.maximum).min();
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
    limit.current
}
