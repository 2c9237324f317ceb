//! Random sequences of changes, reports and closes.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Operation {
    Register {
        fd: usize,
        interest: Interest,
        mode: Mode,
    },
    Reregister {
        fd: usize,
        interest: Interest,
        mode: Mode,
    },
    Deregister {
        fd: usize,
    },
    /// Closes without deregistering; the number is used again at once.
    Reopen {
        fd: usize,
        is_broken: bool,
    },
    Readable {
        fd: usize,
        now: bool,
    },
    Writable {
        fd: usize,
        now: bool,
    },
    End {
        fd: usize,
    },
    Wait {
        room: usize,
    },
}

/// What is expected of a registration.
#[derive(Clone, Debug)]
struct Expected {
    token: usize,
    interest: Interest,
    mode: Mode,
    /// What there is to read, or the end, was not reported yet.
    is_read_news: bool,
    /// The same of what can be written.
    is_write_news: bool,
    /// A oneshot that was not reported yet.
    is_armed: bool,
}

const FDS: usize = 4;

fn operation() -> impl Strategy<Value = Operation> {
    let fd = || 0..FDS;
    let interest = || {
        prop_oneof![
            Just(Interest::READABLE),
            Just(Interest::WRITABLE),
            Just(both()),
            Just(Interest::HANGUP),
            Just(Interest::HANGUP | Interest::WRITABLE),
        ]
    };
    let mode = || prop_oneof![Just(Mode::Edge), Just(Mode::Level), Just(Mode::Oneshot)];
    prop_oneof![
        3 => (fd(), interest(), mode()).prop_map(|(fd, interest, mode)| Operation::Register { fd, interest, mode }),
        3 => (fd(), interest(), mode())
            .prop_map(|(fd, interest, mode)| Operation::Reregister { fd, interest, mode }),
        1 => fd().prop_map(|fd| Operation::Deregister { fd }),
        1 => (fd(), any::<bool>()).prop_map(|(fd, is_broken)| Operation::Reopen { fd, is_broken }),
        4 => (fd(), any::<bool>()).prop_map(|(fd, now)| Operation::Readable { fd, now }),
        2 => (fd(), any::<bool>()).prop_map(|(fd, now)| Operation::Writable { fd, now }),
        1 => fd().prop_map(|fd| Operation::End { fd }),
        4 => (1..8_usize).prop_map(|room| Operation::Wait { room }),
    ]
}

/// The selector, and what is expected of it.
struct World {
    case: Case,
    expected: BTreeMap<usize, Expected>,
    last_token: usize,
    /// The last list was full, so that it may have held a part of a source.
    was_full: bool,
}

impl World {
    fn new() -> World {
        World { case: Case::new(FDS), expected: BTreeMap::new(), last_token: 0, was_full: false }
    }

    fn run(&mut self, operation: &Operation) {
        match *operation {
            Operation::Register { fd, interest, mode } => {
                let token = self.next_token();
                let result = self.case.register(FD + fd, token, interest, mode);
                match self.expected.get(&fd) {
                    // A pipe that the kernel refused is not registered there.
                    Some(_) if self.file(fd).is_broken && result.is_ok() => {
                        self.expect(fd, token, interest, mode)
                    }
                    Some(_) => assert_eq!(result.unwrap_err().kind(), io::ErrorKind::AlreadyExists),
                    None => {
                        result.unwrap();
                        self.expect(fd, token, interest, mode);
                    }
                }
            }
            Operation::Reregister { fd, interest, mode } => {
                let token = self.next_token();
                let result = self.case.reregister(FD + fd, token, interest, mode);
                if self.expected.contains_key(&fd) {
                    result.unwrap();
                    self.expect(fd, token, interest, mode);
                } else {
                    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::NotFound);
                }
            }
            Operation::Deregister { fd } => {
                let result = self.case.kqueue.deregister(borrowed(FD + fd));
                assert_eq!(result.is_ok(), self.expected.remove(&fd).is_some(), "{result:?}");
            }
            Operation::Reopen { fd, is_broken } => {
                self.case.state(|state| {
                    state.close(FD + fd);
                    state.open(FD + fd);
                    state.files.get_mut(&(FD + fd)).unwrap().is_broken = is_broken;
                });
                // What was kept of it goes with the next registration: a closed descriptor that
                // was not deregistered may be reported, if it was a broken pipe.
                if self.expected.remove(&fd).is_some() {
                    let _ = self.case.kqueue.deregister(borrowed(FD + fd));
                }
            }
            Operation::Readable { fd, now } => self.alter(fd, Filter::Read, |file| file.is_readable = now),
            Operation::Writable { fd, now } if !self.file(fd).is_broken => {
                self.alter(fd, Filter::Write, |file| file.is_writable = now);
            }
            // A broken pipe is both already.
            Operation::Writable { .. } => {}
            Operation::End { fd } if self.file(fd).is_broken => {}
            Operation::End { fd } => self.alter(fd, Filter::Read, |file| file.is_ended = true),
            Operation::Wait { room } => self.wait(room),
        }
    }

    fn next_token(&mut self) -> usize {
        self.last_token += 1;
        self.last_token
    }

    fn file(&self, fd: usize) -> File {
        self.case.state(|state| state.files[&(FD + fd)])
    }

    fn expect(&mut self, fd: usize, token: usize, interest: Interest, mode: Mode) {
        self.expected.insert(
            fd,
            Expected { token, interest, mode, is_read_news: true, is_write_news: true, is_armed: true },
        );
    }

    fn alter(&mut self, fd: usize, filter: Filter, change: impl FnOnce(&mut File)) {
        self.case.alter(FD + fd, filter, change);
        let file = self.file(fd);
        if let Some(expected) = self.expected.get_mut(&fd) {
            // What is no longer there is no news either.
            match filter {
                Filter::Read => expected.is_read_news = is_read_ready(expected.interest, file),
                _ => expected.is_write_news = is_write_ready(expected.interest, file),
            }
            if file.is_ended {
                (expected.is_read_news, expected.is_write_news) = (true, true);
            }
        }
    }

    fn wait(&mut self, room: usize) {
        let events = self.case.wait(room);
        let tokens: Vec<_> = events.iter().map(|(token, _)| *token).collect();
        for (token, found) in events {
            let known = self.expected.iter_mut().find(|(_, expected)| expected.token == token);
            let (fd, expected) = known.unwrap_or_else(|| panic!("a stale token: {token}"));
            let file = self.case.kqueue.queue.state().files[&(FD + *fd)];
            assert!(
                expected.is_due(file) || expected.mode == Mode::Edge && self.was_full,
                "{expected:?} was reported again"
            );
            if !expected.interest.is_readable() {
                assert!(!event::is_readable(&found), "{expected:?} {found:?}");
            }
            (expected.is_read_news, expected.is_write_news, expected.is_armed) = (false, false, false);
        }
        if tokens.len() < room {
            self.expect_nothing_left(&tokens);
        }
        let mut single = tokens.clone();
        single.dedup();
        assert_eq!(single, tokens, "a source came twice");
        self.was_full = tokens.len() == room;
    }

    /// All that is due was reported.
    fn expect_nothing_left(&self, reported: &[usize]) {
        for (fd, expected) in &self.expected {
            let is_due = expected.is_due(self.file(*fd));
            assert!(!is_due || reported.contains(&expected.token), "{expected:?} is missing");
        }
    }
}

impl Expected {
    fn is_due(&self, file: File) -> bool {
        let (read, write) = (is_read_ready(self.interest, file), is_write_ready(self.interest, file));
        match self.mode {
            Mode::Edge => self.is_read_news && read || self.is_write_news && write,
            Mode::Level => read || write,
            Mode::Oneshot => self.is_armed && (read || write),
        }
    }
}

fn is_read_ready(interest: Interest, file: File) -> bool {
    let is_end_watched = interest.is_readable() || interest.is_hangup();
    interest.is_readable() && file.is_readable || is_end_watched && file.is_ended
}

fn is_write_ready(interest: Interest, file: File) -> bool {
    interest.is_writable() && (file.is_writable || file.is_broken || file.is_ended)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_stale_or_doubled_in_any_order(operations in vec(operation(), 1..60)) {
        let mut world = World::new();
        for operation in &operations {
            world.run(operation);
        }
    }
}
