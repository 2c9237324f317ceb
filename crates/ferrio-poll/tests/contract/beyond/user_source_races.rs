//! User sources that are fired, taken and changed at the same time.

use std::thread;

use mio::user;
use mio::{Interest, Mode, Token};

use crate::harness::system::processor_time;
use crate::harness::{SILENCE, expect_no_events, expect_one_event, in_own_process, poll_with_events};

const USER: Token = Token(9);

#[test]
fn what_is_no_longer_asked_for_spends_no_shot() {
    for is_deregistered in [false, true] {
        let (mut poll, mut events) = poll_with_events();
        let (mut source, trigger) = user::source();
        let registry = poll.registry();
        registry.register_with(&mut source, USER, Interest::READABLE, Mode::Oneshot).unwrap();
        trigger.fire().unwrap();
        if is_deregistered {
            registry.deregister(&mut source).unwrap();
            registry.register_with(&mut source, USER, Interest::WRITABLE, Mode::Oneshot).unwrap();
        } else {
            registry.reregister_with(&mut source, USER, Interest::WRITABLE, Mode::Oneshot).unwrap();
        }
        expect_no_events(&mut poll, &mut events);
        trigger.fire_writable().unwrap();
        let event = expect_one_event(&mut poll, &mut events, USER);
        assert!(event.is_writable() && !event.is_readable(), "{event:?}");
    }
}

#[test]
fn a_level_that_is_no_longer_asked_for_lets_the_poll_sleep() {
    let test = "beyond::user_source_races::a_level_that_is_no_longer_asked_for_lets_the_poll_sleep";
    in_own_process(test, || {
        let (mut poll, mut events) = poll_with_events();
        let (mut source, trigger) = user::source();
        let registry = poll.registry();
        registry.register_with(&mut source, USER, Interest::READABLE, Mode::Level).unwrap();
        trigger.fire().unwrap();
        registry.reregister_with(&mut source, USER, Interest::WRITABLE, Mode::Level).unwrap();
        let before = processor_time();
        poll.wait(&mut events, Some(10 * SILENCE)).unwrap();
        assert!(events.is_empty(), "{events:?}");
        let busy = processor_time() - before;
        assert!(busy < 5 * SILENCE, "the wait burned {busy:?}");
    });
}

#[test]
fn takes_beside_fires_lose_no_fire_in_any_mode() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        let (mut poll, mut events) = poll_with_events();
        let (mut source, trigger) = user::source();
        poll.registry().register_with(&mut source, USER, Interest::READABLE, mode).unwrap();
        let other = thread::spawn({
            let trigger = trigger.clone();
            move || (0..20_000).for_each(|_| trigger.fire().unwrap())
        });
        // Takes meet fires at every step.
        while !other.is_finished() {
            source.take();
        }
        other.join().unwrap();
        source.take();
        expect_no_events(&mut poll, &mut events);
        trigger.fire().unwrap();
        expect_one_event(&mut poll, &mut events, USER);
        assert_eq!(source.take(), Some(Interest::READABLE), "{mode:?}");
    }
}
