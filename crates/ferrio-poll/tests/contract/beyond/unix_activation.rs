//! Descriptors that a service manager hands over; here it is a shell.
#![allow(unsafe_code, reason = "a descriptor that is known by its number is taken")]

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::net::{UnixDatagram as StdDatagram, UnixListener as StdListener};
use std::process::{Command, Stdio};
use std::{env, iter};

use mio::net::activation::{self, Entry, Inherited};
use mio::net::{UnixSeqpacket, UnixSeqpacketListener, UnixStream};
use mio::{Interest, Token};

use rustix::fs::{Mode, OFlags};
use rustix::io::FdFlags;

use crate::harness::unix::{SocketPath, is_close_on_exec, is_non_blocking};
use crate::harness::{assert_kind, expect_one_event, poll_with_events, retry, this_program};

/// Set in the process that was handed something.
const CHILD: &str = "FERRIO_CONTRACT_ACTIVATED";

/// The output of this program, started with `variables` and with `fds` as its descriptors 3 and 4,
/// when it runs `test` alone. With `LISTEN_PID=own` it is told its own id.
pub(crate) fn start(test: &str, fds: [OwnedFd; 2], variables: &[(&str, &str)]) -> String {
    let [third, fourth] = fds;
    let program = this_program();
    let words = iter::once(program.get_program()).chain(program.get_args());
    let script = "test \"$LISTEN_PID\" = own && export LISTEN_PID=$$
                  exec \"$@\" 3<&0 4<&2 </dev/null 2>/dev/null";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).args(words);
    shell.args([test, "--exact", "--test-threads=1", "--nocapture"]).env(CHILD, "1");
    shell.envs(variables.iter().copied()).stdin(Stdio::from(third)).stderr(Stdio::from(fourth));
    let output = shell.output().expect("a shell");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("1 passed"), "{}: {text}", output.status);
    text
}

pub(crate) fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

/// Two descriptors that are not sockets.
fn pipes() -> [OwnedFd; 2] {
    let (reader, writer) = rustix::pipe::pipe().unwrap();
    [reader, writer]
}

/// The variables for two descriptors.
pub(crate) const TWO: [(&str, &str); 2] = [("LISTEN_PID", "own"), ("LISTEN_FDS", "2")];

#[test]
fn a_process_that_was_handed_nothing_takes_nothing() {
    for _ in 0..3 {
        assert!(activation::take().unwrap().is_empty());
    }
}

#[test]
fn listeners_come_as_what_they_are_with_their_names_and_serve() {
    let test = "beyond::unix_activation::listeners_come_as_what_they_are_with_their_names_and_serve";
    let path = env::var("FERRIO_CONTRACT_PATH");
    if !is_child() {
        let path = SocketPath::new();
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = tcp.local_addr().unwrap().to_string();
        let records = UnixSeqpacketListener::bind(&path).unwrap();
        let names =
            [("LISTEN_FDNAMES", "http:control"), ("FERRIO_CONTRACT_PATH", path.as_ref().to_str().unwrap())];
        let variables = [&TWO[..], &names, &[("FERRIO_CONTRACT_ADDRESS", &address)]].concat();
        start(test, [tcp.into(), records.into()], &variables);
        return;
    }
    let mut entries = activation::take().unwrap().into_iter();
    let (first, second) = (entries.next().unwrap(), entries.next().unwrap());
    assert_eq!((first.name.as_deref(), second.name.as_deref()), (Some("http"), Some("control")));
    let (Inherited::TcpListener(mut tcp), Inherited::UnixSeqpacketListener(records)) =
        (first.source, second.source)
    else {
        panic!("other sockets");
    };
    assert!(is_close_on_exec(&tcp) && is_non_blocking(&tcp));
    assert!(is_close_on_exec(&records) && is_non_blocking(&records));
    assert!(entries.next().is_none());
    assert_kind(activation::take(), io::ErrorKind::AlreadyExists);
    let (mut poll, mut events) = poll_with_events();
    poll.registry().register(&mut tcp, Token(1), Interest::READABLE).unwrap();
    let _client = std::net::TcpStream::connect(env::var("FERRIO_CONTRACT_ADDRESS").unwrap()).unwrap();
    expect_one_event(&mut poll, &mut events, Token(1));
    tcp.accept().unwrap();
    let client = UnixSeqpacket::connect(path.unwrap()).unwrap();
    client.send(b"hello").unwrap();
    let (server, _) = records.accept().unwrap();
    assert_eq!(retry(|| server.recv(&mut [0; 8])).unwrap().len(), 5);
}

/// The kinds of what was handed over, all of it close-on-exec.
fn kinds(entries: &[Entry]) -> Vec<&'static str> {
    let kind = |entry: &Entry| {
        assert_eq!(entry.name, None);
        let (fd, kind) = match &entry.source {
            Inherited::TcpStream(stream) => (stream.as_fd(), "tcp stream"),
            Inherited::UdpSocket(socket) => (socket.as_fd(), "udp socket"),
            Inherited::UnixDatagram(socket) => (socket.as_fd(), "unix datagram"),
            Inherited::UnixListener(listener) => (listener.as_fd(), "unix listener"),
            Inherited::UnixSeqpacket(socket) => (socket.as_fd(), "unix seqpacket"),
            Inherited::UnixStream(stream) => (stream.as_fd(), "unix stream"),
            Inherited::Other(fd) => (fd.as_fd(), "other"),
            other => panic!("{other:?}"),
        };
        assert!(is_close_on_exec(fd) && is_non_blocking(fd) == (kind != "other"), "{entry:?}");
        kind
    };
    entries.iter().map(kind).collect()
}

#[test]
fn every_other_kind_is_told_too() {
    let test = "beyond::unix_activation::every_other_kind_is_told_too";
    if is_child() {
        println!("kinds: {:?}", kinds(&activation::take().unwrap()));
        return;
    }
    let path = SocketPath::new();
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = std::net::TcpStream::connect(tcp.local_addr().unwrap()).unwrap();
    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let (datagram, _peer) = StdDatagram::pair().unwrap();
    let (records, _other) = UnixSeqpacket::pair().unwrap();
    let (stream, _end) = UnixStream::pair().unwrap();
    let all: [(&str, [OwnedFd; 2]); 3] = [
        ("[\"tcp stream\", \"udp socket\"]", [client.into(), udp.into()]),
        (
            "[\"unix listener\", \"unix datagram\"]",
            [StdListener::bind(&path).unwrap().into(), datagram.into()],
        ),
        ("[\"unix seqpacket\", \"unix stream\"]", [records.into(), stream.into()]),
    ];
    for (expected, fds) in all {
        let text = start(test, fds, &TWO);
        assert!(text.contains(&format!("kinds: {expected}")), "{text}");
    }
    let text = start(test, pipes(), &TWO);
    assert!(text.contains("kinds: [\"other\", \"other\"]"), "{text}");
}

#[test]
fn what_is_no_socket_comes_as_it_is() {
    let test = "beyond::unix_activation::what_is_no_socket_comes_as_it_is";
    if !is_child() {
        start(test, pipes(), &TWO);
        return;
    }
    let files: Vec<File> = activation::take()
        .unwrap()
        .into_iter()
        .map(|entry| match entry.source {
            Inherited::Other(fd) => File::from(fd),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(files.iter().all(|file| is_close_on_exec(file) && !is_non_blocking(file)));
    let [mut reader, mut writer] = <[File; 2]>::try_from(files).unwrap();
    writer.write_all(b"through it").unwrap();
    let mut buf = [0; 10];
    reader.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"through it");
}

#[test]
fn what_the_process_has_opened_itself_is_not_taken() {
    let test = "beyond::unix_activation::what_the_process_has_opened_itself_is_not_taken";
    if !is_child() {
        start(test, pipes(), &TWO);
        return;
    }
    // Something else has taken the first one and closed it, and another file has its number.
    let third = rustix::fs::open("/dev/null", OFlags::CLOEXEC, Mode::empty()).unwrap();
    // SAFETY: nothing else in this process uses the descriptor that was handed over.
    let mut handed = unsafe { OwnedFd::from_raw_fd(3) };
    rustix::io::dup2(&third, &mut handed).unwrap();
    rustix::io::fcntl_setfd(&handed, FdFlags::CLOEXEC).unwrap();
    let error = activation::take().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains("descriptor 3"), "{error}");
}

#[test]
fn wrong_values_are_errors_that_name_them_and_take_nothing() {
    let test = "beyond::unix_activation::wrong_values_are_errors_that_name_them_and_take_nothing";
    if is_child() {
        match activation::take() {
            Ok(entries) => println!("took {}", entries.len()),
            // A second try is told the same: nothing was taken.
            Err(error) => {
                assert_eq!(activation::take().unwrap_err().to_string(), error.to_string());
                println!("{:?}: {error}", error.kind());
            }
        }
        return;
    }
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[("LISTEN_PID", "own"), ("LISTEN_FDS", "two")], "InvalidInput: LISTEN_FDS=\"two\" is not"),
        (&[("LISTEN_PID", "own"), ("LISTEN_FDS", "-2")], "InvalidInput: LISTEN_FDS=\"-2\" is not"),
        (
            &[("LISTEN_PID", "own"), ("LISTEN_FDS", "4294967295")],
            "InvalidInput: LISTEN_FDS=\"4294967295\" is not",
        ),
        // As many as there may be, none of which is open.
        (&[("LISTEN_PID", "own"), ("LISTEN_FDS", "2147483647")], "InvalidInput: LISTEN_FDS=2147483647"),
        (
            &[("LISTEN_PID", "own"), ("LISTEN_FDS", "1000000")],
            "NotFound: LISTEN_FDS=1000000 says that descriptor",
        ),
        (&[("LISTEN_PID", "me"), ("LISTEN_FDS", "2")], "InvalidInput: LISTEN_PID=\"me\" is not"),
        // Somebody else's.
        (&[("LISTEN_PID", "1"), ("LISTEN_FDS", "2")], "took 0"),
        (&[("LISTEN_PID", "own"), ("LISTEN_FDS", "0")], "took 0"),
        (
            &[("LISTEN_PID", "own"), ("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "a:b:c")],
            "InvalidInput: LISTEN_FDNAMES=\"a:b:c\" is not 2 names",
        ),
    ];
    for (variables, expected) in cases {
        let text = start(test, pipes(), variables);
        assert!(text.contains(expected), "{variables:?}: {text}");
    }
}
