//! What another thread does between the kernel's report and the selector's answer.

use super::super::model::Hook;
use super::*;

/// Has `action` done once the kernel has reported.
fn meanwhile(case: &Case, action: impl FnOnce(&Kqueue) + Send + 'static) {
    let kqueue = Arc::clone(&case.kqueue);
    case.state(|state| state.after_wait = Some(Hook(Box::new(move || action(&kqueue)))));
}

#[test]
fn a_oneshot_registered_anew_while_it_is_reported_stays_armed() {
    let mut case = Case::new(1);
    case.alter(FD, Filter::Write, |file| file.is_writable = false);
    case.register(FD, 1, both(), Mode::Oneshot).unwrap();
    case.alter(FD, Filter::Read, |file| file.is_readable = true);
    meanwhile(&case, |kqueue| {
        // Its reader took what there was.
        kqueue.queue.state().alter(FD, Filter::Read, |file| file.is_readable = false);
        kqueue.reregister(borrowed(FD), Token(2), both(), Mode::Oneshot).unwrap();
    });
    assert!(case.tokens(4).is_empty(), "the old event is not that of the new registration");
    case.alter(FD, Filter::Write, |file| file.is_writable = true);
    assert_eq!(case.tokens(4), [2]);
}

#[test]
fn readiness_that_is_still_there_is_reported_with_the_new_token() {
    let mut case = Case::new(1);
    case.register(FD, 1, both(), Mode::Oneshot).unwrap();
    meanwhile(&case, |kqueue| {
        kqueue.reregister(borrowed(FD), Token(2), both(), Mode::Oneshot).unwrap();
    });
    // The first look was of the old one.
    let mut seen = case.tokens(4);
    seen.extend(case.tokens(4));
    assert_eq!(seen, [2]);
}

#[test]
fn the_number_of_a_oneshot_that_is_used_again_is_not_disarmed() {
    let mut case = Case::new(1);
    case.register(FD, 1, both(), Mode::Oneshot).unwrap();
    meanwhile(&case, |kqueue| {
        kqueue.queue.state().close(FD);
        kqueue.queue.state().open(FD);
        kqueue.register(borrowed(FD), Token(2), Interest::READABLE, Mode::Edge).unwrap();
    });
    case.tokens(4);
    case.alter(FD, Filter::Read, |file| file.is_readable = true);
    assert_eq!(case.tokens(4), [2]);
}

#[test]
fn a_oneshot_that_is_deregistered_while_it_is_reported_stays_so() {
    let mut case = Case::new(1);
    case.register(FD, 1, both(), Mode::Oneshot).unwrap();
    meanwhile(&case, |kqueue| kqueue.deregister(borrowed(FD)).unwrap());
    case.tokens(4);
    assert_eq!(case.state(|state| state.count(FD)), 0);
    case.alter(FD, Filter::Read, |file| file.is_readable = true);
    assert!(case.tokens(4).is_empty());
}

#[test]
fn a_wait_in_which_all_was_dropped_goes_on() {
    let mut case = Case::new(1);
    case.register(FD, 1, both(), Mode::Oneshot).unwrap();
    meanwhile(&case, |kqueue| {
        kqueue.reregister(borrowed(FD), Token(2), both(), Mode::Oneshot).unwrap();
    });
    let mut events = [event::EMPTY; 4];
    let timeout = Some(Duration::from_secs(30));
    let found = case.kqueue.wait(&mut case.scratch, &mut events, timeout).unwrap();
    assert_eq!((found.count, event::token(&events[0])), (1, Token(2)));
}

#[test]
fn changes_between_waits_are_not_remembered() {
    let mut case = Case::new(1);
    case.register(FD, 1, both(), Mode::Oneshot).unwrap();
    assert_eq!(case.tokens(4), [1]);
    for token in 2..100 {
        case.reregister(FD, token, both(), Mode::Oneshot).unwrap();
    }
    let kept = format!("{:?}", case.kqueue.kept);
    assert!(kept.contains("changed: []"), "{kept}");
    assert_eq!(case.tokens(4), [99]);
}
