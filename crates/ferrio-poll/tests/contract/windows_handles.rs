//! Objects that can be waited for, and sockets of other code, on Windows.
#![allow(unsafe_code, reason = "std makes no events and no semaphores")]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::thread;

use mio::event::Source;
use mio::windows::{HandleSource, SocketSource};
use mio::{Interest, Mode, Poll, Token};
use windows_sys::Win32::Foundation::DuplicateHandle;
use windows_sys::Win32::System::Threading::{
    CreateEventW, CreateSemaphoreW, EVENT_MODIFY_STATE, GetCurrentProcess, ReleaseSemaphore, ResetEvent,
    SetEvent,
};

use crate::harness::system::waiting_child;
use crate::harness::{
    assert_kind, assert_would_block, expect_no_events, expect_one_event, expect_tokens, poll_during,
    poll_with_events, tokens,
};
use crate::subject;

const OBJECT: Token = Token(3);

/// An event object of Windows.
struct Signal(OwnedHandle);

impl Signal {
    fn with_manual_reset() -> Signal {
        Signal::new(1)
    }

    fn with_auto_reset() -> Signal {
        Signal::new(0)
    }

    fn new(manual_reset: i32) -> Signal {
        // SAFETY: the pointers may be null.
        let handle = unsafe { CreateEventW(ptr::null(), manual_reset, 0, ptr::null()) };
        assert!(!handle.is_null(), "{}", io::Error::last_os_error());
        // SAFETY: the call above made the handle for us alone.
        Signal(unsafe { OwnedHandle::from_raw_handle(handle) })
    }

    fn set(&self) {
        // SAFETY: the handle is open.
        assert_ne!(unsafe { SetEvent(self.0.as_raw_handle()) }, 0);
    }

    fn reset(&self) {
        // SAFETY: the handle is open.
        assert_ne!(unsafe { ResetEvent(self.0.as_raw_handle()) }, 0);
    }
}

impl AsHandle for Signal {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// A semaphore that holds nothing yet.
fn semaphore() -> OwnedHandle {
    // SAFETY: the pointers may be null.
    let handle = unsafe { CreateSemaphoreW(ptr::null(), 0, 100, ptr::null()) };
    assert!(!handle.is_null(), "{}", io::Error::last_os_error());
    // SAFETY: the call above made the handle for us alone.
    unsafe { OwnedHandle::from_raw_handle(handle) }
}

/// A duplicate of `handle` that may be set and not be waited for.
fn without_waiting(handle: &impl AsHandle) -> OwnedHandle {
    let mut duplicate = ptr::null_mut();
    let old = handle.as_handle().as_raw_handle();
    // SAFETY: it gives a handle that needs not be closed.
    let this = unsafe { GetCurrentProcess() };
    // SAFETY: the handles are open, and the new one is written to a variable.
    let done = unsafe { DuplicateHandle(this, old, this, &mut duplicate, EVENT_MODIFY_STATE, 0, 0) };
    assert_ne!(done, 0, "{}", io::Error::last_os_error());
    // SAFETY: the call above made the handle for us alone.
    unsafe { OwnedHandle::from_raw_handle(duplicate) }
}

fn register(poll: &Poll, source: &mut impl Source) {
    poll.registry().register(source, OBJECT, Interest::READABLE).unwrap();
}

fn register_with(poll: &Poll, source: &mut impl Source, mode: Mode) {
    poll.registry().register_with(source, OBJECT, Interest::READABLE, mode).unwrap();
}

#[test]
fn an_event_that_stays_signalled_is_an_edge_until_it_was_seen_reset() {
    let (mut poll, mut events) = poll_with_events();
    let mut source = HandleSource::new(Signal::with_manual_reset());
    register(&poll, &mut source);
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        source.set();
        let event = expect_one_event(&mut poll, &mut events, OBJECT);
        assert!(event.is_readable() && !event.is_writable(), "{event:?}");
        expect_no_events(&mut poll, &mut events);
        assert!(source.try_wait().unwrap());
        source.reset();
        assert!(!source.try_wait().unwrap());
    }
}

#[test]
fn an_event_that_stays_signalled_is_a_level_until_it_is_reset() {
    let (mut poll, mut events) = poll_with_events();
    let mut source = HandleSource::new(Signal::with_manual_reset());
    register_with(&poll, &mut source, Mode::Level);
    for _ in 0..3 {
        source.set();
        for _ in 0..3 {
            expect_one_event(&mut poll, &mut events, OBJECT);
        }
        source.reset();
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn an_event_that_stays_signalled_is_a_oneshot_until_it_is_registered_anew() {
    let (mut poll, mut events) = poll_with_events();
    let mut source = HandleSource::new(Signal::with_manual_reset());
    register_with(&poll, &mut source, Mode::Oneshot);
    source.set();
    expect_one_event(&mut poll, &mut events, OBJECT);
    expect_no_events(&mut poll, &mut events);
    for _ in 0..3 {
        poll.registry().reregister_with(&mut source, OBJECT, Interest::READABLE, Mode::Oneshot).unwrap();
        expect_one_event(&mut poll, &mut events, OBJECT);
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn each_signal_of_an_event_that_resets_itself_is_an_event() {
    for mode in [Mode::Edge, Mode::Level] {
        let (mut poll, mut events) = poll_with_events();
        let mut source = HandleSource::auto_reset(Signal::with_auto_reset());
        register_with(&poll, &mut source, mode);
        for _ in 0..20 {
            source.set();
            expect_one_event(&mut poll, &mut events, OBJECT);
        }
        expect_no_events(&mut poll, &mut events);
        assert!(!source.try_wait().unwrap());
    }
}

#[test]
fn an_event_that_resets_itself_keeps_its_signal_until_a_oneshot_asks_again() {
    let (mut poll, mut events) = poll_with_events();
    let mut source = HandleSource::auto_reset(Signal::with_auto_reset());
    register_with(&poll, &mut source, Mode::Oneshot);
    source.set();
    expect_one_event(&mut poll, &mut events, OBJECT);
    source.set();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut source, OBJECT, Interest::READABLE, Mode::Oneshot).unwrap();
    expect_one_event(&mut poll, &mut events, OBJECT);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_semaphore_is_reported_as_often_as_it_was_released() {
    let (mut poll, mut events) = poll_with_events();
    let mut source = HandleSource::auto_reset(semaphore());
    register(&poll, &mut source);
    // SAFETY: the handle is open, and the pointer may be null.
    let released = unsafe { ReleaseSemaphore(source.as_raw_handle(), 5, ptr::null_mut()) };
    assert_ne!(released, 0);
    expect_tokens(&mut poll, &mut events, &[OBJECT.0; 5]);
}

#[test]
fn what_was_signalled_before_it_was_registered_is_reported() {
    let (mut poll, mut events) = poll_with_events();
    let (manual, auto) = (Signal::with_manual_reset(), Signal::with_auto_reset());
    manual.set();
    auto.set();
    let (mut manual, mut auto) = (HandleSource::new(manual), HandleSource::auto_reset(auto));
    poll.registry().register(&mut manual, Token(1), Interest::READABLE).unwrap();
    poll.registry().register(&mut auto, Token(2), Interest::READABLE).unwrap();
    expect_tokens(&mut poll, &mut events, &[1, 2]);
}

#[test]
fn what_was_reset_before_the_poll_looked_is_no_event() {
    let (mut poll, mut events) = poll_with_events();
    let mut source = HandleSource::new(Signal::with_manual_reset());
    register(&poll, &mut source);
    source.set();
    // The wait has ended by now, and its packet lies in the port.
    thread::sleep(crate::harness::SILENCE);
    source.reset();
    expect_no_events(&mut poll, &mut events);
    source.set();
    expect_one_event(&mut poll, &mut events, OBJECT);
}

#[test]
fn an_event_that_another_thread_sets_ends_a_poll() {
    let (mut poll, mut events) = poll_with_events();
    let mut source = HandleSource::new(Signal::with_manual_reset());
    register(&poll, &mut source);
    let signal = &*source;
    poll_during(&mut poll, &mut events, None, || signal.set());
    assert_eq!(tokens(&events), [OBJECT.0]);
}

#[test]
fn a_handle_that_cannot_be_waited_for_is_an_error() {
    let (mut poll, mut events) = poll_with_events();
    let signal = Signal::with_manual_reset();
    for source in [HandleSource::new, HandleSource::auto_reset] {
        let mut source = source(without_waiting(&signal));
        let error = poll.registry().register(&mut source, OBJECT, Interest::READABLE).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("SYNCHRONIZE"), "{error}");
        assert_kind(source.try_wait(), io::ErrorKind::PermissionDenied);
    }
    signal.set();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn an_object_is_readable_and_nothing_else() {
    let (poll, _) = poll_with_events();
    let mut source = HandleSource::new(Signal::with_manual_reset());
    for interest in [Interest::WRITABLE, Interest::READABLE | Interest::WRITABLE] {
        assert_kind(poll.registry().register(&mut source, OBJECT, interest), io::ErrorKind::Unsupported);
    }
    register(&poll, &mut source);
}

#[test]
fn a_handle_source_knows_its_poll() {
    let (mut poll, mut events) = poll_with_events();
    let other = subject::new_poll().unwrap();
    let mut source = HandleSource::new(Signal::with_manual_reset());
    assert_kind(poll.registry().deregister(&mut source), io::ErrorKind::NotFound);
    register(&poll, &mut source);
    let result = poll.registry().register(&mut source, OBJECT, Interest::READABLE);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    let result = other.registry().reregister(&mut source, OBJECT, Interest::READABLE);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    poll.registry().deregister(&mut source).unwrap();
    source.set();
    expect_no_events(&mut poll, &mut events);
    register(&poll, &mut source);
    expect_one_event(&mut poll, &mut events, OBJECT);
}

#[test]
fn a_dropped_handle_source_is_silent_though_its_object_lives() {
    let (mut poll, mut events) = poll_with_events();
    let signal = Signal::with_manual_reset();
    let mut dropped = HandleSource::new(&signal);
    register(&poll, &mut dropped);
    drop(dropped);
    let mut taken = HandleSource::new(&signal);
    register(&poll, &mut taken);
    taken.into_inner().set();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn the_end_of_a_thread_and_of_a_process_are_events() {
    let (mut poll, mut events) = poll_with_events();
    let mut child = waiting_child(0);
    let input = child.stdin.take();
    let mut process = HandleSource::new(child);
    register(&poll, &mut process);
    expect_no_events(&mut poll, &mut events);
    drop(input);
    expect_one_event(&mut poll, &mut events, OBJECT);
    process.into_inner().wait().unwrap();

    let mut thread = HandleSource::new(thread::spawn(|| 42));
    register(&poll, &mut thread);
    expect_one_event(&mut poll, &mut events, OBJECT);
    assert_eq!(thread.into_inner().join().unwrap(), 42);
}

/// Both ends of a connection; the first one is non-blocking.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let reader = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    reader.set_nonblocking(true).unwrap();
    (reader, listener.accept().unwrap().0)
}

fn read(mut stream: &TcpStream) -> io::Result<usize> {
    stream.read(&mut [0; 16])
}

#[test]
fn a_socket_source_is_reported_and_rearmed_by_do_io() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = connection();
    let mut source = SocketSource::new(reader);
    register(&poll, &mut source);
    for _ in 0..3 {
        expect_no_events(&mut poll, &mut events);
        writer.write_all(b"!").unwrap();
        assert!(expect_one_event(&mut poll, &mut events, OBJECT).is_readable());
        assert_eq!(source.do_io(read).unwrap(), 1);
        assert_would_block(source.do_io(read));
    }
}

#[test]
fn a_socket_of_another_library_is_a_source() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = connection();
    let socket = socket2::Socket::from(reader);
    let mut source = SocketSource::new(&socket);
    register(&poll, &mut source);
    writer.write_all(b"!").unwrap();
    expect_one_event(&mut poll, &mut events, OBJECT);
    assert_eq!(source.do_io(|socket| (&**socket).read(&mut [0; 16])).unwrap(), 1);
}

#[test]
fn dropping_a_socket_source_ends_its_registration_though_a_duplicate_lives() {
    let (mut poll, mut events) = poll_with_events();
    let (reader, mut writer) = connection();
    let duplicate = reader.try_clone().unwrap();
    let mut source = SocketSource::new(reader);
    register(&poll, &mut source);
    drop(source);
    writer.write_all(b"!").unwrap();
    expect_no_events(&mut poll, &mut events);
    let mut source = SocketSource::new(duplicate);
    register(&poll, &mut source);
    expect_one_event(&mut poll, &mut events, OBJECT);
    assert_eq!(read(&source.into_inner()).unwrap(), 1);
}

#[test]
fn a_socket_source_knows_its_poll_and_outlives_it() {
    let (poll, _) = poll_with_events();
    let other = subject::new_poll().unwrap();
    let (reader, _writer) = connection();
    let mut source = SocketSource::new(reader);
    register(&poll, &mut source);
    let result = other.registry().register(&mut source, OBJECT, Interest::READABLE);
    assert_kind(result, io::ErrorKind::AlreadyExists);
    assert_kind(other.registry().deregister(&mut source), io::ErrorKind::AlreadyExists);
    drop(poll);
    assert_would_block(source.do_io(read));
}
