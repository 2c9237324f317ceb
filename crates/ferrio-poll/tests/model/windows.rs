//! The sockets of Windows.

use std::net;
use std::thread;
use std::time::Duration;

pub(crate) use ferrio_poll::net::TcpStream as Stream;

/// An event may come for what was drained before it was told: its poll had ended.
pub(crate) const TELLS_WHAT_WAS_DRAINED: bool = true;

/// Two connected streams.
pub(crate) fn pair() -> (Stream, Stream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let one = net::TcpStream::connect(listener.local_addr().expect("its address")).expect("a connection");
    let (other, _) = listener.accept().expect("a connection");
    for stream in [&one, &other] {
        stream.set_nonblocking(true).expect("a stream that does not block");
        stream.set_nodelay(true).expect("a stream that does not wait for more");
    }
    (Stream::from_std(one), Stream::from_std(other))
}

/// Lets what was written arrive.
pub(crate) fn settle() {
    thread::sleep(Duration::from_millis(3));
}
