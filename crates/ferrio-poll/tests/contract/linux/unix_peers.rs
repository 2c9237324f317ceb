//! The process at the other end of a Unix socket.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;
use std::process::{self, Command, Stdio};

use mio::net::{UnixListener, UnixSeqpacket, UnixStream};
use mio::unix::FdSource;
use mio::{Interest, Token};

use crate::harness::unix::{SocketPath, is_close_on_exec, number};
use crate::harness::{expect_one_event, poll_with_events};

#[test]
fn both_ends_are_told_the_process_and_its_user() {
    let path = SocketPath::new();
    let listener = UnixListener::bind(&path).unwrap();
    let client = UnixStream::connect(&path).unwrap();
    let (server, _) = listener.accept().unwrap();
    let (record, _other) = UnixSeqpacket::pair().unwrap();
    let all = [client.peer_credentials(), server.peer_credentials(), record.peer_credentials()];
    for peer in all.map(Result::unwrap) {
        assert_eq!(peer.pid(), Some(process::id()));
        assert_eq!(peer.uid(), rustix::process::geteuid().as_raw());
        assert_eq!(peer.gid(), rustix::process::getegid().as_raw());
    }
}

#[test]
fn the_credentials_stay_those_of_the_process_that_made_the_pair() {
    let (ours, theirs) = StdStream::pair().unwrap();
    let mut child = Command::new("cat").stdin(Stdio::from(OwnedFd::from(theirs))).spawn().unwrap();
    let ours = UnixStream::from_std(ours);
    assert_ne!(child.id(), process::id());
    assert_eq!(ours.peer_credentials().unwrap().pid(), Some(process::id()));
    drop(ours);
    child.wait().unwrap();
}

#[test]
fn a_pidfd_of_the_peer_is_close_on_exec_and_silent_while_the_peer_lives() {
    let (one, _other) = UnixStream::pair().unwrap();
    let pidfd = match one.peer_pidfd() {
        Ok(pidfd) => pidfd,
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{error}");
            assert!(error.to_string().contains("SO_PEERPIDFD"), "{error}");
            return;
        }
    };
    assert!(is_close_on_exec(&pidfd));
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", number(&pidfd)));
    assert!(info.unwrap().contains(&format!("Pid:\t{}\n", process::id())));
}

#[test]
fn a_pidfd_of_the_peer_is_readable_once_the_peer_has_exited() {
    let path = SocketPath::new();
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let script =
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); sys.stdin.read()";
    let child = Command::new("python3").args(["-c", script]).arg(path.as_ref()).stdin(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        println!("SKIPPED: no python3, which is the peer");
        return;
    };
    let (stream, _) = listener.accept().unwrap();
    let stream = UnixStream::from_std(stream);
    assert_eq!(stream.peer_credentials().unwrap().pid(), Some(child.id()));
    if let Ok(pidfd) = stream.peer_pidfd() {
        let (mut poll, mut events) = poll_with_events();
        let mut source = FdSource::new(pidfd.as_fd());
        poll.registry().register(&mut source, Token(3), Interest::READABLE).unwrap();
        drop(child.stdin.take());
        assert!(expect_one_event(&mut poll, &mut events, Token(3)).is_readable());
    }
    drop(child.stdin.take());
    child.wait().unwrap();
}
