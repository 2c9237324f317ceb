//! Listeners, and the streams that they accept, behind one trait each; those of TCP.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use ferrio::event::Source;
use ferrio::net::{self, SocketBuilder, TcpListener, TcpStream};

use crate::statistics::say;

/// A listener of either kind.
pub(crate) trait Listener: Source {
    /// Accepts a client.
    fn accept_stream(&self) -> io::Result<Box<dyn Stream>>;
}

/// The connection of a client of either kind.
pub(crate) trait Stream: Read + Write + Source {
    /// Tells the client that it gets nothing more.
    fn end_writing(&self) -> io::Result<()>;
}

impl net::Listener for Box<dyn Listener> {
    type Stream = Box<dyn Stream>;
    type Address = ();

    fn accept(&self) -> io::Result<(Box<dyn Stream>, ())> {
        self.accept_stream().map(|stream| (stream, ()))
    }
}

impl Listener for TcpListener {
    fn accept_stream(&self) -> io::Result<Box<dyn Stream>> {
        let (stream, _) = self.accept()?;
        Ok(Box::new(stream))
    }
}

impl Stream for TcpStream {
    fn end_writing(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// Listens on each of `addresses`, which are those of one name, or on those of them that this
/// machine has.
pub(crate) fn tcp(addresses: &[SocketAddr]) -> io::Result<Vec<Box<dyn Listener>>> {
    let mut listeners: Vec<Box<dyn Listener>> = Vec::new();
    let mut failure = None;
    for address in addresses {
        match tcp_listener(*address) {
            Ok(listener) => {
                say(format!("listening on {}", listener.local_addr()?));
                listeners.push(Box::new(listener));
            }
            Err(error) => {
                let error = explain_tcp(&error, *address);
                // Clients would reach the other program under this name.
                if error.kind() == ErrorKind::AddrInUse {
                    return Err(error);
                }
                failure = Some(error);
            }
        }
    }
    match failure {
        Some(error) if listeners.is_empty() => Err(error),
        _ => Ok(listeners),
    }
}

/// Clients inherit the options. Keep-alive finds those that vanished without a word.
fn tcp_listener(address: SocketAddr) -> io::Result<TcpListener> {
    let builder = SocketBuilder::new().no_delay(true);
    builder.keep_alive(Duration::from_secs(60), None, None).tcp_listener(address)
}

fn explain_tcp(error: &io::Error, address: SocketAddr) -> io::Error {
    let advice = match error.kind() {
        ErrorKind::AddrInUse => "end the program that listens there, or choose another address with --listen",
        ErrorKind::AddrNotAvailable => "choose an address of this machine with --listen",
        _ => "choose another address with --listen",
    };
    io::Error::new(error.kind(), format!("cannot listen on {address}: {error}; {advice}"))
}
