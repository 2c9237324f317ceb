//! recvmsg(2) and sendmsg(2), one message after the other.
#![allow(unsafe_code, reason = "the calls read and write what headers point to")]

use std::io::{self, ErrorKind};
use std::os::fd::RawFd;

use crate::sys::datagram::is_of_an_earlier_one;

/// The header of a message, as other systems have it for many at once.
pub(super) struct Header {
    pub(super) msg_hdr: libc::msghdr,
    pub(super) msg_len: u32,
}

/// Receives into `headers` until one would block. An error that comes after the first message is
/// `pending` for the next call.
///
/// # Safety
///
/// Each header points to memory that may be written until this returns.
pub(super) unsafe fn receive(
    socket: RawFd,
    headers: &mut [Header],
    flags: i32,
    pending: &mut Option<io::Error>,
) -> io::Result<usize> {
    let is_told_later = |error: &io::Error| error.kind() != ErrorKind::WouldBlock;
    each(headers, pending, is_told_later, |header| {
        // SAFETY: the caller answers for where the header points.
        let len = unsafe { libc::recvmsg(socket, &mut header.msg_hdr, flags | libc::MSG_DONTWAIT) };
        usize::try_from(len).map_err(|_| io::Error::last_os_error())
    })
}

/// Sends `headers` until one would block. An error that is the answer to an earlier datagram and
/// comes after the first message is `pending` for the next call, which meets any other again.
///
/// # Safety
///
/// Each header points to memory that may be read until this returns.
pub(super) unsafe fn send(
    socket: RawFd,
    headers: &mut [Header],
    pending: &mut Option<io::Error>,
) -> io::Result<usize> {
    each(headers, pending, is_of_an_earlier_one, |header| {
        // SAFETY: the caller answers for where the header points.
        let len = unsafe { libc::sendmsg(socket, &header.msg_hdr, FLAGS) };
        usize::try_from(len).map_err(|_| io::Error::last_os_error())
    })
}

/// Moves one message after the other by `one`; an error after the first ends the call, and is
/// `pending` for the next one if it `is_told_later`. Like the calls for many messages, it says how
/// many were moved then.
fn each(
    headers: &mut [Header],
    pending: &mut Option<io::Error>,
    is_told_later: impl Fn(&io::Error) -> bool,
    mut one: impl FnMut(&mut Header) -> io::Result<usize>,
) -> io::Result<usize> {
    if let Some(error) = pending.take() {
        return Err(error);
    }
    for (at, header) in headers.iter_mut().enumerate() {
        match one(header) {
            // No datagram is longer than 64 KiB.
            Ok(len) => header.msg_len = len as u32,
            Err(error) if at == 0 => return Err(error),
            Err(error) => {
                *pending = Some(error).filter(is_told_later);
                return Ok(at);
            }
        }
    }
    Ok(headers.len())
}

const FLAGS: i32 = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::mem;

    use super::*;

    /// What three calls for four messages say, of which each message is one of `results`, and how
    /// many messages were tried.
    fn calls(results: &[Result<usize, ErrorKind>], keep: fn(&io::Error) -> bool) -> (Vec<String>, usize) {
        // SAFETY: a header is numbers and pointers, for which zeroes are values.
        let header = || Header { msg_hdr: unsafe { mem::zeroed() }, msg_len: 0 };
        let mut headers: Vec<Header> = (0..4).map(|_| header()).collect();
        let (mut pending, mut results) = (None, results.iter());
        let all = results.len();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let one = |_: &mut Header| results.next().map_or(Ok(1), |result| result.map_err(io::Error::from));
            seen.push(match each(&mut headers, &mut pending, keep, one) {
                Ok(count) => count.to_string(),
                Err(error) => format!("{:?}", error.kind()),
            });
        }
        (seen, all - results.len())
    }

    #[test]
    fn an_error_after_the_first_message_is_told_by_the_next_call_once() {
        let refused = ErrorKind::ConnectionRefused;
        let told_later = |error: &io::Error| error.kind() != ErrorKind::WouldBlock;
        let results = [Ok(5), Ok(6), Err(refused), Ok(7)];
        assert_eq!(calls(&results, told_later).0, ["2", "ConnectionRefused", "4"]);
        assert_eq!(calls(&[Err(refused)], told_later).0, ["ConnectionRefused", "4", "4"]);
        assert_eq!(calls(&[Ok(5), Err(ErrorKind::WouldBlock)], told_later).0, ["1", "4", "4"]);
    }

    #[test]
    fn an_error_of_a_datagram_itself_is_not_kept_for_another_one() {
        let results = [Ok(5), Err(ErrorKind::InvalidInput), Ok(6), Err(ErrorKind::ConnectionReset)];
        assert_eq!(
            calls(&results, is_of_an_earlier_one),
            (vec!["1".into(), "1".into(), "ConnectionReset".into()], 4)
        );
    }
}
