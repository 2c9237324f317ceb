//! Files that are served by splice(2), and servers that a signal ends.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::completion::{on_each, server};
use crate::harness::{expect, expect_closed, unique_path};

/// Sends a request as it is, and returns the whole answer.
fn answer(addr: SocketAddr, request: &str) -> String {
    let mut client = TcpStream::connect(addr).unwrap();
    client.write_all(request.as_bytes()).unwrap();
    String::from_utf8(expect_closed(&mut client)).unwrap()
}

#[test]
fn files_are_served_and_nothing_beside_them() {
    on_each(|driver| {
        let outer = unique_path("outer");
        let root = outer.join("root");
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(outer.join("secret"), "a secret").unwrap();
        fs::write(root.join("hello world"), "hello").unwrap();
        fs::write(root.join(".hidden"), "a secret").unwrap();
        fs::write(root.join("empty"), "").unwrap();
        symlink(outer.join("secret"), root.join("link")).unwrap();
        symlink(&outer, root.join("sub/up")).unwrap();
        // More than the pipe and the sockets hold.
        let large: String = (0..1 << 20).map(|number| format!("{number:07}\n")).collect();
        fs::write(root.join("sub/large"), &large).unwrap();

        let args = [root.to_str().unwrap(), "--listen", "127.0.0.1:0"];
        let mut server = server("file_server", driver, &args);
        let addr = server.addr();
        let head = |len| format!("HTTP/1.0 200 OK\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n");
        assert_eq!(answer(addr, "GET /hello%20world HTTP/1.0\r\n\r\n"), head(5) + "hello", "{driver}");
        assert_eq!(answer(addr, "HEAD /hello%20world?x HTTP/1.1\r\nHost: x\r\n\r\n"), head(5), "{driver}");
        assert_eq!(answer(addr, "GET /empty HTTP/1.0\r\n\r\n"), head(0), "{driver}");
        assert!(answer(addr, "GET /sub/large HTTP/1.0\r\n\r\n") == head(large.len()) + &large, "{driver}");
        let targets = [
            "/",
            "/none",
            "/sub",
            "/../secret",
            "/sub/../../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/sub%2f..%2f..%2fsecret",
            "//etc/passwd",
            "/.hidden",
            "/link",
            "/sub/up/secret",
            "/%",
            "/%zz",
            "/a%00b",
            "hello%20world",
        ];
        for target in targets {
            let text = answer(addr, &format!("GET {target} HTTP/1.0\r\n\r\n"));
            assert!(text.starts_with("HTTP/1.0 404 Not Found\r\n"), "{driver}: {target}: {text}");
        }
        let text = answer(addr, "POST /empty HTTP/1.0\r\n\r\n");
        assert!(text.starts_with("HTTP/1.0 501 "), "{driver}: {text}");
        let text = answer(addr, &"x".repeat(4096));
        assert!(text.starts_with("HTTP/1.0 400 "), "{driver}: {text}");
        // Somebody who leaves in the middle is no harm.
        let mut client = TcpStream::connect(addr).unwrap();
        client.write_all(b"GET /sub/large HTTP/1.0\r\n\r\n").unwrap();
        client.read_exact(&mut [0; 100]).unwrap();
        drop(client);
        assert_eq!(answer(addr, "GET /empty HTTP/1.0\r\n\r\n"), head(0), "{driver}");
        drop(server);
        fs::remove_dir_all(outer).unwrap();
    });
}

#[test]
fn what_was_begun_is_finished_and_nothing_new_is() {
    on_each(|driver| {
        let mut server = server("drain", driver, &["127.0.0.1:0", "--work", "300"]);
        let addr = server.addr();
        let mut idle = TcpStream::connect(addr).unwrap();
        let mut busy = TcpStream::connect(addr).unwrap();
        busy.write_all(b"please\n").unwrap();
        expect(&mut busy, b"done\n");
        // Two are under way when the signal comes, and one that is not whole.
        busy.write_all(b"again\nand again\nand").unwrap();
        std::thread::sleep(Duration::from_millis(100));
        server.signal(Signal::TERM);
        server.line_with("draining");
        assert!(expect_closed(&mut idle).is_empty(), "{driver}");
        assert_eq!(TcpStream::connect(addr).unwrap_err().kind(), ErrorKind::ConnectionRefused, "{driver}");
        assert_eq!(expect_closed(&mut busy), b"done\ndone\n", "{driver}");
        assert_eq!(server.end(), "3 answered, 0 not, 0 operations left\n", "{driver}");
    });
}

#[test]
fn a_deadline_ends_what_takes_too_long() {
    on_each(|driver| {
        let args = ["127.0.0.1:0", "--work", "60000", "--deadline", "200"];
        let mut server = server("drain", driver, &args);
        let mut client = TcpStream::connect(server.addr()).unwrap();
        client.write_all(b"please\n").unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let start = Instant::now();
        server.signal(Signal::TERM);
        server.line_with("draining");
        assert!(expect_closed(&mut client).is_empty(), "{driver}");
        assert!(start.elapsed() >= Duration::from_millis(200), "{driver}: {:?}", start.elapsed());
        assert_eq!(server.end(), "0 answered, 1 not, 0 operations left\n", "{driver}");
    });
}
