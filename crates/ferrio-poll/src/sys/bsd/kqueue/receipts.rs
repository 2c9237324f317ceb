//! What the kernel answers to a list of changes, each of which asks for a receipt.

use std::io;

use rustix::io::Errno;

use super::kevent::{EV_ERROR, Kevent};
use crate::error::kernel;

/// Puts the number of the error of each change, 0 for none, into its `data`. `result` is what the
/// call that made them wrote: the flags and the value of each receipt, in the order of the changes.
///
/// # Errors
///
/// Those of the call. `Unsupported` for a kernel that writes no receipts: what it wrote are events,
/// which are lost then, and no change is known to be made.
pub(super) fn put(
    changes: &mut [Kevent],
    result: Result<impl ExactSizeIterator<Item = (u16, i64)>, Errno>,
) -> io::Result<()> {
    let receipts = match result {
        Ok(receipts) => receipts,
        // All changes were made, and there is no error to tell of.
        Err(Errno::INTR) => {
            changes.iter_mut().for_each(|change| change.data = 0);
            return Ok(());
        }
        Err(errno) => return Err(errno.into()),
    };
    if receipts.len() != changes.len() {
        return Err(kernel::kqueue_without_receipts());
    }
    for (change, (flags, data)) in changes.iter_mut().zip(receipts) {
        if flags & EV_ERROR == 0 {
            return Err(kernel::kqueue_without_receipts());
        }
        change.data = data;
    }
    Ok(())
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use super::super::kevent::{EV_ADD, EV_RECEIPT, Filter};
    use super::*;

    fn changes() -> [Kevent; 3] {
        let change = Kevent::new(7, Filter::Read, EV_ADD | EV_RECEIPT);
        [Kevent { data: 99, ..change }, change, Kevent { filter: Filter::Write, ..change }]
    }

    fn put(changes: &mut [Kevent], result: Result<Vec<(u16, i64)>, Errno>) -> io::Result<()> {
        super::put(changes, result.map(Vec::into_iter))
    }

    #[test]
    fn each_change_gets_its_own_error() {
        for errno in [Errno::NOENT, Errno::BADF, Errno::PIPE, Errno::NOMEM] {
            let mut changes = changes();
            let code = errno.raw_os_error();
            put(&mut changes, Ok(vec![(EV_ERROR, 0), (EV_ERROR, code.into()), (EV_ERROR, 0)])).unwrap();
            assert_eq!(changes.map(|change| change.error()), [0, code, 0]);
        }
    }

    #[test]
    fn changes_that_a_signal_interrupted_were_made() {
        let mut changes = changes();
        put(&mut changes, Err(Errno::INTR)).unwrap();
        assert_eq!(changes.map(|change| change.error()), [0; 3]);
    }

    #[test]
    fn a_call_that_failed_is_an_error_of_all() {
        for errno in [Errno::BADF, Errno::NOMEM, Errno::FAULT] {
            let error = put(&mut changes(), Err(errno)).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(errno.raw_os_error()));
        }
    }

    #[test]
    fn events_in_place_of_receipts_are_those_of_a_kernel_that_is_too_old() {
        let event = (EV_ADD, 1);
        for written in [vec![], vec![(EV_ERROR, 0); 2], vec![(EV_ERROR, 0), event, (EV_ERROR, 0)]] {
            let error = put(&mut changes(), Ok(written)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            assert!(error.to_string().contains("NetBSD"), "{error}");
        }
    }
}
