//! What is asked of the kernel, and what is made of its answers.

use super::*;

const FD: usize = 7;
const TOKEN: Token = Token(usize::MAX);

/// Filter and mode of each change that registers `interest`.
fn adds(interest: Interest, mode: Mode) -> Vec<(Filter, u16)> {
    let wish = Wish::new(interest, mode).unwrap();
    let changes = wish.adds(FD, TOKEN);
    for change in changes.iter() {
        assert!(change.has(EV_ADD | EV_ENABLE | EV_RECEIPT), "{change:?}");
        assert_eq!((change.ident, change.udata), (FD, usize::MAX));
        let notes = match change.filter {
            Filter::Except => NOTE_OOB.unwrap(),
            Filter::Read if wish.only_end => NOTE_LOWAT,
            _ => 0,
        };
        assert_eq!(change.fflags, notes, "{change:?}");
    }
    changes.iter().map(|change| (change.filter, change.flags & !ADD)).collect()
}

#[test]
fn each_interest_has_its_filters_in_each_mode() {
    use Filter::{Except, Read, Write};
    let (r, w, p, h) = (Interest::READABLE, Interest::WRITABLE, Interest::PRIORITY, Interest::HANGUP);
    let both = EV_DISPATCH | EV_CLEAR;
    for (interest, filters, ends) in [
        (r, &[Read][..], false),
        (w, &[Write], false),
        (r | w, &[Read, Write], false),
        (r | h, &[Read], false),
        (h, &[Read], true),
        (w | h, &[Read, Write], true),
        (p, &[Read, Except], true),
        (r | p, &[Read, Except], false),
        (w | p, &[Write, Except], false),
        (r | w | p | h, &[Read, Write, Except], false),
    ] {
        for (mode, single, several) in
            [(Mode::Edge, EV_CLEAR, EV_CLEAR), (Mode::Level, 0, 0), (Mode::Oneshot, EV_DISPATCH, both)]
        {
            let is_shared = filters.len() > 1;
            let flags = |filter: Filter| match (filter, ends, mode) {
                // Until the end has come.
                (Read, true, _) => EV_CLEAR,
                _ if is_shared => several,
                _ => single,
            };
            let expected: Vec<_> = filters.iter().map(|filter| (*filter, flags(*filter))).collect();
            assert_eq!(adds(interest, mode), expected, "{interest:?} {mode:?}");
        }
    }
}

#[test]
fn a_change_deletes_every_filter() {
    let deletes = deletes(FD);
    let filters: Vec<_> = deletes.iter().map(|change| change.filter).collect();
    assert_eq!(filters, watched_filters().collect::<Vec<_>>());
    assert!(deletes.iter().all(|change| change.flags == EV_DELETE | EV_RECEIPT));
}

#[test]
fn the_siblings_of_an_event_are_disabled_and_not_itself() {
    let event = Kevent { udata: 5, ..Kevent::new(FD, Filter::Write, EV_DISPATCH | EV_CLEAR) };
    assert!(disarms_siblings(&event));
    assert!(!disarms_siblings(&Kevent { flags: EV_DISPATCH, ..event }));
    assert!(!disarms_siblings(&Kevent { flags: EV_CLEAR, ..event }));
    let disabled: Vec<_> = disables(&event).map(|change| (change.filter, change.udata)).collect();
    assert_eq!(disabled, [(Filter::Read, 5), (Filter::Except, 5)]);
    // An end that was watched is not disarmed by the kernel.
    assert_eq!(disables(&Kevent { flags: EV_CLEAR, ..event }).count(), 3);
}

/// What the kernel says, and what is made of it.
#[test]
fn events_say_what_the_kernel_said() {
    let answers = |kevent: &Kevent| {
        let event = event(kevent);
        let answers = [
            ("readable", event::is_readable(&event)),
            ("writable", event::is_writable(&event)),
            ("error", event::is_error(&event)),
            ("read closed", event::is_read_closed(&event)),
            ("write closed", event::is_write_closed(&event)),
            ("priority", event::is_priority(&event)),
            ("aio", event::is_aio(&event)),
            ("lio", event::is_lio(&event)),
            ("hang-up", event::raw(&event).hangup),
        ];
        answers.into_iter().filter_map(|(name, is_so)| is_so.then_some(name)).collect::<Vec<_>>()
    };
    for (filter, flags, fflags, expected) in [
        (Filter::Read, 0, 0, &["readable"][..]),
        (Filter::Read, EV_EOF, 0, &["readable", "read closed"]),
        (Filter::Read, EV_EOF, 54, &["readable", "error", "read closed", "write closed", "hang-up"]),
        (Filter::Write, EV_CLEAR, 0, &["writable"]),
        (Filter::Write, EV_EOF, 0, &["writable", "write closed"]),
        (Filter::Write, EV_EOF, 61, &["writable", "error", "read closed", "write closed", "hang-up"]),
        (Filter::Except, 0, 2, &["readable", "priority"]),
        (Filter::Aio, 0, 0, &["aio"]),
        (Filter::Lio, 0, 0, &["lio"]),
    ] {
        let kevent = Kevent { fflags, udata: 3, ..Kevent::new(FD, filter, flags) };
        assert_eq!(answers(&kevent), expected, "{kevent:?}");
        assert_eq!(event::token(&event(&kevent)), Token(3));
    }
}

#[test]
fn an_end_that_was_watched_alone_is_not_readable() {
    let event = end_event(&Kevent::new(FD, Filter::Read, EV_EOF));
    assert!(event::is_read_closed(&event) && !event::is_readable(&event));
}
