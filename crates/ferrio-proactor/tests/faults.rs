//! A ring whose system calls fail now and then: nothing is lost.
//!
//! Each row runs the echo below in a process of its own under strace(1), which lets calls fail without
//! making them. Without strace the tests say so and check nothing; where `CI` is set they fail.
#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use ferrio_poll::{Backend, Events, Poll, Token};
use ferrio_proactor::{Choice, Completions, Config, Kind, Proactor, op};

/// What fails, how, at which call first, and how many calls after that again.
const ROWS: &[(&str, &str, &str)] = &[
    ("io_uring_enter", "EINTR", "3+7"),
    ("io_uring_enter", "EAGAIN", "3+7"),
    ("io_uring_enter", "EBUSY", "3+7"),
    // From the first on, where the driver tries what the kernel can do. Each refusal is followed by a
    // call that waits, so of every second the submissions alone would fail, for ever.
    ("io_uring_enter", "EINTR", "1+2"),
    ("io_uring_enter", "EAGAIN", "1+3"),
    ("io_uring_enter", "EBUSY", "1+3"),
];

/// Says to a process that it is to be the echo, and over which backend.
const VARIABLE: &str = "FERRIO_FAULTS_BACKEND";

/// How many connections there are at once, and how many bytes each sends.
const CONNECTIONS: usize = 8;
const BYTES: usize = 200_000;

/// Bytes that differ from connection to connection.
fn bytes(connection: usize) -> Vec<u8> {
    (0..BYTES).map(|number| (number * 7 + number / 251 + connection) as u8).collect()
}

/// Sends all, and reads it back at the same time.
fn client(address: std::net::SocketAddr, number: usize) {
    let mut stream = TcpStream::connect(address).unwrap();
    let sent = bytes(number);
    let mut writer = stream.try_clone().unwrap();
    let written = sent.clone();
    let writing = thread::spawn(move || {
        writer.write_all(&written).unwrap();
        writer.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    writing.join().unwrap();
    assert!(received == sent, "connection {number}: {} of {BYTES} bytes", received.len());
}

/// Echoes until all clients have gone.
fn echo(backend: Backend) {
    let config = Config { driver: Choice::Ring, entries: 8, buffers: 16, ..Config::default() };
    let poll = Poll::builder().backend(backend).build().unwrap();
    let mut proactor = Proactor::new(poll, config).unwrap();
    let (mut events, mut completions) = (Events::with_capacity(16), Completions::with_capacity(16));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let clients: Vec<_> =
        (0..CONNECTIONS).map(|number| thread::spawn(move || client(address, number))).collect();
    let handle = proactor.attach(listener);
    proactor.submit(Token(0), op::AcceptMany { handle }).unwrap();
    let mut handles = vec![handle];
    let mut ended = 0;
    let mut interrupted = 0;
    while ended < CONNECTIONS {
        match proactor.poll(&mut events, &mut completions, None) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => interrupted += 1,
            polled => polled.unwrap(),
        }
        while let Some(completion) = completions.next() {
            let token = completion.token;
            match completion.kind {
                Kind::Accepted(stream) => {
                    let handle = proactor.attach(stream);
                    proactor.submit(Token(handles.len()), op::RecvMany { handle }).unwrap();
                    handles.push(handle);
                }
                Kind::Received(chunk) => {
                    proactor.submit(token, op::Send::new(handles[token.0], chunk)).unwrap();
                }
                Kind::Ended(result) => {
                    result.unwrap();
                    let how = std::net::Shutdown::Write;
                    proactor.submit(token, op::Shutdown { handle: handles[token.0], how }).unwrap();
                    ended += 1;
                }
                Kind::Done(done) => assert!(done.is_ok(), "{done:?}"),
                kind => panic!("{kind:?}"),
            }
        }
    }
    // The last sends and shutdowns.
    while proactor.stats().submitted > proactor.stats().completed + 1 {
        match proactor.poll(&mut events, &mut completions, None) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => interrupted += 1,
            polled => polled.unwrap(),
        }
    }
    clients.into_iter().for_each(|client| client.join().unwrap());
    println!("interrupted {interrupted} times, {} enters", proactor.stats().enters);
}

/// Whether there is a ring, and strace.
fn is_possible() -> bool {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(env::var_os("CI").is_none(), "strace is not installed, and this is CI");
        println!("SKIPPED: strace is not installed");
        return false;
    }
    let config = Config { driver: Choice::Ring, ..Config::default() };
    let mut proactor = Proactor::new(Poll::new().unwrap(), config).unwrap();
    match proactor.capabilities() {
        Ok(_) => true,
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            println!("SKIPPED: {error}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

/// Runs the echo with a fault, and gives how often it came.
fn run((call, error, when): (&str, &str, &str), backend: &str) -> usize {
    let name = format!("faults-{}-{call}-{error}-{when}-{backend}", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(&path)
        .args(["-e", &format!("trace={call}"), "-e", &format!("inject={call}:error={error}:when={when}")])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "every_byte_arrives_though_calls_fail", "--nocapture"])
        .env(VARIABLE, backend)
        .output()
        .unwrap();
    let trace = fs::read_to_string(&path).unwrap();
    let _ = fs::remove_file(&path);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let injected = trace.lines().filter(|line| line.contains("INJECTED")).count();
    println!("{call} {error} {when} over {backend}: {injected} injected");
    assert!(output.status.success() && said.contains("1 passed"), "{call} {error} {when}: {said}");
    injected
}

#[test]
fn every_byte_arrives_though_calls_fail() {
    match env::var(VARIABLE).as_deref() {
        Ok("poll2") => return echo(Backend::Poll2),
        Ok(_) => return echo(Backend::Epoll),
        Err(_) => {}
    }
    if !is_possible() {
        return;
    }
    for row in ROWS {
        for backend in ["epoll", "poll2"] {
            assert!(run(*row, backend) > 0, "{row:?} over {backend}: void, nothing was injected");
        }
    }
}
