//! Completion packets of a program's own.
#![allow(unsafe_code, reason = "overlapped operations, as a program starts them itself")]

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::{AsRawHandle, AsRawSocket, RawHandle};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mio::windows::{CompletionPacket, NamedPipe, PacketQueue};
use mio::{Events, Interest, Mode, Poll, Token};
use windows_sys::Win32::Storage::FileSystem::{ReadFile, WriteFile};
use windows_sys::Win32::System::IO::{CancelIoEx, OVERLAPPED};

use crate::harness::{
    BOTH, PATIENCE, assert_kind, expect_no_events, expect_one_event, poll_during, poll_once,
    poll_with_events, tokens, tokens_until_silence,
};
use crate::windows_harness::{self, SERVER, pipe_name, read_len, register, write_one};

const QUEUE: Token = Token(21);

/// A queue that is registered with `poll`.
fn queue(poll: &Poll) -> PacketQueue {
    let mut queue = PacketQueue::new();
    poll.registry().register(&mut queue, QUEUE, Interest::READABLE).unwrap();
    queue
}

/// A server with a client that is a file of std, open for overlapped operations.
fn server_and_file(poll: &Poll) -> (NamedPipe, File) {
    let name = pipe_name();
    let mut server = NamedPipe::new(&name).unwrap();
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).custom_flags(windows_harness::OVERLAPPED);
    let file = options.open(&name).unwrap();
    register(poll, &mut server, SERVER);
    (server, file)
}

/// An operation of the program: it stays where it is until its packet was taken.
struct Operation {
    overlapped: OVERLAPPED,
    bytes: [u8; 64],
}

impl Operation {
    fn new() -> Box<Operation> {
        Box::new(Operation { overlapped: OVERLAPPED::default(), bytes: [0; 64] })
    }

    fn address(&self) -> usize {
        ptr::from_ref(&self.overlapped).addr()
    }

    fn read(&mut self, file: &File) {
        self.read_handle(file.as_raw_handle());
    }

    fn read_handle(&mut self, file: RawHandle) {
        let len = self.bytes.len() as u32;
        // SAFETY: the box of this operation is dropped after its packet was taken.
        unsafe { ReadFile(file, self.bytes.as_mut_ptr(), len, ptr::null_mut(), &mut self.overlapped) };
    }

    fn write(&mut self, file: &File, len: u32) {
        // SAFETY: as above.
        unsafe {
            WriteFile(file.as_raw_handle(), self.bytes.as_ptr(), len, ptr::null_mut(), &mut self.overlapped)
        };
    }

    fn cancel(&mut self, file: &File) {
        // SAFETY: the handle is open, and the operation was started on it.
        unsafe { CancelIoEx(file.as_raw_handle(), &self.overlapped) };
    }
}

/// Polls until the queue has a packet.
fn next(poll: &mut Poll, events: &mut Events, queue: &PacketQueue) -> CompletionPacket {
    loop {
        if let Some(packet) = queue.take() {
            return packet;
        }
        poll.poll(events, None).unwrap();
    }
}

#[test]
fn a_packet_of_an_operation_is_an_event_and_names_it() {
    let (mut poll, mut events) = poll_with_events();
    let queue = queue(&poll);
    let (server, file) = server_and_file(&poll);
    queue.associate(&file).unwrap();
    tokens_until_silence(&mut poll, &mut events);
    let mut operation = Operation::new();
    operation.read(&file);
    expect_no_events(&mut poll, &mut events);
    write_one(&mut poll, &mut events, &server, b"twelve bytes");
    let packet = next(&mut poll, &mut events, &queue);
    assert_eq!(packet.address(), operation.address());
    assert_eq!((packet.bytes(), packet.status()), (12, 0));
    assert_eq!(packet.result().unwrap(), 12);
    assert_eq!(&operation.bytes[..12], b"twelve bytes");
    assert_eq!(queue.take(), None);
    operation.write(&file, 5);
    let packet = next(&mut poll, &mut events, &queue);
    assert_eq!((packet.address(), packet.bytes()), (operation.address(), 5));
    assert_eq!(read_len(&mut poll, &mut events, &server, 5, 64), b"twelv");
}

#[test]
fn a_socket_has_its_operations_report_too() {
    let (mut poll, mut events) = poll_with_events();
    let queue = queue(&poll);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    queue.associate_socket(&server).unwrap();
    assert_kind(queue.associate_socket(&server), io::ErrorKind::InvalidInput);
    let mut operation = Operation::new();
    operation.read_handle(ptr::without_provenance_mut(server.as_raw_socket() as usize));
    expect_no_events(&mut poll, &mut events);
    client.write_all(b"socket").unwrap();
    let packet = next(&mut poll, &mut events, &queue);
    assert_eq!((packet.address(), packet.bytes()), (operation.address(), 6));
    assert_eq!(&operation.bytes[..6], b"socket");
}

#[test]
fn an_operation_that_ends_within_its_call_has_its_packet_too() {
    let (mut poll, mut events) = poll_with_events();
    let queue = queue(&poll);
    let (server, file) = server_and_file(&poll);
    queue.associate(&file).unwrap();
    write_one(&mut poll, &mut events, &server, b"there");
    let mut operation = Operation::new();
    operation.read(&file);
    let packet = next(&mut poll, &mut events, &queue);
    assert_eq!((packet.address(), packet.bytes()), (operation.address(), 5));
}

#[test]
fn an_operation_that_was_cancelled_or_failed_says_so() {
    let (mut poll, mut events) = poll_with_events();
    let queue = queue(&poll);
    let (server, file) = server_and_file(&poll);
    queue.associate(&file).unwrap();
    let mut operation = Operation::new();
    operation.read(&file);
    operation.cancel(&file);
    let packet = next(&mut poll, &mut events, &queue);
    assert_eq!(packet.address(), operation.address());
    // ERROR_OPERATION_ABORTED.
    assert_eq!(packet.result().unwrap_err().raw_os_error(), Some(995));
    operation.read(&file);
    drop(server);
    let packet = next(&mut poll, &mut events, &queue);
    // ERROR_BROKEN_PIPE.
    assert_eq!(packet.result().unwrap_err().raw_os_error(), Some(109));
}

#[test]
fn packets_that_come_while_nobody_takes_them_are_one_event_and_none_is_lost() {
    let (mut poll, mut events) = poll_with_events();
    let queue = queue(&poll);
    for number in 0..10_000 {
        queue.post(CompletionPacket::new(number, 1)).unwrap();
    }
    expect_one_event(&mut poll, &mut events, QUEUE);
    expect_no_events(&mut poll, &mut events);
    for number in 0..10_000 {
        assert_eq!(queue.take().unwrap().address(), number);
    }
    assert_eq!(queue.take(), None);
    // The address is the whole of a pointer.
    queue.post(CompletionPacket::new(usize::MAX, u32::MAX)).unwrap();
    expect_one_event(&mut poll, &mut events, QUEUE);
    let packet = queue.take().unwrap();
    assert_eq!((packet.address(), packet.bytes()), (usize::MAX, u32::MAX));
}

#[test]
fn a_packet_wakes_a_poll_that_sleeps() {
    let (mut poll, mut events) = poll_with_events();
    let queue = queue(&poll);
    let (server, file) = server_and_file(&poll);
    queue.associate(&file).unwrap();
    tokens_until_silence(&mut poll, &mut events);
    poll_during(&mut poll, &mut events, None, || queue.post(CompletionPacket::new(1, 0)).unwrap());
    assert!(events.iter().any(|event| event.token() == QUEUE && event.is_readable()));
    assert_eq!(queue.take().unwrap().address(), 1);
    let mut operation = Operation::new();
    operation.read(&file);
    let mut other = &server;
    poll_during(&mut poll, &mut events, None, || other.write(b"wake").unwrap());
    let packet = next(&mut poll, &mut events, &queue);
    assert_eq!((packet.address(), packet.bytes()), (operation.address(), 4));
}

#[test]
fn threads_that_post_while_packets_are_taken_lose_none() {
    let (mut poll, mut events) = poll_with_events();
    let queue = queue(&poll);
    let taken = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..4 {
            let queue = &queue;
            scope.spawn(move || {
                for number in 0..2000 {
                    queue.post(CompletionPacket::new(thread * 10_000 + number, 0)).unwrap();
                }
            });
        }
        while taken.load(Ordering::Relaxed) < 8000 {
            poll.poll(&mut events, None).unwrap();
            while queue.take().is_some() {
                taken.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    assert_eq!(queue.take(), None);
    assert!(tokens_until_silence(&mut poll, &mut events).len() <= 1);
}

#[test]
fn each_queue_has_the_packets_of_its_own_handles() {
    let (mut poll, mut events) = poll_with_events();
    let mut queues = Vec::new();
    for number in 0..5 {
        let mut queue = PacketQueue::new();
        poll.registry().register(&mut queue, Token(100 + number), Interest::READABLE).unwrap();
        let (server, file) = server_and_file(&poll);
        queue.associate(&file).unwrap();
        poll.registry().deregister(&mut { server }).unwrap_or(());
        queues.push((queue, file));
    }
    for (number, (queue, _file)) in queues.iter().enumerate() {
        queue.post(CompletionPacket::new(number, 0)).unwrap();
    }
    let mut seen = Vec::new();
    while seen.len() < queues.len() {
        poll_once(&mut poll, &mut events, PATIENCE);
        assert!(!events.is_empty(), "only {seen:?}");
        seen.extend(tokens(&events));
        // The rest is of the servers.
        seen.retain(|token| *token >= 100);
    }
    seen.extend(tokens_until_silence(&mut poll, &mut events));
    seen.retain(|token| *token >= 100);
    seen.sort_unstable();
    assert_eq!(seen, [100, 101, 102, 103, 104]);
    for (number, (queue, _file)) in queues.iter().enumerate() {
        assert_eq!(queue.take().unwrap().address(), number);
        assert_eq!(queue.take(), None);
    }
}

#[test]
fn packets_of_a_dropped_queue_reach_no_other() {
    let (mut poll, mut events) = poll_with_events();
    let old = queue(&poll);
    let (server, file) = server_and_file(&poll);
    old.associate(&file).unwrap();
    let mut operation = Operation::new();
    operation.read(&file);
    tokens_until_silence(&mut poll, &mut events);
    drop(old);
    let new = queue(&poll);
    write_one(&mut poll, &mut events, &server, b"late");
    assert!(!tokens_until_silence(&mut poll, &mut events).contains(&QUEUE.0));
    assert_eq!(new.take(), None);
    assert_eq!(&operation.bytes[..4], b"late");
}

#[test]
fn packets_from_before_the_registration_are_reported_by_it() {
    let (mut poll, mut events) = poll_with_events();
    let mut queue = PacketQueue::new();
    queue.post(CompletionPacket::new(5, 6)).unwrap();
    poll.registry().register(&mut queue, QUEUE, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, QUEUE);
    poll.registry().deregister(&mut queue).unwrap();
    queue.post(CompletionPacket::new(7, 8)).unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().register(&mut queue, QUEUE, Interest::READABLE).unwrap();
    expect_one_event(&mut poll, &mut events, QUEUE);
    assert_eq!(queue.take(), Some(CompletionPacket::new(5, 6)));
    assert_eq!(queue.take(), Some(CompletionPacket::new(7, 8)));
}

#[test]
fn a_queue_has_the_three_modes() {
    let (mut poll, mut events) = poll_with_events();
    let mut queue = PacketQueue::new();
    let packet = CompletionPacket::new(1, 1);
    poll.registry().register_with(&mut queue, QUEUE, Interest::READABLE, Mode::Level).unwrap();
    queue.post(packet).unwrap();
    queue.post(packet).unwrap();
    for _ in 0..3 {
        expect_one_event(&mut poll, &mut events, QUEUE);
    }
    queue.take().unwrap();
    expect_one_event(&mut poll, &mut events, QUEUE);
    queue.take().unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut queue, QUEUE, Interest::READABLE, Mode::Oneshot).unwrap();
    queue.post(packet).unwrap();
    expect_one_event(&mut poll, &mut events, QUEUE);
    queue.post(packet).unwrap();
    expect_no_events(&mut poll, &mut events);
    poll.registry().reregister_with(&mut queue, QUEUE, Interest::READABLE, Mode::Oneshot).unwrap();
    expect_one_event(&mut poll, &mut events, QUEUE);
}

#[test]
fn mistakes_with_a_queue_are_errors_that_name_them() {
    let (poll, _) = poll_with_events();
    let (other, _) = poll_with_events();
    let mut queue = PacketQueue::new();
    let (_server, file) = server_and_file(&poll);
    assert_kind(queue.associate(&file), io::ErrorKind::NotFound);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    assert_kind(queue.associate_socket(&socket), io::ErrorKind::NotFound);
    assert_kind(poll.registry().register(&mut queue, QUEUE, BOTH), io::ErrorKind::Unsupported);
    assert_kind(poll.registry().deregister(&mut queue), io::ErrorKind::NotFound);
    poll.registry().register(&mut queue, QUEUE, Interest::READABLE).unwrap();
    assert_kind(
        poll.registry().register(&mut queue, QUEUE, Interest::READABLE),
        io::ErrorKind::AlreadyExists,
    );
    assert_kind(
        other.registry().register(&mut queue, QUEUE, Interest::READABLE),
        io::ErrorKind::InvalidInput,
    );
    queue.associate(&file).unwrap();
    // A handle reports to one place, and one without overlapped operations to none.
    assert_kind(queue.associate(&file), io::ErrorKind::InvalidInput);
    let plain = File::open(std::env::current_exe().unwrap()).unwrap();
    assert_kind(queue.associate(&plain), io::ErrorKind::InvalidInput);
}

#[test]
fn a_queue_may_outlive_its_poll() {
    let (poll, _) = poll_with_events();
    let queue = queue(&poll);
    let (server, file) = server_and_file(&poll);
    queue.associate(&file).unwrap();
    drop((poll, server));
    queue.post(CompletionPacket::new(3, 4)).unwrap();
    assert_eq!(queue.take(), Some(CompletionPacket::new(3, 4)));
    let (_server, file) = server_and_file(&crate::subject::new_poll().unwrap());
    queue.associate(&file).unwrap();
}
