//! The options and control messages of Apple's systems and the BSDs.

use std::io;
use std::mem::{offset_of, size_of};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use libc::timeval;

use crate::error::kernel;
use crate::sys::datagram::division::Refusal;
use crate::sys::datagram::{Ecn, Facility, Facts, LocalAddress};
use crate::sys::messages::control::{Control, OutControl, bytes_at};
use crate::sys::messages::numeric_option::NumericOption;

#[cfg(target_vendor = "apple")]
#[path = "datagram_names/apple.rs"]
mod v4;
#[cfg(target_os = "freebsd")]
#[path = "datagram_names/freebsd.rs"]
mod v4;
#[cfg(not(any(target_vendor = "apple", target_os = "freebsd")))]
#[path = "datagram_names/others.rs"]
mod v4;

/// The option that `facility` is. Beside it goes none: an IPv6 socket takes no options of
/// IPv4 here.
pub(crate) fn options(facility: Facility, is_v6: bool) -> [Option<NumericOption>; 2] {
    let of_family = |v4: Option<i32>, v6: Option<i32>| {
        let (level, name) = if is_v6 { (libc::IPPROTO_IPV6, v6) } else { (libc::IPPROTO_IP, v4) };
        [name.map(|name| NumericOption { level, name, value: 1 }), None]
    };
    match facility {
        Facility::LocalAddress => of_family(Some(v4::RECEIVE_LOCAL), Some(libc::IPV6_RECVPKTINFO)),
        Facility::Class => of_family(v4::RECEIVE_CLASS, Some(libc::IPV6_RECVTCLASS)),
        Facility::Ttl => of_family(v4::RECEIVE_TTL, v4::RECEIVE_HOP_LIMIT),
        Facility::Timestamps => {
            let option = NumericOption { level: libc::SOL_SOCKET, name: libc::SO_TIMESTAMP, value: 1 };
            [Some(option), None]
        }
        Facility::Offload | Facility::Errors | Facility::SendTimestamps => [None, None],
    }
}

/// Takes into `facts` what `control` says.
pub(crate) fn read(control: Control<'_>, facts: &mut Facts) {
    let kind = Some(control.kind);
    match control.level {
        libc::IPPROTO_IP if control.kind == v4::RECEIVE_LOCAL => {
            facts.local = v4::local(control.data).or(facts.local);
        }
        libc::IPPROTO_IP if kind == v4::RECEIVE_CLASS => facts.class = control.byte().or(facts.class),
        libc::IPPROTO_IP if kind == v4::RECEIVE_TTL => facts.ttl = control.byte().or(facts.ttl),
        libc::IPPROTO_IPV6 if control.kind == libc::IPV6_PKTINFO => {
            facts.local = local_v6(control.data).or(facts.local);
        }
        libc::IPPROTO_IPV6 if control.kind == libc::IPV6_TCLASS => {
            facts.class = control.byte().or(facts.class);
        }
        libc::IPPROTO_IPV6 if kind == v4::HOP_LIMIT => facts.ttl = control.byte().or(facts.ttl),
        libc::SOL_SOCKET if control.kind == libc::SCM_TIMESTAMP => {
            facts.timestamp = time(control.data).or(facts.timestamp);
        }
        _ => {}
    }
}

/// The time that a `struct timeval` is. Its numbers have four or eight bytes.
fn time(bytes: &[u8]) -> Option<SystemTime> {
    let seconds = number(bytes, offset_of!(timeval, tv_sec), size_of::<libc::time_t>())?;
    let micros = number(bytes, offset_of!(timeval, tv_usec), size_of::<libc::suseconds_t>())?;
    let micros = u32::try_from(micros).ok().filter(|micros| *micros < 1_000_000)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(u64::try_from(seconds).ok()?, micros * 1000))
}

/// The number of so many bytes at `at`.
fn number(bytes: &[u8], at: usize, len: usize) -> Option<i64> {
    match len {
        4 => Some(i32::from_ne_bytes(bytes_at(bytes, at)?).into()),
        _ => Some(i64::from_ne_bytes(bytes_at(bytes, at)?)),
    }
}

/// That of a `struct in6_pktinfo`: the address in the header, and an index.
fn local_v6(data: &[u8]) -> Option<LocalAddress> {
    let address = Ipv6Addr::from(bytes_at::<16>(data, 0)?);
    let interface = u32::from_ne_bytes(bytes_at(data, 16)?);
    Some(LocalAddress { address: address.into(), interface: Some(interface) })
}

/// That of a `struct in_addr`.
#[cfg_attr(target_vendor = "apple", allow(dead_code, reason = "its own structure has more"))]
fn local_v4(data: &[u8]) -> Option<LocalAddress> {
    let address = Ipv4Addr::from(bytes_at::<4>(data, 0)?);
    Some(LocalAddress { address: address.into(), interface: None })
}

/// No message is divided here, so that none asks for it.
pub(crate) fn write_segment_size(_: &mut OutControl, _: u16) {}

/// Asks for a mark in the header.
pub(crate) fn write_ecn(
    control: &mut OutControl,
    ecn: Ecn,
    destination: Option<SocketAddr>,
) -> io::Result<()> {
    match destination {
        Some(SocketAddr::V6(_)) => {
            control.push(libc::IPPROTO_IPV6, libc::IPV6_TCLASS, &i32::from(ecn.bits()).to_ne_bytes());
            Ok(())
        }
        // The family has to be known.
        None => Err(kernel::facility_absent("the congestion mark of a transmit without a destination")),
        Some(SocketAddr::V4(_)) if v4::write_class(control, ecn.bits()) => Ok(()),
        Some(SocketAddr::V4(_)) => {
            Err(kernel::facility_absent("IP_TOS, the congestion mark of one datagram,"))
        }
    }
}

/// Asks that the message be sent from `source`.
pub(crate) fn write_source(control: &mut OutControl, source: IpAddr) {
    match source {
        IpAddr::V4(source) => v4::write_source(control, source),
        IpAddr::V6(source) => {
            let mut data = [0; 20];
            data[..16].copy_from_slice(&source.octets());
            control.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &data);
        }
    }
}

/// No message is divided here.
pub(crate) fn refusal(_: &io::Error) -> Option<Refusal> {
    None
}

/// True: a kernel refuses or passes over a mark of the other family.
pub(crate) const MARKS_ARE_OF_ONE_FAMILY: bool = true;

/// No kernel divides messages.
pub(crate) const SEGMENT_SIZE: Option<NumericOption> = None;
