//! The selector on a model of a kqueue.

mod any_order;
mod faults;
mod races;

use std::os::fd::{BorrowedFd, RawFd};
use std::sync::Arc;

use rustix::io::Errno;

use super::model::{File, State};
use super::*;
use crate::sys::descriptor;
use crate::sys::unix::event;

/// A selector on a model, and the memory of its waits.
struct Case {
    kqueue: Arc<Kqueue>,
    scratch: Scratch,
}

/// A number that no open file of this process has.
const FD: usize = 3000;

impl Case {
    /// With `count` open files from [`FD`] on.
    fn new(count: usize) -> Case {
        let kqueue = Arc::new(Kqueue::new().unwrap());
        (FD..FD + count).for_each(|fd| kqueue.queue.state().open(fd));
        Case { kqueue, scratch: Scratch::default() }
    }

    fn register(&self, fd: usize, token: usize, interest: Interest, mode: Mode) -> io::Result<()> {
        self.kqueue.register(borrowed(fd), Token(token), interest, mode)
    }

    fn reregister(&self, fd: usize, token: usize, interest: Interest, mode: Mode) -> io::Result<()> {
        self.kqueue.reregister(borrowed(fd), Token(token), interest, mode)
    }

    fn alter(&self, fd: usize, filter: Filter, change: impl FnOnce(&mut File)) {
        self.kqueue.queue.state().alter(fd, filter, change);
    }

    fn state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.kqueue.queue.state())
    }

    /// What a wait with room for `room` reports, by token, sorted.
    fn wait(&mut self, room: usize) -> Vec<(usize, Event)> {
        let mut events = vec![event::EMPTY; room];
        let found = self.kqueue.wait(&mut self.scratch, &mut events, Some(Duration::ZERO)).unwrap();
        let mut all: Vec<_> =
            events[..found.count].iter().map(|event| (event::token(event).0, *event)).collect();
        all.sort_by_key(|(token, _)| *token);
        all
    }

    /// The tokens that a wait with room for `room` reports, sorted.
    fn tokens(&mut self, room: usize) -> Vec<usize> {
        self.wait(room).into_iter().map(|(token, _)| token).collect()
    }
}

fn borrowed(fd: usize) -> BorrowedFd<'static> {
    descriptor::borrow(RawFd::try_from(fd).unwrap()).unwrap()
}

fn both() -> Interest {
    Interest::READABLE | Interest::WRITABLE
}

#[test]
fn the_parts_of_a_source_are_one_event() {
    let mut case = Case::new(2);
    case.register(FD, 1, both() | Interest::PRIORITY, Mode::Edge).unwrap();
    case.register(FD + 1, 2, both(), Mode::Edge).unwrap();
    case.alter(FD, Filter::Read, |file| file.is_readable = true);
    case.alter(FD, Filter::Except, |file| file.is_urgent = true);
    let events = case.wait(8);
    assert_eq!(events.len(), 2, "{events:?}");
    let (_, first) = &events[0];
    assert!(event::is_readable(first) && event::is_writable(first) && event::is_priority(first));
    assert!(!event::is_readable(&events[1].1));
}

#[test]
fn the_room_that_merging_frees_is_filled_by_another_look() {
    let mut case = Case::new(3);
    for n in 0..3 {
        case.register(FD + n, n, both(), Mode::Edge).unwrap();
        case.alter(FD + n, Filter::Read, |file| file.is_readable = true);
    }
    // Six parts of three sources.
    assert_eq!(case.tokens(3), [0, 1, 2]);
    // A full list may have had a part of the last one.
    assert!(case.tokens(3).len() <= 1);
    assert!(case.tokens(3).is_empty());
}

#[test]
fn a_full_batch_of_sources_that_are_ready_both_ways_loses_and_repeats_nothing() {
    const COUNT: usize = 50;
    for mode in [Mode::Edge, Mode::Oneshot] {
        for room in [1, 3, 7, COUNT] {
            let mut case = Case::new(COUNT);
            for n in 0..COUNT {
                case.register(FD + n, n, both(), mode).unwrap();
                case.alter(FD + n, Filter::Read, |file| file.is_readable = true);
            }
            let mut seen = vec![(0, false, false); COUNT];
            // Each source comes once, or in two parts where a list ended between them.
            for _ in 0..2 * COUNT {
                for (token, event) in case.wait(room) {
                    let (count, is_read, is_written) = &mut seen[token];
                    *count += 1;
                    *is_read |= event::is_readable(&event);
                    *is_written |= event::is_writable(&event);
                }
            }
            let are_whole = seen.iter().all(|(_, is_read, is_written)| *is_read && *is_written);
            assert!(mode == Mode::Oneshot || are_whole, "{room}: {seen:?}");
            let most = if mode == Mode::Oneshot { 1 } else { 2 };
            assert!(seen.iter().all(|(count, ..)| (1..=most).contains(count)), "{mode:?} {room}: {seen:?}");
        }
    }
}

#[test]
fn a_wake_takes_no_place_and_no_token() {
    for room in [1, 2] {
        let mut case = Case::new(1);
        case.register(FD, 0, Interest::WRITABLE, Mode::Edge).unwrap();
        case.kqueue.signal().unwrap();
        let mut events = vec![event::EMPTY; room];
        let found = case.kqueue.wait(&mut case.scratch, &mut events, Some(Duration::ZERO)).unwrap();
        assert_eq!((found.count, found.woken), (1, true));
        assert_eq!(event::token(&events[0]), Token(0));
    }
}

#[test]
fn a_oneshot_of_both_directions_is_disarmed_as_a_whole() {
    let mut case = Case::new(1);
    case.alter(FD, Filter::Write, |file| file.is_writable = false);
    case.register(FD, 1, both(), Mode::Oneshot).unwrap();
    case.alter(FD, Filter::Read, |file| file.is_readable = true);
    assert_eq!(case.tokens(4), [1]);
    case.alter(FD, Filter::Write, |file| file.is_writable = true);
    assert!(case.tokens(4).is_empty());
    case.reregister(FD, 2, both(), Mode::Oneshot).unwrap();
    let events = case.wait(4);
    assert!(event::is_readable(&events[0].1) && event::is_writable(&events[0].1), "{events:?}");
}

#[test]
fn what_comes_before_an_end_is_no_event_for_one_who_waits_for_the_end() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        let mut case = Case::new(1);
        case.register(FD, 1, Interest::HANGUP, mode).unwrap();
        for _ in 0..3 {
            case.alter(FD, Filter::Read, |file| file.is_readable = true);
            assert!(case.tokens(4).is_empty(), "{mode:?}");
        }
        case.alter(FD, Filter::Read, |file| file.is_ended = true);
        let events = case.wait(4);
        assert_eq!(events.len(), 1, "{mode:?}");
        assert!(event::is_read_closed(&events[0].1) && !event::is_readable(&events[0].1));
        assert_eq!(case.tokens(4).len(), usize::from(mode == Mode::Level), "{mode:?}");
        assert_eq!(case.tokens(4).len(), usize::from(mode == Mode::Level), "{mode:?}");
    }
}

#[test]
fn a_level_whose_end_was_undone_waits_for_the_next_one() {
    let mut case = Case::new(1);
    case.register(FD, 1, Interest::HANGUP, Mode::Level).unwrap();
    case.alter(FD, Filter::Read, |file| file.is_ended = true);
    assert_eq!(case.tokens(4), [1]);
    // A FIFO has a writer again.
    case.alter(FD, Filter::Read, |file| (file.is_ended, file.is_readable) = (false, true));
    assert!(case.tokens(4).is_empty());
    assert!(case.tokens(4).is_empty());
    case.alter(FD, Filter::Read, |file| file.is_ended = true);
    assert_eq!(case.tokens(4), [1]);
    assert_eq!(case.tokens(4), [1]);
}

#[test]
fn a_pipe_that_lost_its_reader_before_is_reported_in_its_mode() {
    for (mode, again) in [(Mode::Edge, 0), (Mode::Level, 1), (Mode::Oneshot, 0)] {
        let mut case = Case::new(1);
        case.state(|state| state.files.get_mut(&FD).unwrap().is_broken = true);
        case.register(FD, 1, Interest::WRITABLE, mode).unwrap();
        let events = case.wait(4);
        assert!(event::is_write_closed(&events[0].1) && event::is_writable(&events[0].1));
        assert_eq!(case.tokens(4).len(), again, "{mode:?}");
        case.reregister(FD, 2, Interest::WRITABLE, mode).unwrap();
        assert_eq!(case.tokens(4), [2]);
        case.kqueue.deregister(borrowed(FD)).unwrap();
        assert!(case.tokens(4).is_empty());
        assert_eq!(case.kqueue.deregister(borrowed(FD)).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

#[test]
fn broken_pipes_and_others_share_a_small_list() {
    for room in [1, 2] {
        let mut case = Case::new(4);
        for n in 0..2 {
            case.state(|state| state.files.get_mut(&(FD + n)).unwrap().is_broken = true);
        }
        for n in 0..4 {
            case.register(FD + n, n, Interest::WRITABLE, Mode::Level).unwrap();
        }
        let mut seen: Vec<_> = (0..8).flat_map(|_| case.tokens(room)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [0, 1, 2, 3], "room for {room}");
    }
}

#[test]
fn a_number_that_was_closed_and_used_again_is_new() {
    let mut case = Case::new(1);
    for interest in [both(), Interest::HANGUP] {
        case.register(FD, 1, interest, Mode::Oneshot).unwrap();
        case.state(|state| state.close(FD));
        case.state(|state| state.open(FD));
        case.register(FD, 2, Interest::READABLE, Mode::Edge).unwrap();
        case.alter(FD, Filter::Read, |file| file.is_readable = true);
        let events = case.wait(4);
        assert_eq!(events.len(), 1);
        assert!(events[0].0 == 2 && event::is_readable(&events[0].1), "{events:?}");
        case.kqueue.deregister(borrowed(FD)).unwrap();
    }
}

#[test]
fn an_event_of_aio_has_no_descriptor() {
    let mut case = Case::new(0);
    let kevent = Kevent { udata: 7, ..Kevent::new(usize::MAX, Filter::Aio, 0) };
    case.scratch.begin();
    case.scratch.found = vec![kevent, kevent];
    let mut events = [event::EMPTY; 2];
    let mut batch = Batch { events: &mut events, count: 0, woken: false, is_news: false };
    case.kqueue.take(&mut case.scratch, &mut batch);
    assert_eq!(batch.count, 2);
    assert!(event::is_aio(&events[0]) && event::token(&events[1]) == Token(7));
    assert!(case.scratch.places.is_empty());
}
