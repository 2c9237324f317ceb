//! Descriptors that are passed over Unix sockets: those that are asked for arrive, and no other
//! enters the process.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use mio::event::Source;
use mio::net::{Descriptors, UnixDatagram, UnixSeqpacket, UnixStream};
use mio::unix::pipe;
use mio::{Interest, Token};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::harness::unix::{eventfd, is_close_on_exec, let_sigpipe_kill, number, open_handles, set_option};
use crate::harness::{
    assert_kind, assert_would_block, expect_no_events, expect_one_event, in_own_process, poll_with_events,
};

const SOCKET: Token = Token(1);

/// One of the three kinds of sockets that pass descriptors.
trait Passes: AsFd + Source {
    fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize>;
    fn receive(&self, buf: &mut [u8], fds: &mut Descriptors) -> io::Result<usize>;
    fn receive_plainly(&self, buf: &mut [u8]) -> io::Result<usize>;
}

impl Passes for UnixStream {
    fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.send_with_fds(bytes, fds)
    }

    fn receive(&self, buf: &mut [u8], fds: &mut Descriptors) -> io::Result<usize> {
        self.recv_with_fds(buf, fds)
    }

    fn receive_plainly(&self, buf: &mut [u8]) -> io::Result<usize> {
        let mut this = self;
        this.read(buf)
    }
}

impl Passes for UnixDatagram {
    fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.send_with_fds(bytes, fds)
    }

    fn receive(&self, buf: &mut [u8], fds: &mut Descriptors) -> io::Result<usize> {
        Ok(self.recv_with_fds(buf, fds)?.len())
    }

    fn receive_plainly(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.recv(buf)
    }
}

impl Passes for UnixSeqpacket {
    fn send(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.send_with_fds(bytes, fds)
    }

    fn receive(&self, buf: &mut [u8], fds: &mut Descriptors) -> io::Result<usize> {
        Ok(self.recv_with_fds(buf, fds)?.len())
    }

    fn receive_plainly(&self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(self.recv(buf)?.len())
    }
}

/// A pair of each kind.
fn pairs() -> [(Box<dyn Passes>, Box<dyn Passes>); 3] {
    let (stream, datagram, seqpacket) =
        (UnixStream::pair().unwrap(), UnixDatagram::pair().unwrap(), UnixSeqpacket::pair().unwrap());
    [
        (Box::new(stream.0), Box::new(stream.1)),
        (Box::new(datagram.0), Box::new(datagram.1)),
        (Box::new(seqpacket.0), Box::new(seqpacket.1)),
    ]
}

/// Sends `count` descriptors with one byte.
fn send(socket: &dyn Passes, count: usize) {
    let passed = eventfd();
    assert_eq!(socket.send(b"x", &vec![passed.as_fd(); count]).unwrap(), 1);
}

#[test]
fn what_was_passed_is_the_same_file_and_close_on_exec() {
    for (one, other) in pairs() {
        let (mut writer, reader) = pipe::new().unwrap();
        let second = eventfd();
        assert_eq!(one.send(b"two of them", &[reader.as_fd(), second.as_fd()]).unwrap(), 11);
        drop((reader, second));
        let (mut buf, mut fds) = ([0; 16], Descriptors::with_capacity(4));
        assert_eq!(other.receive(&mut buf, &mut fds).unwrap(), 11);
        assert_eq!((&buf[..11], fds.len(), fds.capacity()), (&b"two of them"[..], 2, 4));
        let passed: Vec<OwnedFd> = fds.drain().collect();
        assert!(passed.iter().all(is_close_on_exec));
        writer.write_all(b"through the pipe").unwrap();
        assert_eq!(File::from(passed.into_iter().next().unwrap()).read(&mut buf).unwrap(), 16);
        assert_eq!(&buf, b"through the pipe");
        assert!(fds.is_empty());
    }
}

#[test]
fn each_message_with_descriptors_is_an_event_and_one_without_has_none() {
    for (one, mut other) in pairs() {
        let (mut poll, mut events) = poll_with_events();
        let mut fds = Descriptors::with_capacity(1);
        poll.registry().register(&mut *other, SOCKET, Interest::READABLE).unwrap();
        for count in [1, 0, 1] {
            send(&*one, count);
            expect_one_event(&mut poll, &mut events, SOCKET);
            // What is left of the message before is closed.
            assert_eq!(other.receive(&mut [0; 8], &mut fds).unwrap(), 1);
            assert_eq!(fds.len(), count);
            assert_would_block(other.receive(&mut [0; 8], &mut fds));
            assert!(fds.is_empty());
        }
        expect_no_events(&mut poll, &mut events);
    }
}

#[test]
fn descriptors_of_two_messages_of_a_stream_come_by_two_reads() {
    let (one, other) = UnixStream::pair().unwrap();
    let mut fds = Descriptors::with_capacity(8);
    for count in [1, 0, 3] {
        send(&one, count);
    }
    let mut seen = Vec::new();
    while let Ok(count) = other.recv_with_fds(&mut [0; 8], &mut fds) {
        seen.push((count, fds.len()));
    }
    assert_eq!(seen, [(1, 1), (2, 3)]);
}

#[test]
fn a_stream_passes_no_descriptors_without_a_byte_and_a_message_at_most_253() {
    let passed = eventfd();
    for (one, other) in pairs() {
        assert_kind(one.send(b"x", &[passed.as_fd(); Descriptors::MAX + 1]), io::ErrorKind::InvalidInput);
        send(&*one, Descriptors::MAX);
        let mut fds = Descriptors::with_capacity(usize::MAX);
        assert_eq!(other.receive(&mut [0; 8], &mut fds).unwrap(), 1);
        assert_eq!((fds.len(), fds.capacity()), (253, 253));
    }
    let (one, _other) = UnixStream::pair().unwrap();
    assert_kind(one.send_with_fds(b"", &[passed.as_fd()]), io::ErrorKind::InvalidInput);
    assert_eq!(one.send_with_fds(b"", &[]).unwrap(), 0);
}

#[test]
fn descriptors_that_nobody_asked_for_do_not_enter_the_process() {
    in_own_process(
        "linux::unix_descriptors::descriptors_that_nobody_asked_for_do_not_enter_the_process",
        || {
            for (one, other) in pairs() {
                let before = open_handles();
                for count in [1, 3, Descriptors::MAX] {
                    send(&*one, count);
                    assert_eq!(other.receive_plainly(&mut [0; 8]).unwrap(), 1);
                }
                // Nor those that nobody received.
                send(&*one, 5);
                assert_eq!(open_handles(), before);
            }
        },
    );
}

#[test]
fn more_descriptors_than_there_is_room_for_are_all_closed_and_an_error_that_names_the_room() {
    in_own_process(
        "linux::unix_descriptors::more_descriptors_than_there_is_room_for_are_all_closed_and_an_error_that_names_the_room",
        || {
            for (one, other) in pairs() {
                for room in 0..6 {
                    let mut fds = Descriptors::with_capacity(room);
                    let before = open_handles();
                    for too_many in [room + 1, room + 2, room + 40, Descriptors::MAX] {
                        send(&*one, too_many);
                        let error = other.receive(&mut [0; 8], &mut fds).unwrap_err();
                        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
                        assert!(error.to_string().contains(&format!("which is {room};")), "{error}");
                        assert!(fds.is_empty() && open_handles() == before, "{room} of {too_many}");
                    }
                    // The next message is whole.
                    send(&*one, room);
                    assert_eq!(other.receive(&mut [0; 8], &mut fds).unwrap(), 1);
                    assert_eq!((fds.len(), open_handles()), (room, before + room));
                    fds.clear();
                    assert_eq!(open_handles(), before);
                }
            }
        },
    );
}

#[test]
fn a_sender_that_is_described_too_takes_no_room_and_leaves_no_descriptor() {
    /// `SO_PASSPIDFD`, from Linux 6.5 on.
    const PASS_PIDFD: i32 = 76;
    in_own_process(
        "linux::unix_descriptors::a_sender_that_is_described_too_takes_no_room_and_leaves_no_descriptor",
        || {
            for (one, other) in pairs() {
                rustix::net::sockopt::set_socket_passcred(&*other, true).unwrap();
                // A kernel that does not know it refuses it.
                let with_pidfd = one_option(&*other, PASS_PIDFD);
                for room in [0, 1, 3] {
                    let mut fds = Descriptors::with_capacity(room);
                    let before = open_handles();
                    send(&*one, room);
                    assert_eq!(other.receive(&mut [0; 8], &mut fds).unwrap(), 1, "{with_pidfd}");
                    assert_eq!((fds.len(), open_handles()), (room, before + room), "{with_pidfd}");
                }
            }
        },
    );
}

#[test]
fn descriptors_that_cannot_be_opened_are_told_as_the_limit_and_not_as_a_lack_of_room() {
    in_own_process(
        "linux::unix_descriptors::descriptors_that_cannot_be_opened_are_told_as_the_limit_and_not_as_a_lack_of_room",
        || {
            let limits = getrlimit(Resource::Nofile);
            for (one, other) in pairs() {
                let mut fds = Descriptors::with_capacity(5);
                let before = open_handles();
                // So many of them can be opened; the system gives the lowest number that is free.
                for possible in 0..4_u64 {
                    send(&*one, 4);
                    let lowest = number(eventfd().as_fd());
                    let current = Some(lowest + possible);
                    setrlimit(Resource::Nofile, Rlimit { current, ..limits }).unwrap();
                    let error = other.receive(&mut [0; 8], &mut fds).unwrap_err();
                    setrlimit(Resource::Nofile, limits).unwrap();
                    assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded, "{possible}: {error}");
                    assert!(error.to_string().contains("RLIMIT_NOFILE"), "{error}");
                    assert!(fds.is_empty() && open_handles() == before, "{possible}");
                }
                // The next message is whole.
                send(&*one, 4);
                assert_eq!((other.receive(&mut [0; 8], &mut fds).unwrap(), fds.len()), (1, 4));
            }
        },
    );
}

/// Sets an option that is one integer, if the kernel knows it.
fn one_option(socket: &dyn Passes, name: i32) -> bool {
    let raw = i32::try_from(number(socket.as_fd())).unwrap();
    std::panic::catch_unwind(|| set_option(&raw, libc::SOL_SOCKET, name, 1)).is_ok()
}

#[test]
fn a_record_with_descriptors_says_if_it_did_not_fit() {
    let (one, other) = UnixSeqpacket::pair().unwrap();
    let passed = eventfd();
    one.send_with_fds(b"long record", &[passed.as_fd()]).unwrap();
    assert_kind(one.send_with_fds(b"", &[passed.as_fd()]), io::ErrorKind::InvalidInput);
    let mut fds = Descriptors::with_capacity(1);
    let record = other.recv_with_fds(&mut [0; 4], &mut fds).unwrap();
    assert!(record.len() == 4 && record.is_truncated() && record.is_end(), "{record:?}");
    assert_eq!(fds.len(), 1);
}

#[test]
fn a_datagram_with_descriptors_says_if_it_did_not_fit() {
    let (one, other) = UnixDatagram::pair().unwrap();
    let passed = eventfd();
    let mut fds = Descriptors::with_capacity(1);
    for (bytes, len, is_truncated) in [(&b"long"[..], 4, false), (b"longer", 4, true), (b"", 0, false)] {
        one.send_with_fds(bytes, &[passed.as_fd()]).unwrap();
        let record = other.recv_with_fds(&mut [0; 4], &mut fds).unwrap();
        assert_eq!((record.len(), record.is_truncated(), record.is_end()), (len, is_truncated, true));
        assert_eq!(fds.len(), 1);
    }
}

#[test]
fn the_end_of_a_stream_and_a_peer_that_is_gone_are_told_as_without_descriptors() {
    let (one, other) = UnixStream::pair().unwrap();
    let passed = eventfd();
    send(&one, 1);
    drop(one);
    let mut fds = Descriptors::with_capacity(1);
    assert_eq!(other.recv_with_fds(&mut [0; 8], &mut fds).unwrap(), 1);
    assert_eq!(fds.len(), 1);
    assert_eq!(other.recv_with_fds(&mut [0; 8], &mut fds).unwrap(), 0);
    assert!(fds.is_empty());
    assert_kind(other.send_with_fds(b"x", &[passed.as_fd()]), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_peer_that_is_gone_is_an_error_and_no_signal() {
    in_own_process("linux::unix_descriptors::a_peer_that_is_gone_is_an_error_and_no_signal", || {
        let_sigpipe_kill();
        let passed = eventfd();
        for (one, other) in pairs() {
            drop(other);
            for fds in [&[][..], &[passed.as_fd()]] {
                assert!(one.send(b"x", fds).is_err());
            }
        }
        let (one, other) = UnixSeqpacket::pair().unwrap();
        drop(other);
        assert_kind(one.send(b"x"), io::ErrorKind::BrokenPipe);
    });
}
