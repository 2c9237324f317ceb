//! Edge, level and oneshot mean the same for every source on every backend.

use std::io::{self, Read, Write};

use mio::event::Source;
use mio::user::{self, Trigger, UserSource};
use mio::{Events, Interest, Mode, Poll, Registry, Token};

use crate::harness::facts::closed_peers_end_both_directions;
use crate::harness::skips::is_skipped;
use crate::harness::system::{Stream, stream_pair};
use crate::harness::{
    BOTH, assert_kind, expect_no_events, expect_one_event, poll_with_events, tokens_until_silence,
};
use crate::net_harness::{drain, fill, tcp_pair};
use crate::subject;

const SOURCE: Token = Token(5);

/// A source that can be made ready and drained.
trait Probe: Source {
    fn make_ready(&mut self);
    fn drain(&mut self);
}

struct Socket {
    reader: Stream,
    writer: Stream,
}

impl Probe for Socket {
    fn make_ready(&mut self) {
        self.writer.write_all(b"!").unwrap();
    }

    fn drain(&mut self) {
        drain(&mut self.reader);
    }
}

struct User {
    receiver: UserSource,
    trigger: Trigger,
}

impl Probe for User {
    fn make_ready(&mut self) {
        self.trigger.fire().unwrap();
    }

    fn drain(&mut self) {
        assert!(self.receiver.take().is_some());
    }
}

/// Implements `Source` for `$type`, whose field `$field` is one.
macro_rules! forward {
    ($type:ty, $field:ident) => {
        impl Source for $type {
            fn register(&mut self, registry: &Registry, token: Token, interest: Interest) -> io::Result<()> {
                self.$field.register(registry, token, interest)
            }
            fn reregister(
                &mut self,
                registry: &Registry,
                token: Token,
                interest: Interest,
            ) -> io::Result<()> {
                self.$field.reregister(registry, token, interest)
            }
            fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
                self.$field.deregister(registry)
            }
        }
    };
}

forward!(Socket, reader);
forward!(User, receiver);

/// A source that registers with a registry of its own, as some libraries do.
struct Stubborn {
    inner: Socket,
    registry: Registry,
}

impl Source for Stubborn {
    fn register(&mut self, _: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.registry.register(&mut self.inner, token, interest)
    }
    fn reregister(&mut self, _: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.registry.reregister(&mut self.inner, token, interest)
    }
    fn deregister(&mut self, _: &Registry) -> io::Result<()> {
        self.registry.deregister(&mut self.inner)
    }
}

fn socket() -> Socket {
    let (reader, writer) = stream_pair();
    Socket { reader, writer }
}

/// One source of each kind: the kernel's, and ours.
fn probes() -> Vec<Box<dyn Probe>> {
    let (receiver, trigger) = user::source();
    vec![Box::new(socket()), Box::new(User { receiver, trigger })]
}

fn register(poll: &Poll, source: &mut dyn Probe, mode: Mode) {
    poll.registry().register_with(source, SOURCE, Interest::READABLE, mode).unwrap();
}

/// Runs `check` with each kind of source, registered in `mode` and silent.
fn with_each(mode: Mode, check: impl Fn(&mut Poll, &mut Events, &mut dyn Probe)) {
    for mut probe in probes() {
        let (mut poll, mut events) = poll_with_events();
        register(&poll, &mut *probe, mode);
        expect_no_events(&mut poll, &mut events);
        check(&mut poll, &mut events, &mut *probe);
    }
}

#[test]
fn an_undrained_edge_is_reported_once() {
    with_each(Mode::Edge, |poll, events, probe| {
        probe.make_ready();
        expect_one_event(poll, events, SOURCE);
        expect_no_events(poll, events);
    });
}

#[test]
fn an_undrained_level_is_reported_by_each_poll_and_a_drained_one_is_not() {
    with_each(Mode::Level, |poll, events, probe| {
        probe.make_ready();
        for _ in 0..3 {
            assert!(expect_one_event(poll, events, SOURCE).is_readable());
        }
        probe.drain();
        expect_no_events(poll, events);
    });
}

#[test]
fn a_drained_source_is_reported_anew_as_edge_and_as_level() {
    for mode in [Mode::Edge, Mode::Level] {
        with_each(mode, |poll, events, probe| {
            for _ in 0..3 {
                probe.make_ready();
                expect_one_event(poll, events, SOURCE);
                probe.drain();
                expect_no_events(poll, events);
            }
        });
    }
}

#[test]
fn a_oneshot_is_reported_once_until_it_is_registered_anew() {
    with_each(Mode::Oneshot, |poll, events, probe| {
        probe.make_ready();
        expect_one_event(poll, events, SOURCE);
        expect_no_events(poll, events);
        probe.drain();
        probe.make_ready();
        expect_no_events(poll, events);
        poll.registry().reregister_with(probe, Token(6), Interest::READABLE, Mode::Oneshot).unwrap();
        expect_one_event(poll, events, Token(6));
        expect_no_events(poll, events);
    });
}

#[test]
fn every_mode_reports_what_was_ready_before() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        for mut probe in probes() {
            let (mut poll, mut events) = poll_with_events();
            probe.make_ready();
            register(&poll, &mut *probe, mode);
            expect_one_event(&mut poll, &mut events, SOURCE);
            poll.registry().reregister_with(&mut *probe, SOURCE, Interest::READABLE, mode).unwrap();
            expect_one_event(&mut poll, &mut events, SOURCE);
            poll.registry().deregister(&mut *probe).unwrap();
            expect_no_events(&mut poll, &mut events);
        }
    }
}

#[test]
fn every_mode_gives_way_to_every_other() {
    const MODES: [Mode; 3] = [Mode::Edge, Mode::Level, Mode::Oneshot];
    for from in MODES {
        for to in MODES {
            with_each(from, |poll, events, probe| {
                probe.make_ready();
                expect_one_event(poll, events, SOURCE);
                poll.registry().reregister_with(probe, SOURCE, Interest::READABLE, to).unwrap();
                expect_one_event(poll, events, SOURCE);
                match to {
                    Mode::Level => drop(expect_one_event(poll, events, SOURCE)),
                    _ => expect_no_events(poll, events),
                }
            });
        }
    }
}

#[test]
fn a_plain_reregister_returns_to_edge() {
    with_each(Mode::Level, |poll, events, probe| {
        probe.make_ready();
        poll.registry().reregister(probe, SOURCE, Interest::READABLE).unwrap();
        expect_one_event(poll, events, SOURCE);
        expect_no_events(poll, events);
    });
}

#[test]
fn a_oneshot_disarms_both_directions() {
    let (mut poll, mut events) = poll_with_events();
    let Socket { mut reader, mut writer } = socket();
    fill(&mut reader);
    poll.registry().register_with(&mut reader, SOURCE, BOTH, Mode::Oneshot).unwrap();
    expect_no_events(&mut poll, &mut events);
    writer.write_all(b"!").unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_readable() && !event.is_writable(), "{event:?}");
    drain(&mut writer);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_level_that_can_be_written_is_reported_until_it_is_full() {
    let (mut poll, mut events) = poll_with_events();
    let (mut stream, _peer) = tcp_pair();
    poll.registry().register_with(&mut stream, SOURCE, Interest::WRITABLE, Mode::Level).unwrap();
    for _ in 0..3 {
        assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_writable());
    }
    fill(&mut stream);
    // The kernel moves what it took to the peer; then there is room again, and then not.
    let deadline = std::time::Instant::now() + crate::harness::PATIENCE;
    while !tokens_quiet(&mut poll, &mut events) {
        fill(&mut stream);
        assert!(std::time::Instant::now() < deadline, "the stream never fills up");
    }
}

/// True if a poll reports nothing for a while.
fn tokens_quiet(poll: &mut Poll, events: &mut Events) -> bool {
    crate::harness::poll_once(poll, events, crate::harness::SILENCE);
    events.is_empty()
}

#[test]
fn a_hang_up_is_reported_by_each_poll_to_level_and_once_to_the_others() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        let (mut poll, mut events) = poll_with_events();
        let Socket { mut reader, writer } = socket();
        poll.registry().register_with(&mut reader, SOURCE, Interest::READABLE, mode).unwrap();
        drop(writer);
        assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_read_closed());
        match mode {
            Mode::Level => drop(expect_one_event(&mut poll, &mut events, SOURCE)),
            _ => expect_no_events(&mut poll, &mut events),
        }
        let mut byte = [0];
        assert_eq!(reader.read(&mut byte).unwrap(), 0);
    }
}

#[test]
fn a_disarmed_oneshot_hears_no_hang_up() {
    let (mut poll, mut events) = poll_with_events();
    let Socket { mut reader, mut writer } = socket();
    poll.registry().register_with(&mut reader, SOURCE, Interest::READABLE, Mode::Oneshot).unwrap();
    writer.write_all(b"!").unwrap();
    expect_one_event(&mut poll, &mut events, SOURCE);
    drain(&mut reader);
    drop(writer);
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut reader, SOURCE, Interest::READABLE, Mode::Oneshot).unwrap();
    assert!(expect_one_event(&mut poll, &mut events, SOURCE).is_read_closed());
}

#[test]
fn many_levels_share_a_small_list_fairly() {
    let (mut poll, _) = poll_with_events();
    let mut events = Events::with_capacity(2);
    let mut sockets: Vec<_> = (0..6).map(|_| socket()).collect();
    let mut users: Vec<_> = (0..6).map(|_| user::source()).collect();
    for (n, socket) in sockets.iter_mut().enumerate() {
        socket.make_ready();
        poll.registry().register_with(&mut socket.reader, Token(n), Interest::READABLE, Mode::Level).unwrap();
    }
    for (n, (receiver, trigger)) in users.iter_mut().enumerate() {
        trigger.fire().unwrap();
        poll.registry().register_with(receiver, Token(100 + n), Interest::READABLE, Mode::Level).unwrap();
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        poll.wait(&mut events, Some(crate::harness::PATIENCE)).unwrap();
        seen.extend(events.iter().map(|event| event.token().0));
    }
    assert_eq!(seen.len(), 12, "{seen:?}");
}

#[test]
fn a_mode_passes_through_boxes_and_wrappers() {
    struct Wrapper {
        inner: Box<dyn Source>,
    }
    forward!(Wrapper, inner);
    let (mut poll, mut events) = poll_with_events();
    let Socket { reader, mut writer } = socket();
    let mut source = Wrapper { inner: Box::new(reader) };
    writer.write_all(b"!").unwrap();
    poll.registry().register_with(&mut source, SOURCE, Interest::READABLE, Mode::Level).unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, SOURCE);
    }
}

#[test]
fn a_source_that_drops_its_mode_is_unsupported_and_not_registered() {
    let (mut poll, mut events) = poll_with_events();
    for mode in [Mode::Level, Mode::Oneshot] {
        let mut inner = socket();
        inner.make_ready();
        let mut source = Stubborn { inner, registry: poll.registry().try_clone().unwrap() };
        let error = poll.registry().register_with(&mut source, SOURCE, Interest::READABLE, mode).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains(&format!("{mode:?}")), "{error}");
        assert!(tokens_until_silence(&mut poll, &mut events).is_empty());
        // Without a mode it may do as it likes.
        poll.registry().register_with(&mut source, SOURCE, Interest::READABLE, Mode::Edge).unwrap();
        expect_one_event(&mut poll, &mut events, SOURCE);
        let result = poll.registry().reregister_with(&mut source, SOURCE, Interest::READABLE, mode);
        assert_kind(result, io::ErrorKind::Unsupported);
        poll.registry().deregister(&mut source).unwrap();
    }
}

#[test]
fn a_failed_registration_with_a_mode_says_why() {
    let poll = subject::new_poll().unwrap();
    let mut socket = socket();
    let registry = poll.registry();
    let result = registry.reregister_with(&mut socket.reader, SOURCE, Interest::READABLE, Mode::Level);
    assert_kind(result, io::ErrorKind::NotFound);
    registry.register_with(&mut socket.reader, SOURCE, Interest::READABLE, Mode::Level).unwrap();
    let result = registry.register_with(&mut socket.reader, SOURCE, Interest::READABLE, Mode::Oneshot);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    assert!(format!("{registry:?}").contains("Edge"), "{registry:?}");
}

#[test]
fn the_hang_up_interest_hears_only_the_end() {
    if is_skipped("beyond::modes::the_hang_up_interest_hears_only_the_end") {
        return;
    }
    let (mut poll, mut events) = poll_with_events();
    let Socket { mut reader, mut writer } = socket();
    poll.registry().register(&mut reader, SOURCE, Interest::HANGUP).unwrap();
    writer.write_all(b"!").unwrap();
    expect_no_events(&mut poll, &mut events);
    writer.shutdown(std::net::Shutdown::Write).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SOURCE);
    assert!(event.is_read_closed() && !event.is_readable(), "{event:?}");
    let raw = event.raw();
    assert!(raw.read_hangup && !raw.readable && !raw.hangup && !raw.error, "{raw:?}");
}

#[test]
fn the_raw_view_tells_the_flags_apart() {
    let (mut poll, mut events) = poll_with_events();
    let Socket { mut reader, mut writer } = socket();
    poll.registry().register(&mut reader, SOURCE, BOTH).unwrap();
    let raw = expect_one_event(&mut poll, &mut events, SOURCE).raw();
    assert!(raw.writable && !raw.readable && !raw.priority && raw.bits != 0, "{raw:?}");
    writer.write_all(b"!").unwrap();
    let raw = expect_one_event(&mut poll, &mut events, SOURCE).raw();
    assert!(raw.readable && !raw.hangup && !raw.read_hangup, "{raw:?}");
    drain(&mut reader);
    drop(writer);
    let raw = expect_one_event(&mut poll, &mut events, SOURCE).raw();
    assert!(raw.read_hangup && !raw.error, "{raw:?}");
    assert_eq!(raw.hangup, closed_peers_end_both_directions(), "{raw:?}");
}
