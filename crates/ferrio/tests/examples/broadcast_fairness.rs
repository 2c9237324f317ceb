//! Clients that flood the broadcast server, and those beside them.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Example, PATIENCE, Peer, join};

/// Lines of each kind that must arrive while the flood goes on.
const ENOUGH: u32 = 20;

/// Floods until it is told to stop.
fn flood(mut stream: &TcpStream, stop: &AtomicBool) -> io::Result<()> {
    let lines = [&[b'f'; 999][..], b"\n"].concat().repeat(100);
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(&lines)?;
    }
    stream.shutdown(Shutdown::Write)
}

/// Says a line now and then; a line that a full queue drops has successors.
fn talk(mut stream: &TcpStream, stop: &AtomicBool) -> io::Result<()> {
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(b"hello\n")?;
        thread::sleep(Duration::from_millis(2));
    }
    stream.shutdown(Shutdown::Write)
}

/// Reads until enough lines of each kind have come; returns how many.
fn listen(stream: &TcpStream) -> (u32, u32) {
    stream.limit_reads(PATIENCE);
    let start = Instant::now();
    let (mut floods, mut hellos) = (0, 0);
    let mut lines = BufReader::new(stream).split(b'\n');
    while (floods < ENOUGH || hellos < ENOUGH) && start.elapsed() < PATIENCE {
        let line = lines.next().expect("the server goes on").expect("a line in time");
        floods += u32::from(line.starts_with(b"f"));
        hellos += u32::from(line == b"hello");
    }
    (floods, hellos)
}

#[test]
fn a_client_that_floods_does_not_keep_the_lines_of_another_from_being_relayed() {
    let mut server = Example::start("broadcast", &["--listen", "127.0.0.1:0", "--slow", "drop-oldest"]);
    let mut peers = join(server.addr(), 4);
    let listener = peers.pop().unwrap();
    let stop = AtomicBool::new(false);
    let (floods, hellos) = thread::scope(|scope| {
        let [talker, flooders @ ..] = &peers[..] else { unreachable!("three are left") };
        let mut writers = vec![scope.spawn(|| talk(talker, &stop))];
        writers.extend(flooders.iter().map(|flooder| scope.spawn(|| flood(flooder, &stop))));
        // They read as well, so that the server has work with each of them.
        let readers = peers.iter().map(|mut peer| {
            scope.spawn(move || {
                peer.limit_reads(PATIENCE);
                io::copy(&mut peer, &mut io::sink())
            })
        });
        let readers: Vec<_> = readers.collect();
        let seen = listen(&listener);
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap().unwrap();
        }
        listener.shutdown(Shutdown::Both).unwrap();
        server.finish().assert_balanced();
        for reader in readers {
            // The rest of a flood that the server left unread makes its end a reset.
            let _ = reader.join().unwrap();
        }
        seen
    });
    assert!(floods >= ENOUGH && hellos >= ENOUGH, "{floods} of the flood, {hellos} hellos");
}
