//! A UDP echo server: each datagram goes back to where it came from.
//!
//! `cargo run --example udp_server -- [ADDR]`, by default 127.0.0.1:7302; port
//! 0 lets the kernel choose. Then `nc -u 127.0.0.1 7302`.

use std::env;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

use ferrio::net::UdpSocket;
use ferrio::{Events, Interest, Poll, Token};

const SOCKET: Token = Token(0);

fn main() -> ExitCode {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7302".into());
    match serve(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("udp_server: {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(address: &str) -> Result<(), Box<dyn Error>> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut socket = UdpSocket::bind(address.parse()?)?;
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE)?;
    println!("listening on {}", socket.local_addr()?);
    loop {
        poll.wait(&mut events, None)?;
        for event in &events {
            if event.token() == SOCKET {
                echo_all(&socket)?;
            }
        }
    }
}

/// Echoes datagrams until there is none left. Only after that does the next event come.
fn echo_all(socket: &UdpSocket) -> io::Result<()> {
    // The longest datagram there can be; a longer one would be cut, or on Windows an error.
    let mut buf = [0; 65_535];
    loop {
        let (count, from) = match socket.recv_from(&mut buf) {
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            // An earlier echo found its port closed, which Windows calls a reset; that is no error
            // of the others.
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => continue,
            Err(error) => return Err(error),
        };
        // UDP may lose datagrams, so one that the kernel refuses is lost too.
        if let Err(error) = socket.send_to(&buf[..count], from) {
            eprintln!("{count} bytes to {from} are lost: {error}");
        }
    }
}
