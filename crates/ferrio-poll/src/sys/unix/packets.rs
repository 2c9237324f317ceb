//! Records of a Unix socket of sequenced packets, sent and received.

use std::io::{self, IoSliceMut};
use std::os::fd::AsFd;

use rustix::net::{RecvAncillaryBuffer, RecvFlags, ReturnFlags, SendFlags, recvmsg};

use crate::sys::system::calls::RECORDS_ARE_WHOLE;
use crate::sys::unix::made::SEND;

/// Sends `record` and marks its end, without SIGPIPE.
pub(crate) fn send(socket: &impl AsFd, record: &[u8]) -> io::Result<usize> {
    Ok(rustix::net::send(socket, record, SEND | SendFlags::EOR)?)
}

/// Receives one record: how long it is, whether its rest was lost, and whether it ends here.
pub(crate) fn receive(socket: &impl AsFd, buf: &mut [u8]) -> io::Result<(usize, bool, bool)> {
    let flags = RecvFlags::empty();
    let received = recvmsg(socket, &mut [IoSliceMut::new(buf)], &mut RecvAncillaryBuffer::default(), flags)?;
    let is_end = RECORDS_ARE_WHOLE || received.flags.contains(ReturnFlags::EOR);
    Ok((received.bytes, received.flags.contains(ReturnFlags::TRUNC), is_end))
}
