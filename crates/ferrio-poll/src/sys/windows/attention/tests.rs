//! What each state makes of a signal.

use std::panic::{self, AssertUnwindSafe};

use super::Attention;

#[test]
fn a_signal_is_a_mark_during_a_delivery_only() {
    let attention = Attention::default();
    assert!(!attention.signal());
    assert!(!attention.during(|| {}));
    assert!(attention.during(|| {
        assert!(attention.signal());
        assert!(attention.signal());
    }));
    assert!(!attention.during(|| {}));
    assert!(!attention.signal());
}

#[test]
fn a_delivery_that_panics_has_ended() {
    let attention = Attention::default();
    let deliver = || attention.during(|| panic!("in the midst of it"));
    assert!(panic::catch_unwind(AssertUnwindSafe(deliver)).is_err());
    assert!(!attention.signal(), "nobody would look at the mark");
}
