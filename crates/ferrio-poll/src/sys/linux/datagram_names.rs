//! The options and control messages of Linux and Android.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use crate::sys::datagram::division::Refusal;
use crate::sys::datagram::{Ecn, Facility, Facts, LocalAddress};
use crate::sys::messages::control::{Control, OutControl, bytes_at};
use crate::sys::messages::numeric_option::NumericOption;

/// The option that `facility` is, and one that goes beside it for IPv4 traffic on an IPv6
/// socket.
pub(crate) fn options(facility: Facility, is_v6: bool) -> [Option<NumericOption>; 2] {
    let of_socket = |level, name, value| [Some(NumericOption { level, name, value }), None];
    let of_family = |v4, v6| {
        let v4 = NumericOption { level: libc::IPPROTO_IP, name: v4, value: 1 };
        let v6 = NumericOption { level: libc::IPPROTO_IPV6, name: v6, value: 1 };
        if is_v6 { [Some(v6), Some(v4)] } else { [Some(v4), None] }
    };
    match facility {
        Facility::LocalAddress => {
            // The one for IPv6 speaks of IPv4 traffic too, by a mapped address.
            let [needed, _] = of_family(libc::IP_PKTINFO, libc::IPV6_RECVPKTINFO);
            [needed, None]
        }
        Facility::Class => of_family(libc::IP_RECVTOS, libc::IPV6_RECVTCLASS),
        Facility::Ttl => of_family(libc::IP_RECVTTL, libc::IPV6_RECVHOPLIMIT),
        Facility::Timestamps => of_socket(libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 1),
        Facility::Offload => of_socket(libc::IPPROTO_UDP, libc::UDP_GRO, 1),
        Facility::Errors => of_family(libc::IP_RECVERR, libc::IPV6_RECVERR),
        Facility::SendTimestamps => {
            let flags = libc::SOF_TIMESTAMPING_TX_SOFTWARE
                | libc::SOF_TIMESTAMPING_SOFTWARE
                | libc::SOF_TIMESTAMPING_OPT_ID
                | libc::SOF_TIMESTAMPING_OPT_TSONLY;
            of_socket(libc::SOL_SOCKET, libc::SO_TIMESTAMPING, flags as i32)
        }
    }
}

/// Takes into `facts` what `control` says.
pub(crate) fn read(control: Control<'_>, facts: &mut Facts) {
    match (control.level, control.kind) {
        (libc::IPPROTO_IP, libc::IP_PKTINFO) => facts.local = local_v4(control.data).or(facts.local),
        (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => facts.local = local_v6(control.data).or(facts.local),
        (libc::IPPROTO_IP, libc::IP_TOS) | (libc::IPPROTO_IPV6, libc::IPV6_TCLASS) => {
            facts.class = control.byte().or(facts.class);
        }
        (libc::IPPROTO_IP, libc::IP_TTL) | (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT) => {
            facts.ttl = control.byte().or(facts.ttl);
        }
        // The other one may come with what is received too, for somebody else's sake.
        (libc::SOL_SOCKET, libc::SO_TIMESTAMPNS) => {
            facts.timestamp = timestamp(control).or(facts.timestamp);
        }
        (libc::IPPROTO_UDP, libc::UDP_GRO) => {
            let size = control.int().and_then(|size| usize::try_from(size).ok());
            facts.segment_size = size.filter(|size| *size > 0).or(facts.segment_size);
        }
        _ => {}
    }
}

/// The time in `control`: by `SO_TIMESTAMPNS` it is one, by `SO_TIMESTAMPING` that of the
/// system's clock, one that nobody sets any more, and that of the device.
pub(crate) fn timestamp(control: Control<'_>) -> Option<SystemTime> {
    let parts = match control.kind {
        libc::SO_TIMESTAMPING => 3,
        _ => 1,
    };
    let len = control.data.len() / parts;
    (0..parts).find_map(|part| time(control.data.get(part * len..(part + 1) * len)?))
}

/// The time that two numbers of equal length are; none for zero, which says that there is none.
fn time(bytes: &[u8]) -> Option<SystemTime> {
    let (seconds, nanos) = match bytes.len() {
        16 => (i64::from_ne_bytes(bytes_at(bytes, 0)?), i64::from_ne_bytes(bytes_at(bytes, 8)?)),
        8 => {
            let [seconds, nanos] = [0, 4].map(|at| bytes_at(bytes, at).map(i32::from_ne_bytes));
            (seconds?.into(), nanos?.into())
        }
        _ => return None,
    };
    let nanos = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    let since = Duration::new(u64::try_from(seconds).ok()?, nanos);
    SystemTime::UNIX_EPOCH.checked_add(since).filter(|_| !since.is_zero())
}

/// That of a `struct in_pktinfo`: an index, the local address, and the one in the header.
fn local_v4(data: &[u8]) -> Option<LocalAddress> {
    let interface = i32::from_ne_bytes(bytes_at(data, 0)?);
    let address = Ipv4Addr::from(bytes_at::<4>(data, 8)?);
    Some(LocalAddress { address: address.into(), interface: u32::try_from(interface).ok() })
}

/// That of a `struct in6_pktinfo`: the address in the header, and an index.
fn local_v6(data: &[u8]) -> Option<LocalAddress> {
    let address = Ipv6Addr::from(bytes_at::<16>(data, 0)?);
    let interface = u32::from_ne_bytes(bytes_at(data, 16)?);
    Some(LocalAddress { address: address.into(), interface: Some(interface) })
}

/// Asks that the message be divided into datagrams of `size`.
pub(crate) fn write_segment_size(control: &mut OutControl, size: u16) {
    control.push(libc::IPPROTO_UDP, libc::UDP_SEGMENT, &size.to_ne_bytes());
}

/// Asks for a mark in the header. For a connected socket both families are asked; the kernel
/// passes over the one that is not the socket's.
pub(crate) fn write_ecn(
    control: &mut OutControl,
    ecn: Ecn,
    destination: Option<SocketAddr>,
) -> io::Result<()> {
    let class = i32::from(ecn.bits()).to_ne_bytes();
    let is_v4 = destination.map(|destination| destination.ip().to_canonical().is_ipv4());
    if is_v4 != Some(false) {
        control.push(libc::IPPROTO_IP, libc::IP_TOS, &class);
    }
    if is_v4 != Some(true) {
        control.push(libc::IPPROTO_IPV6, libc::IPV6_TCLASS, &class);
    }
    Ok(())
}

/// Asks that the message be sent from `source`.
pub(crate) fn write_source(control: &mut OutControl, source: IpAddr) {
    match source {
        IpAddr::V4(v4) => {
            let mut data = [0; 12];
            data[4..8].copy_from_slice(&v4.octets());
            control.push(libc::IPPROTO_IP, libc::IP_PKTINFO, &data);
        }
        IpAddr::V6(v6) => {
            let mut data = [0; 20];
            data[..16].copy_from_slice(&v6.octets());
            control.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &data);
        }
    }
}

/// What an error says of a message that was to be divided: `EIO` comes of a device that does not
/// compute checksums, `EINVAL` or `EMSGSIZE` of segments that are longer than a packet.
pub(crate) fn refusal(error: &io::Error) -> Option<Refusal> {
    match error.raw_os_error()? {
        libc::EIO | libc::ENOPROTOOPT | libc::EOPNOTSUPP => Some(Refusal::ForGood),
        libc::EINVAL | libc::EMSGSIZE => Some(Refusal::OfOne),
        _ => None,
    }
}

/// False: the kernel passes over a mark of the other family, so that both can be asked for.
pub(crate) const MARKS_ARE_OF_ONE_FAMILY: bool = false;

/// The option by which a kernel that divides messages is known.
pub(crate) const SEGMENT_SIZE: Option<NumericOption> =
    Some(NumericOption { level: libc::IPPROTO_UDP, name: libc::UDP_SEGMENT, value: 0 });

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::time::{Duration, SystemTime};

    use proptest::collection::vec;
    use proptest::prelude::{any, prop_oneof};
    use proptest::proptest;
    use proptest::strategy::{Just, Strategy};

    use super::{Control, Ecn, Facts, read, timestamp};
    use crate::sys::messages::control::{ControlBuffer, Controls};
    use crate::sys::messages::{address_bytes, fuzz};

    /// What a kernel may send, and what it does not.
    fn names() -> impl Strategy<Value = (i32, i32)> {
        prop_oneof![
            Just((libc::IPPROTO_IP, libc::IP_PKTINFO)),
            Just((libc::IPPROTO_IPV6, libc::IPV6_PKTINFO)),
            Just((libc::IPPROTO_IP, libc::IP_TOS)),
            Just((libc::IPPROTO_IPV6, libc::IPV6_TCLASS)),
            Just((libc::IPPROTO_IP, libc::IP_TTL)),
            Just((libc::SOL_SOCKET, libc::SO_TIMESTAMPNS)),
            Just((libc::SOL_SOCKET, libc::SO_TIMESTAMPING)),
            Just((libc::IPPROTO_UDP, libc::UDP_GRO)),
            any::<(i32, i32)>(),
        ]
    }

    proptest! {
        #[test]
        fn whatever_a_message_says_reading_it_ends_and_a_size_is_never_zero(
            (level, kind) in names(), data in vec(any::<u8>(), 0..60),
        ) {
            let mut facts = Facts::default();
            read(Control { level, kind, data: &data }, &mut facts);
            assert_ne!(facts.segment_size, Some(0));
            let _ = (facts.class.and_then(Ecn::from_class), address_bytes::read(&data));
        }
    }

    #[test]
    fn fuzz_the_reader_of_what_is_told_of_datagrams() {
        let mut buffer = ControlBuffer::<512>::EMPTY;
        let times: Vec<u8> = [5_i64, 7, 0, 0, 0, 0].iter().flat_map(|number| number.to_ne_bytes()).collect();
        buffer.push(libc::IPPROTO_IP, libc::IP_PKTINFO, &[1; 12]);
        buffer.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &[1; 20]);
        buffer.push(libc::IPPROTO_IP, libc::IP_TOS, &[3]);
        buffer.push(libc::IPPROTO_IPV6, libc::IPV6_TCLASS, &3_i32.to_ne_bytes());
        buffer.push(libc::IPPROTO_IP, libc::IP_TTL, &64_i32.to_ne_bytes());
        buffer.push(libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, &times[..16]);
        buffer.push(libc::SOL_SOCKET, libc::SO_TIMESTAMPING, &times);
        buffer.push(libc::IPPROTO_UDP, libc::UDP_GRO, &1200_i32.to_ne_bytes());
        let mut seen = Facts::default();
        fuzz::inputs(&[buffer.messages()], |bytes| {
            let mut facts = Facts::default();
            Controls::new(bytes).for_each(|control| read(control, &mut facts));
            assert_ne!(facts.segment_size, Some(0));
            let _ = facts.class.and_then(Ecn::from_class);
            seen.local = seen.local.or(facts.local);
            seen.timestamp = seen.timestamp.or(facts.timestamp);
            seen.segment_size = seen.segment_size.or(facts.segment_size);
        });
        assert!(seen.local.is_some() && seen.timestamp.is_some() && seen.segment_size.is_some(), "{seen:?}");
    }

    #[test]
    fn a_time_is_the_first_that_is_there() {
        let numbers = |numbers: &[i64]| numbers.iter().flat_map(|n| n.to_ne_bytes()).collect::<Vec<_>>();
        let of = |kind, data: &[u8]| timestamp(Control { level: libc::SOL_SOCKET, kind, data });
        let time = Some(SystemTime::UNIX_EPOCH + Duration::new(5, 7));
        assert_eq!(of(libc::SO_TIMESTAMPNS, &numbers(&[5, 7])), time);
        assert_eq!(of(libc::SO_TIMESTAMPING, &numbers(&[5, 7, 0, 0, 9, 9])), time);
        assert_eq!(of(libc::SO_TIMESTAMPING, &numbers(&[0, 0, 0, 0, 5, 7])), time);
        // Each part of a time is one of its clock.
        for wrong in [[5, 1_000_000_000], [5, -1], [-1, 7], [0, 0]] {
            assert_eq!(of(libc::SO_TIMESTAMPNS, &numbers(&wrong)), None);
        }
        let short = [5_i32, 7].map(i32::to_ne_bytes).concat();
        assert_eq!(of(libc::SO_TIMESTAMPNS, &short), time);
    }
}
