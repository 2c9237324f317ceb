//! What a short read proves of the descriptors and by the options that only Linux has.

use std::io::Write;
use std::os::unix::net::UnixStream as StdStream;

use mio::net::TcpStream;
use mio::unix::pipe;
use mio::{Interest, Token};
use rustix::net::{SendFlags, SocketFlags, SocketType};
use rustix::pipe::PipeFlags;

use crate::beyond::short_reads::read_once;
use crate::beyond::unix_short_reads::assert_more;
use crate::harness::skips::is_skipped;
use crate::harness::unix::set_option;
use crate::harness::{expect_one_event, poll_with_events, retry};

const SOURCE: Token = Token(5);

#[test]
fn a_read_ends_where_the_credentials_of_a_unix_stream_change() {
    let (reader, writer) = StdStream::pair().unwrap();
    (&writer).write_all(b"before ").unwrap();
    // From here on the kernel notes who sends.
    rustix::net::sockopt::set_socket_passcred(&reader, true).unwrap();
    (&writer).write_all(b"after").unwrap();
    assert_more(&reader, b"before ", b"after");
}

#[test]
fn a_read_ends_at_the_packet_of_a_pipe_in_packet_mode() {
    let flags = PipeFlags::DIRECT | PipeFlags::NONBLOCK | PipeFlags::CLOEXEC;
    let (reader, writer) = rustix::pipe::pipe_with(flags).unwrap();
    let (reader, mut writer) = (pipe::Receiver::from(reader), pipe::Sender::from(writer));
    writer.write_all(b"one").unwrap();
    writer.write_all(b"two").unwrap();
    assert_more(&reader, b"one", b"two");
}

#[test]
fn a_read_ends_at_the_record_of_a_sequenced_packet_socket() {
    let (reader, writer) = rustix::net::socketpair(
        rustix::net::AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )
    .unwrap();
    for record in [&b"one"[..], b"two"] {
        rustix::net::send(&writer, record, SendFlags::empty()).unwrap();
    }
    let mut buf = [0; 64];
    for record in [&b"one"[..], b"two"] {
        let (_, count) = rustix::net::recv(&reader, &mut buf[..], rustix::net::RecvFlags::empty()).unwrap();
        assert_eq!(&buf[..count], record);
    }
}

#[test]
fn a_peek_behind_an_offset_is_short_although_nothing_was_taken() {
    if is_skipped("linux::short_reads::a_peek_behind_an_offset_is_short_although_nothing_was_taken") {
        return;
    }
    let (reader, mut writer) = StdStream::pair().unwrap();
    writer.write_all(b"abcdef").unwrap();
    set_option(&reader, libc::SOL_SOCKET, libc::SO_PEEK_OFF, 4);
    let mut buf = [0; 64];
    let (_, count) = rustix::net::recv(&reader, &mut buf[..], rustix::net::RecvFlags::PEEK).unwrap();
    assert_eq!(&buf[..count], b"ef");
    assert_eq!(read_once(&reader), b"abcdef");
}

#[test]
fn a_stream_of_several_paths_is_drained_by_a_short_read_like_any_other() {
    let family = rustix::net::AddressFamily::INET;
    // IPPROTO_MPTCP; a kernel without it refuses the socket.
    let protocol = rustix::net::Protocol::from_raw(std::num::NonZeroU32::new(262).unwrap());
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let Ok(listener) = rustix::net::socket_with(family, SocketType::STREAM, flags, Some(protocol)) else {
        println!("SKIPPED: this kernel has no MPTCP");
        return;
    };
    let listener = std::net::TcpListener::from(listener);
    let any: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
    rustix::net::bind(&listener, &any).unwrap();
    rustix::net::listen(&listener, 8).unwrap();
    let client =
        rustix::net::socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, Some(protocol)).unwrap();
    rustix::net::connect(&client, &listener.local_addr().unwrap()).unwrap();
    let client = std::net::TcpStream::from(client);
    let (accepted, _) = retry(|| listener.accept()).unwrap();
    accepted.set_nonblocking(true).unwrap();
    let (mut poll, mut events) = poll_with_events();
    let mut stream = TcpStream::from_std(accepted);
    poll.registry().register(&mut stream, SOURCE, Interest::READABLE).unwrap();
    let mut seen = 0;
    for _ in 0..50 {
        (&client).write_all(b"ab").unwrap();
        expect_one_event(&mut poll, &mut events, SOURCE);
        seen += read_once(&stream).len();
    }
    assert_eq!(seen, 100);
}
