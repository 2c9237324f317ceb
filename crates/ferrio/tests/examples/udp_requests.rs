//! The UDP server with requests and answers.

use std::net::{SocketAddr, UdpSocket};
use std::thread;

use crate::harness::{Example, PATIENCE, assert_refused, eventually};

fn client(addr: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.connect(addr).unwrap();
    socket
}

fn ask(socket: &UdpSocket, request: &[u8]) -> String {
    socket.send(request).unwrap();
    let mut buf = [0; 1000];
    let count = socket.recv(&mut buf).unwrap();
    String::from_utf8(buf[..count].to_vec()).unwrap()
}

#[test]
fn each_request_has_its_answer_and_a_wrong_one_says_why() {
    let mut server = Example::start("udp_requests", &["127.0.0.1:0"]);
    let (one, other) = {
        let addr = server.addr();
        (client(addr), client(addr))
    };
    assert_eq!(ask(&one, b"add apples 3\n"), "apples 3\n");
    assert_eq!(ask(&other, b"add apples -5"), "apples -2\n");
    assert_eq!(ask(&one, b"get apples"), "apples -2\n");
    assert_eq!(ask(&one, b"add apples 9223372036854775807"), "apples 9223372036854775805\n");
    assert_eq!(ask(&one, b"get pears"), "error: no such counter\n");
    assert_eq!(ask(&one, b"add apples many"), "error: not a number\n");
    assert_eq!(ask(&one, b"\xff"), "error: not UTF-8\n");
    assert_eq!(ask(&one, &[b'x'; 2000]), "error: too long\n");
    assert!(ask(&one, b"").starts_with("error: say `get NAME`"));
    assert_eq!(ask(&other, b"stats"), "requests=10 bad=5 lost=0 blocked=0 cut=0\n");
}

#[test]
fn a_client_that_floods_or_has_gone_does_not_stop_the_others() {
    let mut server = Example::start("udp_requests", &["127.0.0.1:0"]);
    let addr = server.addr();
    thread::scope(|scope| {
        for _ in 0..3 {
            // It never takes an answer, and is gone at the end: those that come then are refused.
            scope.spawn(move || {
                let socket = client(addr);
                for _ in 0..20_000 {
                    let _ = socket.send(b"add flood 1");
                }
            });
        }
        let socket = client(addr);
        let mut answered = 0;
        socket.set_read_timeout(Some(PATIENCE / 50)).unwrap();
        for _ in 0..200 {
            socket.send(b"add talk 1").unwrap();
            // What finds the queue of the kernel full is lost; that is UDP.
            answered += u32::from(socket.recv(&mut [0; 64]).is_ok());
        }
        assert!(answered > 20, "{answered} of 200");
    });
    // A socket of its own, for answers that come late are in the way; and asked for until the
    // rest of the flood leaves room for it.
    let socket = client(addr);
    socket.set_read_timeout(Some(PATIENCE / 50)).unwrap();
    let mut buf = [0; 1000];
    eventually(|| socket.send(b"stats").and_then(|_| socket.recv(&mut buf)).map(|_| ()));
    let text = String::from_utf8_lossy(&buf).into_owned();
    let value = |name: &str| -> u64 {
        let value = text.split([' ', '\n']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    };
    assert!(value("requests") > 1000 && value("bad") == 0, "{text}");
    assert!(value("cut") > 0, "{text}");
}

#[test]
fn a_bad_address_is_refused_in_plain_text() {
    assert_refused("udp_requests", &["nowhere"], &["udp_requests: ", "nowhere"]);
}
