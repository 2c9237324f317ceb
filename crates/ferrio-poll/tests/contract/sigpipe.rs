//! No operation on a socket raises SIGPIPE: a closed peer is an error value.

use std::io::{self, IoSlice, Write};
use std::net::Shutdown;

use mio::net::{UnixDatagram, UnixStream};

use crate::harness::in_own_process;
use crate::harness::unix::let_sigpipe_kill;
use crate::net_harness::{linger_zero, settle, tcp_pair};

/// Repeats `write` until it fails; the failure must be that of a closed peer.
fn assert_ends_in_an_error(mut write: impl FnMut() -> io::Result<usize>) {
    let error = (0..100)
        .find_map(|_| {
            let error = write().err();
            settle();
            error
        })
        .expect("an error within 100 writes");
    let kind = error.kind();
    assert!(kind == io::ErrorKind::BrokenPipe || kind == io::ErrorKind::ConnectionReset, "{error}");
}

#[test]
fn a_write_to_a_reset_tcp_stream_raises_no_signal() {
    in_own_process("sigpipe::a_write_to_a_reset_tcp_stream_raises_no_signal", || {
        let_sigpipe_kill();
        let (mut stream, peer) = tcp_pair();
        linger_zero(&peer);
        drop(peer);
        assert_ends_in_an_error(|| stream.write(b"late"));
        assert_eq!(stream.write(b"later").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_vectored_write_to_a_reset_tcp_stream_raises_no_signal() {
    in_own_process("sigpipe::a_vectored_write_to_a_reset_tcp_stream_raises_no_signal", || {
        let_sigpipe_kill();
        let (mut stream, peer) = tcp_pair();
        linger_zero(&peer);
        drop(peer);
        assert_ends_in_an_error(|| stream.write_vectored(&[IoSlice::new(b"late")]));
        let error = stream.write_vectored(&[IoSlice::new(b"later")]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_write_after_a_shutdown_raises_no_signal() {
    in_own_process("sigpipe::a_write_after_a_shutdown_raises_no_signal", || {
        let_sigpipe_kill();
        let (mut stream, _peer) = tcp_pair();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(stream.write(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!((&stream).write(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_write_to_a_closed_unix_stream_raises_no_signal() {
    in_own_process("sigpipe::a_write_to_a_closed_unix_stream_raises_no_signal", || {
        let_sigpipe_kill();
        let (mut stream, peer) = UnixStream::pair().unwrap();
        drop(peer);
        assert_eq!(stream.write(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!((&stream).write(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_vectored_write_to_a_closed_unix_stream_raises_no_signal() {
    in_own_process("sigpipe::a_vectored_write_to_a_closed_unix_stream_raises_no_signal", || {
        let_sigpipe_kill();
        let (mut stream, peer) = UnixStream::pair().unwrap();
        drop(peer);
        let error = stream.write_vectored(&[IoSlice::new(b"late")]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_datagram_after_a_shutdown_raises_no_signal() {
    in_own_process("sigpipe::a_datagram_after_a_shutdown_raises_no_signal", || {
        let_sigpipe_kill();
        let (socket, _peer) = UnixDatagram::pair().unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
        assert_eq!(socket.send(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    });
}
