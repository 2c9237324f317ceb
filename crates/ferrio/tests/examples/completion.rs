//! The examples of completion, each on both drivers.

#[cfg(unix)]
mod unix;

use std::fs;
use std::io::{ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use crate::harness::{
    Example, PATIENCE, Peer, assert_refused, expect, expect_closed, expect_silence, run, unique_path,
};

/// Runs `test` with each driver that there is. A ring may be denied, and the example says so.
fn on_each(test: impl Fn(&'static str)) {
    let output = run("adopt", &["--driver", "ring"]);
    let is_denied = String::from_utf8_lossy(&output.stderr).contains("no ring: ");
    test("readiness");
    test("auto");
    if is_denied {
        println!("SKIPPED: the ring is denied here");
    } else {
        test("ring");
    }
}

/// Starts a server, and sees that it runs on the driver.
fn server(name: &str, driver: &str, args: &[&str]) -> Example {
    let mut example = Example::start(name, &[args, &["--driver", driver]].concat());
    let line = example.line();
    let kind = line.strip_prefix("driver: ").expect("the driver first");
    assert!(driver == "auto" || kind.trim_end() == driver, "{line}");
    example
}

/// What an example that ends has printed, without the driver.
fn text(name: &str, driver: &str, args: &[&str]) -> String {
    let output = run(name, &[args, &["--driver", driver]].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} on {driver}: {errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    let rest = text.lines().filter(|line| !line.starts_with("driver: ") && !line.starts_with("no ring: "));
    rest.map(|line| format!("{line}\n")).collect()
}

#[test]
fn echoes_come_whole_also_to_a_client_that_reads_late() {
    on_each(|driver| {
        let mut server = server("completion_echo", driver, &["127.0.0.1:0"]);
        let addr = server.addr();
        let mut first = TcpStream::connect(addr).unwrap();
        first.write_all(b"hello").unwrap();
        expect(&mut first, b"hello");

        // More than the buffers of both sockets hold, from a client that reads only afterwards.
        let late = TcpStream::connect(addr).unwrap();
        let mut writer = late.try_clone().unwrap();
        let bytes: Vec<u8> = (0..16 << 20_u32).map(|number| (number % 251) as u8).collect();
        let sent = bytes.clone();
        let writing = std::thread::spawn(move || {
            writer.write_all(&sent).unwrap();
            writer.shutdown(Shutdown::Write).unwrap();
        });
        std::thread::sleep(Duration::from_millis(100));
        // Meanwhile the others are served.
        first.write_all(b"again").unwrap();
        expect(&mut first, b"again");
        let mut late = late;
        let received = expect_closed(&mut late);
        assert!(received == bytes, "{driver}: {} of {} bytes", received.len(), bytes.len());
        writing.join().unwrap();
    });
}

/// Clients of the broadcast server, each of which is known to be there.
fn clients(addr: SocketAddr, count: usize) -> Vec<TcpStream> {
    crate::harness::join(addr, count)
}

#[test]
fn lines_reach_all_others_whole_and_not_their_sender() {
    on_each(|driver| {
        let mut server = server("completion_broadcast", driver, &["127.0.0.1:0"]);
        let mut peers = clients(server.addr(), 4);
        peers[0].write_all(b"one\ntwo\nthr").unwrap();
        for peer in &mut peers[1..] {
            expect(peer, b"one\ntwo\n");
        }
        // In many pieces, while another speaks.
        for byte in b"ee, in pieces" {
            peers[0].write_all(&[*byte]).unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        peers[1].write_all(b"between\n").unwrap();
        for index in [0, 2, 3] {
            expect(&mut peers[index], b"between\n");
        }
        peers[0].write_all(b"\n").unwrap();
        for peer in &mut peers[1..] {
            expect(peer, b"three, in pieces\n");
        }
        expect_silence(&mut peers[0]);
        // One that leaves is missed by nobody.
        drop(peers.pop());
        peers[2].write_all(b"still here\n").unwrap();
        for peer in &mut peers[..2] {
            expect(peer, b"still here\n");
        }
    });
}

#[test]
fn a_client_that_does_not_read_holds_up_nobody_and_is_disconnected() {
    // More than the sockets of the client that does not read hold.
    const ROUNDS: usize = 400;
    on_each(|driver| {
        let args = ["127.0.0.1:0", "--queue", "200000", "--stall", "60000"];
        let mut server = server("completion_broadcast", driver, &args);
        // The first does not read from now on.
        let mut peers = clients(server.addr(), 3);
        let mut sender = peers.pop().unwrap();
        let mut reader = peers.pop().unwrap();
        let lines = [[b'x'; 1023].as_slice(), b"\n"].concat().repeat(64);
        for _ in 0..ROUNDS {
            sender.write_all(&lines).unwrap();
            expect(&mut reader, &lines);
        }
        server.line_with("too slow, its queue is full");
    });
}

#[test]
fn a_client_that_takes_nothing_is_disconnected_in_time() {
    on_each(|driver| {
        let args = ["127.0.0.1:0", "--queue", "1000000000", "--stall", "200"];
        let mut server = server("completion_broadcast", driver, &args);
        let mut peers = clients(server.addr(), 2);
        let mut sender = peers.pop().unwrap();
        sender.limit_reads(PATIENCE);
        let line = [[b'x'; 4095].as_slice(), b"\n"].concat();
        // More than the sockets hold.
        for _ in 0..4000 {
            sender.write_all(&line).unwrap();
        }
        server.line_with("too slow, it takes nothing");
        // And its peer goes on.
        let mut other = TcpStream::connect(sender.peer_addr().unwrap()).unwrap();
        other.write_all(b"hello\n").unwrap();
        expect(&mut sender, b"hello\n");
    });
}

#[test]
fn a_line_without_an_end_is_refused() {
    on_each(|driver| {
        let mut server = server("completion_broadcast", driver, &["127.0.0.1:0"]);
        let mut peers = clients(server.addr(), 2);
        // A reset if it has sent more than the server has read.
        match peers[0].write_all(&vec![b'x'; 200_000]) {
            Err(error) => assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)),
            Ok(()) => drop(expect_closed(&mut peers[0])),
        }
        server.line_with("a line that is too long");
        expect_silence(&mut peers[1]);
    });
}

#[test]
fn datagrams_come_back_to_their_senders() {
    on_each(|driver| {
        let mut server = server("udp_echo", driver, &["127.0.0.1:0"]);
        let addr = server.addr();
        let sockets: Vec<UdpSocket> = (0..3).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
        for (number, socket) in sockets.iter().enumerate() {
            socket.connect(addr).unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket.send(format!("from {number}").as_bytes()).unwrap();
        }
        for (number, socket) in sockets.iter().enumerate() {
            let mut bytes = [0; 64];
            let count = socket.recv(&mut bytes).unwrap();
            assert_eq!(bytes[..count], *format!("from {number}").as_bytes(), "{driver}");
        }
        // One that does not fit into a buffer has no answer; an empty one has.
        sockets[0].send(&[1; 4000]).unwrap();
        sockets[0].send(&[]).unwrap();
        assert_eq!(sockets[0].recv(&mut [0; 64]).unwrap(), 0, "{driver}");
    });
}

#[test]
fn a_file_is_copied_whole_and_never_onto_itself() {
    on_each(|driver| {
        let (from, to) = (unique_path("from"), unique_path("to"));
        let (from_name, to_name) = (from.to_str().unwrap(), to.to_str().unwrap());
        for size in [0, 1, 256 * 1024, 5 * 1024 * 1024 + 17] {
            let bytes: Vec<u8> = (0..size).map(|number| (number % 253) as u8).collect();
            fs::write(&from, &bytes).unwrap();
            // What is there is replaced.
            fs::write(&to, vec![9; 300_000]).unwrap();
            assert_eq!(text("file_copy", driver, &[from_name, to_name]), format!("{size} bytes\n"));
            assert!(fs::read(&to).unwrap() == bytes, "{driver}: {size}");
        }
        let size = fs::metadata(&from).unwrap().len();
        assert_refused("file_copy", &[from_name, from_name], &["the same file"]);
        assert_eq!(fs::metadata(&from).unwrap().len(), size);
        // Each system has its own words for it.
        let why = fs::metadata("/no/such/file").unwrap_err().to_string();
        assert_refused("file_copy", &["/no/such/file", to_name], &[&format!("/no/such/file: {why}")]);
        let nowhere = ["--driver", driver, from_name, "/no/such/folder/file"];
        assert_refused("file_copy", &nowhere, &["/no/such/folder/file", &why]);
        fs::remove_file(from).unwrap();
        fs::remove_file(to).unwrap();
    });
}

#[test]
fn a_loop_of_readiness_goes_on_in_the_wait_of_a_proactor_and_after_it() {
    on_each(|driver| {
        let text = text("adopt", driver, &[]);
        let mut lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.first(), Some(&"by the Poll: an event of the socket"));
        assert_eq!(lines.last(), Some(&"by the Poll again: an event of the socket"));
        lines.sort_unstable();
        let expected = [
            "by the Poll again: an event of the socket",
            "by the Poll: an event of the socket",
            "by the proactor: 5 bytes received",
            "by the proactor: an event of the socket",
            "by the proactor: an event of the timer",
            "by the proactor: an event of the waker",
        ];
        assert_eq!(lines, expected, "{driver}");
    });
}

#[test]
fn other_threads_submit_wake_and_cancel() {
    on_each(|driver| {
        let expected = "400 lines of 4 threads\n\
                        4 threads have finished, and the receive was cancelled by another\n\
                        afterwards: the proactor of this remote is gone: nobody reads what is asked of it\n";
        assert_eq!(text("remote", driver, &[]), expected, "{driver}");
    });
}
