//! The mark of the wake descriptor.

use rustix::io::{read, write};

use super::*;
use crate::sys::epoll::event::{self, EMPTY};
use crate::sys::epoll::wake::{MARKS, signal_from_empty};
use crate::sys::unix::pipe;
use crate::sys::unix::wake_fd::WakeFd;

/// Waits a moment, and returns the tokens that were found and whether it was woken.
fn look(epoll: &Epoll) -> (Vec<Token>, bool) {
    let mut events = [EMPTY; 4];
    let found = epoll.wait(&mut events, Some(Duration::from_millis(20))).unwrap();
    (events[..found.count].iter().map(event::token).collect(), found.woken)
}

#[test]
fn a_user_may_take_every_mark_but_one() {
    let epoll = Epoll::new().unwrap();
    for place in 0..u64::from(MARKS) - 1 {
        let (reader, writer) = pipe::new().unwrap();
        let token = epoll.wake.mark(place);
        epoll.register(reader.as_fd(), token, Interest::READABLE, Mode::Edge).unwrap();
        // A wake that the move of its mark repeats is allowed, and no event.
        assert_eq!(look(&epoll).0, []);
        write(&writer, b"!").unwrap();
        epoll.signal().unwrap();
        assert_eq!(look(&epoll), (vec![token], true), "mark {place}");
        epoll.deregister(reader.as_fd()).unwrap();
    }
    let (reader, _writer) = pipe::new().unwrap();
    let last = epoll.wake.mark(u64::from(MARKS) - 1);
    let registered = epoll.register(reader.as_fd(), last, Interest::READABLE, Mode::Edge);
    if usize::BITS == 32 {
        // No token is as long as a mark.
        registered.unwrap();
    } else {
        let error = registered.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{error}");
    }
    epoll.signal().unwrap();
    assert_eq!(look(&epoll), (vec![], true));
}

#[test]
fn a_mark_that_is_not_in_use_is_a_token_like_any_other() {
    let epoll = Epoll::new().unwrap();
    let (reader, writer) = pipe::new().unwrap();
    let token = epoll.wake.mark(3);
    epoll.register(reader.as_fd(), token, Interest::READABLE, Mode::Edge).unwrap();
    write(&writer, b"!").unwrap();
    assert_eq!(look(&epoll), (vec![token], false));
    epoll.signal().unwrap();
    assert_eq!(look(&epoll), (vec![], true));
}

#[test]
fn reregistration_claims_a_mark_as_well() {
    let epoll = Epoll::new().unwrap();
    let (reader, writer) = pipe::new().unwrap();
    epoll.register(reader.as_fd(), Token(1), Interest::READABLE, Mode::Edge).unwrap();
    let token = epoll.wake.mark(0);
    epoll.reregister(reader.as_fd(), token, Interest::READABLE, Mode::Edge).unwrap();
    look(&epoll);
    write(&writer, b"!").unwrap();
    assert_eq!(look(&epoll), (vec![token], false));
}

#[test]
fn a_level_is_not_reported_twice_in_a_list_that_a_wake_has_filled() {
    let epoll = Epoll::new().unwrap();
    let pipes: Vec<_> = (0..2).map(|_| pipe::new().unwrap()).collect();
    for (place, (reader, writer)) in pipes.iter().enumerate() {
        epoll.register(reader.as_fd(), Token(place), Interest::READABLE, Mode::Level).unwrap();
        write(writer, b"!").unwrap();
    }
    for _ in 0..50 {
        epoll.signal().unwrap();
        let mut events = [EMPTY; 2];
        let found = epoll.wait(&mut events, Some(Duration::from_millis(20))).unwrap();
        let tokens: Vec<_> = events[..found.count].iter().map(event::token).collect();
        assert!(tokens.len() < 2 || tokens[0] != tokens[1], "{tokens:?}");
    }
}

#[test]
fn a_signal_from_empty_leaves_one_signal() {
    for fd in [WakeFd::new().unwrap(), WakeFd::new_pipe().unwrap()] {
        for _ in 0..3 {
            signal_from_empty(&fd).unwrap();
        }
        let mut buffer = [0; 16];
        let signals = match read(fd.reader(), &mut buffer[..]).unwrap() {
            8 => u64::from_ne_bytes(buffer[..8].try_into().unwrap()),
            count => count as u64,
        };
        assert_eq!(signals, 1, "{fd:?}");
    }
}
