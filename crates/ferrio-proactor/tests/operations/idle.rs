//! An operation that was called ready and can do nothing does not keep the loop busy.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use ferrio_poll::{Token, net};
use ferrio_proactor::op;
use rustix::time::{ClockId, clock_gettime};

use crate::harness::{Rig, on_each};

/// A socket with an error in its queue that a receive does not take: it is called ready for as long
/// as that stands. Its address, and the handle.
fn with_error(rig: &mut Rig) -> (ferrio_proactor::Handle, SocketAddr) {
    let socket = net::UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.set_recv_errors(true).unwrap();
    let address = socket.local_addr().unwrap();
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    socket.send_to(b"to nobody", nobody).unwrap();
    let handle = rig.proactor.attach(socket);
    // The first receive tells of it.
    let id = rig.proactor.submit(Token(0), op::Recv::new(handle, Vec::with_capacity(64))).unwrap();
    let error = rig.done::<op::Recv<Vec<u8>>>(id).0.unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ECONNREFUSED), "{}", rig.way);
    (handle, address)
}

/// How long this thread has used a processor.
fn used() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[test]
fn a_receive_beside_an_error_that_stands_waits_for_data_without_spinning() {
    const WAIT: Duration = Duration::from_millis(300);
    on_each(|rig| {
        let (handle, address) = with_error(rig);
        let id = rig.proactor.submit(Token(1), op::Recv::new(handle, Vec::with_capacity(64))).unwrap();
        let before = used();
        assert!(rig.is_silent_for(WAIT), "{}", rig.way);
        let used = used() - before;
        assert!(used < WAIT / 3, "{}: {used:?} of {WAIT:?} at nothing", rig.way);
        UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"data", address).unwrap();
        let (result, recv) = rig.done::<op::Recv<Vec<u8>>>(id);
        assert_eq!((result.unwrap(), &recv.buf[..]), (4, &b"data"[..]), "{}", rig.way);
    });
}
