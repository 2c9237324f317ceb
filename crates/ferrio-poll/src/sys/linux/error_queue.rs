//! The error queue of a socket: `MSG_ERRQUEUE` of recvmsg(2).

use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;

use crate::error::kernel;
use crate::sys::datagrams::calls::Headers;
use crate::sys::datagrams::parts::{Bytes, Parts};
use crate::sys::messages::address_bytes::{self, AddressBytes};
use crate::sys::messages::control::{Control, ControlBuffer, bytes_at};
use crate::sys::queued::{Cause, Entry, Origin, SendTimestamp, SocketError, Stage, ZeroCopy};
use crate::sys::system::datagram_names::timestamp;

/// Memory for an entry.
pub(crate) struct Memory {
    /// What was sent.
    bytes: Box<[u8]>,
    /// Where it was sent to.
    address: AddressBytes,
    /// What the entry is about.
    control: ControlBuffer<CONTROL_BYTES>,
    /// What the kernel wrote where.
    headers: Headers,
}

impl Memory {
    /// Room for so many bytes of what was sent.
    pub(crate) fn new(bytes: usize) -> Memory {
        Memory {
            bytes: vec![0; bytes].into(),
            address: AddressBytes::EMPTY,
            control: ControlBuffer::EMPTY,
            headers: Headers::new(1),
        }
    }

    /// Takes the next entry.
    pub(crate) fn receive(&mut self, socket: BorrowedFd<'_>) -> io::Result<Entry<'_>> {
        let parts = Parts {
            address: Some(self.address.room()),
            bytes: Bytes::In(&mut self.bytes),
            control: self.control.room(),
        };
        self.headers.receive(socket, [parts].into_iter(), libc::MSG_ERRQUEUE)?;
        let controls = self.control.read(self.headers.control_len(0));
        let cause = cause(controls).ok_or_else(kernel::unknown_queue_entry)?;
        Ok(Entry {
            cause,
            bytes: &self.bytes[..self.headers.bytes(0).min(self.bytes.len())],
            is_truncated: self.headers.is_truncated(0),
            peer: self.address.read(self.headers.address_len(0)),
        })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("bytes", &self.bytes.len()).finish()
    }
}

/// What an entry with these control messages is about.
fn cause<'a>(controls: impl Iterator<Item = Control<'a>>) -> Option<Cause> {
    let (mut error, mut time) = (None, None);
    for control in controls {
        match (control.level, control.kind) {
            (libc::IPPROTO_IP, libc::IP_RECVERR) | (libc::IPPROTO_IPV6, libc::IPV6_RECVERR) => {
                error = Some(control.data);
            }
            (libc::SOL_SOCKET, libc::SO_TIMESTAMPING) => time = timestamp(control),
            _ => {}
        }
    }
    let extended = Extended::read(error?)?;
    match extended.origin {
        ORIGIN_TIMESTAMPING => {
            let stage = match extended.info {
                0 => Stage::Sent,
                1 => Stage::Scheduled,
                2 => Stage::Acknowledged,
                _ => return None,
            };
            Some(Cause::Timestamp(SendTimestamp { time: time?, stage, id: extended.data }))
        }
        ORIGIN_ZEROCOPY => Some(Cause::ZeroCopy(ZeroCopy {
            first: extended.info,
            last: extended.data,
            is_copied: extended.code == CODE_ZEROCOPY_COPIED,
        })),
        ORIGIN_LOCAL => extended.error(Origin::Local),
        ORIGIN_ICMP => extended.error(Origin::Icmp),
        ORIGIN_ICMP6 => extended.error(Origin::Icmp6),
        _ => None,
    }
}

/// A `struct sock_extended_err` with what stands behind it.
struct Extended<'a> {
    errno: u32,
    origin: u8,
    kind: u8,
    code: u8,
    info: u32,
    data: u32,
    /// The address of the offender.
    behind: &'a [u8],
}

impl<'a> Extended<'a> {
    fn read(bytes: &'a [u8]) -> Option<Extended<'a>> {
        let number = |at| bytes_at(bytes, at).map(u32::from_ne_bytes);
        let [origin, kind, code, _] = bytes_at(bytes, 4)?;
        Some(Extended {
            errno: number(0)?,
            origin,
            kind,
            code,
            info: number(8)?,
            data: number(12)?,
            behind: &bytes[16..],
        })
    }

    fn error(&self, origin: Origin) -> Option<Cause> {
        Some(Cause::Error(SocketError {
            errno: i32::try_from(self.errno).ok()?,
            origin,
            kind: self.kind,
            code: self.code,
            info: self.info,
            offender: address_bytes::read(self.behind),
        }))
    }
}

/// Room for an error with two addresses, a time, and all that a socket can be asked to tell of a
/// message.
const CONTROL_BYTES: usize = 512;

// From `linux/errqueue.h`.
const ORIGIN_LOCAL: u8 = 1;
const ORIGIN_ICMP: u8 = 2;
const ORIGIN_ICMP6: u8 = 3;
const ORIGIN_TIMESTAMPING: u8 = 4;
const ORIGIN_ZEROCOPY: u8 = 5;
const CODE_ZEROCOPY_COPIED: u8 = 1;

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::net::SocketAddr;

    use proptest::collection::vec;
    use proptest::prelude::any;
    use proptest::proptest;

    use super::{Cause, Control, ControlBuffer, Extended, Origin, cause};
    use crate::sys::messages::address_bytes::AddressBytes;
    use crate::sys::messages::control::Controls;
    use crate::sys::messages::fuzz;

    /// The message of an entry.
    fn control(data: &[u8]) -> Control<'_> {
        Control { level: libc::IPPROTO_IP, kind: libc::IP_RECVERR, data }
    }

    /// What stands in `linux/errqueue.h`, one field after the other.
    fn bytes(errno: u32, [origin, kind, code]: [u8; 3], info: u32, data: u32) -> Vec<u8> {
        let numbers = [info, data].map(u32::to_ne_bytes);
        [&errno.to_ne_bytes()[..], &[origin, kind, code, 0], &numbers[0], &numbers[1]].concat()
    }

    #[test]
    fn an_error_of_a_router_has_its_address_and_the_mtu() {
        let offender: SocketAddr = "192.0.2.1:0".parse().unwrap();
        let mut address = AddressBytes::EMPTY;
        let len = address.write(offender);
        let mut data = bytes(90, [2, 3, 4], 1400, 0);
        data.extend_from_slice(&address.room()[..len]);
        let Some(Cause::Error(error)) = cause([control(&data)].into_iter()) else { panic!() };
        assert_eq!((error.origin(), error.icmp_type(), error.icmp_code()), (Origin::Icmp, 3, 4));
        assert_eq!((error.mtu(), error.offender()), (Some(1400), Some(offender.ip())));
        assert_eq!(error.error().raw_os_error(), Some(libc::EMSGSIZE));
        // Cut behind the structure there is no offender, and within it no error.
        let Some(Cause::Error(error)) = cause([control(&data[..20])].into_iter()) else { panic!() };
        assert_eq!(error.offender(), None);
        assert_eq!(cause([control(&data[..15])].into_iter()), None);
    }

    #[test]
    fn completions_have_their_numbers_and_an_unknown_origin_is_none() {
        let data = bytes(0, [5, 0, 1], u32::MAX, 3);
        let Some(Cause::ZeroCopy(zero_copy)) = cause([control(&data)].into_iter()) else { panic!() };
        assert!(zero_copy.is_copied());
        assert_eq!((zero_copy.first(), zero_copy.last()), (u32::MAX, 3));
        // The count went round.
        assert_eq!(zero_copy.ids().collect::<Vec<_>>(), [u32::MAX, 0, 1, 2, 3]);
        assert!(zero_copy.ids().all(|id| zero_copy.contains(id)));
        assert!(!zero_copy.contains(4) && !zero_copy.contains(u32::MAX - 1));
        assert_eq!(cause([control(&bytes(0, [6, 0, 0], 0, 0))].into_iter()), None);
        // A time that did not come is no time.
        assert_eq!(cause([control(&bytes(42, [4, 0, 0], 0, 7))].into_iter()), None);
    }

    #[test]
    fn fuzz_the_reader_of_entries() {
        let mut address = AddressBytes::EMPTY;
        let len = address.write("192.0.2.1:0".parse().unwrap());
        let message = |kind, data: &[u8]| {
            let mut buffer = ControlBuffer::<256>::EMPTY;
            buffer.push(libc::IPPROTO_IP, kind, data);
            buffer.messages().to_vec()
        };
        let error = [&bytes(90, [2, 3, 4], 1400, 0), &address.room()[..len]].concat();
        let (error, copied) =
            (message(libc::IP_RECVERR, &error), message(libc::IP_RECVERR, &bytes(0, [5, 0, 1], 2, 3)));
        let mut times = ControlBuffer::<256>::EMPTY;
        let numbers: Vec<u8> =
            [5_i64, 7, 0, 0, 0, 0].iter().flat_map(|number| number.to_ne_bytes()).collect();
        times.push(libc::SOL_SOCKET, libc::SO_TIMESTAMPING, &numbers);
        times.push(libc::IPPROTO_IPV6, libc::IPV6_RECVERR, &bytes(42, [4, 0, 0], 0, 7));
        let mut seen = [0; 3];
        fuzz::inputs(&[&error, &copied, times.messages()], |bytes| match cause(Controls::new(bytes)) {
            Some(Cause::Error(error)) => {
                let _ = (error.error(), error.mtu(), error.offender());
                seen[0] += 1;
            }
            Some(Cause::Timestamp(_)) => seen[1] += 1,
            Some(Cause::ZeroCopy(zero_copy)) => {
                assert!(zero_copy.contains(zero_copy.first()) && zero_copy.contains(zero_copy.last()));
                seen[2] += 1;
            }
            None => {}
        });
        assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_reading_them_ends(data in vec(any::<u8>(), 0..80)) {
            let _ = Extended::read(&data);
            let time = Control { level: libc::SOL_SOCKET, kind: libc::SO_TIMESTAMPING, data: &data };
            let _ = cause([time, control(&data)].into_iter());
        }
    }
}
