//! A UDP echo server: each datagram goes back to where it came from.
//!
//! `cargo run --example udp_server -- [ADDR]`, by default 127.0.0.1:7302; port
//! 0 lets the kernel choose. Then `nc -u 127.0.0.1 7302`.

use std::env;
use std::error::Error;
use std::io::{self, ErrorKind};

use ferrio::net::UdpSocket;
use ferrio::{Events, Interest, Poll, Token};

const SOCKET: Token = Token(0);

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7302".into());
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut socket = UdpSocket::bind(address.parse()?)?;
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
    println!("listening on {}", socket.local_addr()?);
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == SOCKET {
                echo_all(&socket)?;
            }
        }
    }
}

/// Echoes every datagram there is; the next event comes only after that.
fn echo_all(socket: &UdpSocket) -> io::Result<()> {
    // The longest datagram there can be; a longer one would be cut.
    let mut buf = [0; 65_535];
    loop {
        let (count, from) = match socket.recv_from(&mut buf) {
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            // An earlier echo found its port closed; the others don't mind.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
            Err(error) => return Err(error),
        };
        // UDP may lose datagrams, so one that the kernel refuses is lost too.
        if let Err(error) = socket.send_to(&buf[..count], from) {
            eprintln!("{count} bytes to {from} are lost: {error}");
        }
    }
}
