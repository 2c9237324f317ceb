//! What WASI lacks is an error that says so.

use std::io::ErrorKind;

use ferrio_poll::fs::Watch;
use ferrio_poll::net::{TcpListener, TcpStream, UdpSocket};
use ferrio_poll::process::{ChildExit, ProcessExit};
use ferrio_poll::time::{BootTimer, WallTimer};

use crate::harness::assert_error;

#[test]
fn sockets_cannot_be_made() {
    let address = "127.0.0.1:0".parse().unwrap();
    assert_error(TcpListener::bind(address), ErrorKind::Unsupported, "from_std");
    assert_error(TcpStream::connect(address), ErrorKind::Unsupported, "from_std");
    assert_error(UdpSocket::bind(address), ErrorKind::Unsupported, "from_std");
}

#[test]
fn processes_cannot_be_watched() {
    assert_error(ChildExit::from_pid(1), ErrorKind::Unsupported, "WASI");
    assert_error(ProcessExit::from_pid(1), ErrorKind::Unsupported, "WASI");
}

#[test]
fn paths_cannot_be_watched() {
    assert_error(Watch::new(), ErrorKind::Unsupported, "cannot be watched");
}

#[test]
fn other_clocks_have_no_timers() {
    assert_error(WallTimer::new(), ErrorKind::Unsupported, "use a Timer");
    assert_error(BootTimer::new(), ErrorKind::Unsupported, "use a Timer");
}

#[cfg(feature = "signal")]
#[test]
fn signals_cannot_be_collected() {
    let result = ferrio_poll::signal::Signals::new([ferrio_poll::signal::SIGTERM]);
    assert_error(result, ErrorKind::InvalidInput, "WASI has no signals");
}
