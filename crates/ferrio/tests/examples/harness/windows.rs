//! What Windows tells of an example.

use crate::harness::Example;

impl Example {
    /// Not to be had without a call of the system.
    pub(crate) fn resident_kib(&self) -> Option<u64> {
        None
    }
}
