//! `unix::pipe`: sender, receiver, and the pipes of child processes.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use mio::event::Event;
use mio::unix::pipe::{self, Receiver, Sender};
use mio::{Interest, Token};

use crate::harness::system::{is_non_blocking, round_trip};
use crate::harness::{
    assert_would_block, expect_events, expect_no_events, expect_one_event, poll_with_events, retry,
};
use crate::net_harness::{assert_socket_flags, drain, fill};

const SENDER: Token = Token(1);
const RECEIVER: Token = Token(2);

/// `cat`, which sends back what it gets.
fn cat() -> (Child, Sender, Receiver) {
    let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let sender = Sender::from(child.stdin.take().unwrap());
    let receiver = Receiver::from(child.stdout.take().unwrap());
    (child, sender, receiver)
}

#[test]
fn what_is_sent_is_received() {
    let (mut sender, mut receiver) = pipe::new().unwrap();
    assert_would_block(receiver.read(&mut [0; 8]));
    assert_eq!(sender.write(b"bytes").unwrap(), 5);
    sender.flush().unwrap();
    let mut buf = [0; 8];
    assert_eq!(receiver.read(&mut buf).unwrap(), 5);
    assert_eq!(&buf[..5], b"bytes");
    assert_would_block(receiver.read(&mut buf));
}

#[test]
fn shared_references_write_and_read_plain_and_vectored() {
    let (sender, receiver) = pipe::new().unwrap();
    (&sender).write_all(b"ab").unwrap();
    assert_eq!((&sender).write_vectored(&[IoSlice::new(b"cd"), IoSlice::new(b"ef")]).unwrap(), 4);
    (&sender).flush().unwrap();
    let (mut head, mut tail) = ([0; 3], [0; 8]);
    let mut bufs = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut tail)];
    assert_eq!((&receiver).read_vectored(&mut bufs).unwrap(), 6);
    assert_eq!((&head, &tail[..3]), (b"abc", &b"def"[..]));
    assert_would_block((&receiver).read(&mut head));
}

#[test]
fn vectored_writes_gather_and_vectored_reads_scatter() {
    let (mut sender, mut receiver) = pipe::new().unwrap();
    let parts = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cdefg")];
    assert_eq!(sender.write_vectored(&parts).unwrap(), 7);
    let (mut head, mut tail) = ([0; 3], [0; 8]);
    let mut bufs = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut tail)];
    assert_eq!(receiver.read_vectored(&mut bufs).unwrap(), 7);
    assert_eq!((&head, &tail[..4]), (b"abc", &b"defg"[..]));
    assert_would_block(receiver.read_vectored(&mut [IoSliceMut::new(&mut [0; 8])]));
}

#[test]
fn both_ends_are_non_blocking_and_close_on_exec() {
    let (sender, receiver) = pipe::new().unwrap();
    assert_socket_flags(&sender);
    assert_socket_flags(&receiver);
}

#[test]
fn set_nonblocking_changes_the_mode() {
    let (sender, receiver) = pipe::new().unwrap();
    sender.set_nonblocking(false).unwrap();
    receiver.set_nonblocking(false).unwrap();
    assert!(!is_non_blocking(&sender) && !is_non_blocking(&receiver));
    sender.set_nonblocking(true).unwrap();
    receiver.set_nonblocking(true).unwrap();
    assert!(is_non_blocking(&sender) && is_non_blocking(&receiver));
}

#[test]
fn bytes_are_a_readable_event() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, RECEIVER, Interest::READABLE).unwrap();
    expect_no_events(&mut poll, &mut events);
    for number in 0..5 {
        sender.write_all(&[number]).unwrap();
        let event = expect_one_event(&mut poll, &mut events, RECEIVER);
        assert!(event.is_readable() && !event.is_read_closed(), "{event:?}");
        assert_eq!(drain(&receiver), (vec![number], false));
    }
}

#[test]
fn room_is_a_writable_event() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, receiver) = pipe::new().unwrap();
    poll.registry().register(&mut sender, SENDER, Interest::WRITABLE).unwrap();
    let event = expect_one_event(&mut poll, &mut events, SENDER);
    assert!(event.is_writable() && !event.is_write_closed(), "{event:?}");
    let written = fill(&sender);
    expect_no_events(&mut poll, &mut events);
    assert_eq!(drain(&receiver).0.len(), written);
    expect_events(&mut poll, &mut events, &[(SENDER, Event::is_writable)]);
}

#[test]
fn a_dropped_sender_is_exactly_one_read_closed_event() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, RECEIVER, Interest::READABLE).unwrap();
    drop(sender);
    assert!(expect_one_event(&mut poll, &mut events, RECEIVER).is_read_closed());
    assert_eq!(receiver.read(&mut [0; 8]).unwrap(), 0);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn a_dropped_receiver_is_exactly_one_write_closed_event() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, receiver) = pipe::new().unwrap();
    poll.registry().register(&mut sender, SENDER, Interest::WRITABLE).unwrap();
    expect_one_event(&mut poll, &mut events, SENDER);
    drop(receiver);
    assert!(expect_one_event(&mut poll, &mut events, SENDER).is_write_closed());
    assert_eq!(sender.write(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn bytes_sent_before_the_drop_arrive_before_the_end() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, RECEIVER, Interest::READABLE).unwrap();
    sender.write_all(b"last words").unwrap();
    drop(sender);
    expect_events(&mut poll, &mut events, &[(RECEIVER, Event::is_readable)]);
    assert_eq!(drain(&receiver), (b"last words".to_vec(), true));
}

#[test]
fn reregister_and_deregister_act_on_pipes() {
    let (mut poll, mut events) = poll_with_events();
    let (mut sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, RECEIVER, Interest::READABLE).unwrap();
    poll.registry().reregister(&mut receiver, Token(9), Interest::READABLE).unwrap();
    sender.write_all(b"bytes").unwrap();
    expect_one_event(&mut poll, &mut events, Token(9));
    poll.registry().deregister(&mut receiver).unwrap();
    sender.write_all(b"bytes").unwrap();
    expect_no_events(&mut poll, &mut events);
}

#[test]
fn try_io_passes_results_and_arms_the_next_event() {
    let (mut poll, mut events) = poll_with_events();
    let (sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut receiver, RECEIVER, Interest::READABLE).unwrap();
    let recv = |receiver: &Receiver| receiver.try_io(|| Ok(rustix::io::read(receiver, &mut [0; 3])?));
    for _ in 0..3 {
        assert_eq!(sender.try_io(|| Ok(rustix::io::write(&sender, b"one")?)).unwrap(), 3);
        expect_one_event(&mut poll, &mut events, RECEIVER);
        assert_eq!(recv(&receiver).unwrap(), 3);
        assert_would_block(recv(&receiver));
    }
    let error = sender.try_io(|| Err::<(), _>(io::Error::other("mine"))).unwrap_err();
    assert_eq!(error.to_string(), "mine");
}

#[test]
fn both_ends_survive_every_conversion() {
    let (sender, receiver) = pipe::new().unwrap();
    let mut sender = round_trip::<Sender, OwnedFd>(sender);
    let receiver = round_trip::<Receiver, OwnedFd>(receiver);
    sender.write_all(b"bytes").unwrap();
    assert_eq!(drain(&receiver).0, b"bytes");
}

#[test]
fn both_ends_may_be_sent_to_other_threads_and_printed() {
    fn assert_send_and_sync<T: Send + Sync>() {}
    assert_send_and_sync::<Sender>();
    assert_send_and_sync::<Receiver>();
    let (sender, receiver) = pipe::new().unwrap();
    assert!(!format!("{sender:?}").is_empty() && !format!("{receiver:?}").is_empty());
}

#[test]
fn the_pipes_of_a_child_are_as_std_left_them() {
    let (mut child, sender, receiver) = cat();
    assert!(!is_non_blocking(&sender) && !is_non_blocking(&receiver));
    sender.set_nonblocking(true).unwrap();
    receiver.set_nonblocking(true).unwrap();
    assert_would_block((&receiver).read(&mut [0; 8]));
    drop(sender);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_child_is_talked_to_and_its_end_is_read_closed() {
    let (mut poll, mut events) = poll_with_events();
    let (mut child, mut sender, mut receiver) = cat();
    sender.set_nonblocking(true).unwrap();
    receiver.set_nonblocking(true).unwrap();
    poll.registry().register(&mut receiver, RECEIVER, Interest::READABLE).unwrap();
    sender.write_all(b"bytes").unwrap();
    expect_events(&mut poll, &mut events, &[(RECEIVER, Event::is_readable)]);
    assert_eq!(drain(&receiver), (b"bytes".to_vec(), false));
    drop(sender);
    expect_events(&mut poll, &mut events, &[(RECEIVER, Event::is_read_closed)]);
    assert_eq!(drain(&receiver), (Vec::new(), true));
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_error_output_of_a_child_is_received() {
    let mut child = Command::new("cat").arg("/no/such/file").stderr(Stdio::piped()).spawn().unwrap();
    let receiver = Receiver::from(child.stderr.take().unwrap());
    receiver.set_nonblocking(true).unwrap();
    // The child may write it in parts.
    let (mut text, mut part) = (Vec::new(), [0; 256]);
    loop {
        match retry(|| (&receiver).read(&mut part)).unwrap() {
            0 => break,
            len => text.extend_from_slice(&part[..len]),
        }
    }
    assert!(String::from_utf8_lossy(&text).contains("/no/such/file"));
    assert!(!child.wait().unwrap().success());
}

#[test]
fn dropping_a_registered_pipe_ends_its_reader() {
    let (poll, _events) = poll_with_events();
    let (mut sender, mut receiver) = pipe::new().unwrap();
    poll.registry().register(&mut sender, SENDER, Interest::WRITABLE).unwrap();
    drop(sender);
    assert_eq!(receiver.read(&mut [0; 8]).unwrap(), 0);
}
