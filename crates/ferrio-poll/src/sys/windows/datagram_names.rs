//! The options and control messages of Winsock.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use windows_sys::Win32::Networking::WinSock::{
    IP_ECN, IP_HOPLIMIT, IP_PKTINFO, IP_RECVECN, IP_RECVTOS, IP_RECVTTL, IP_TOS, IP_TTL, IPPROTO_IP,
    IPPROTO_IPV6, IPV6_ECN, IPV6_HOPLIMIT, IPV6_PKTINFO, IPV6_RECVECN, IPV6_RECVTCLASS, IPV6_TCLASS,
};

use crate::error::kernel;
use crate::sys::datagram::division::Refusal;
use crate::sys::datagram::{Ecn, Facility, Facts, LocalAddress};
use crate::sys::messages::control::{Control, OutControl, bytes_at};
use crate::sys::windows::raw_option::RawOption;

/// The options that `facility` may be, the best first: of those that the system has one is enough.
pub(crate) fn options(facility: Facility, is_v6: bool) -> impl Iterator<Item = RawOption> {
    let names: &[i32] = match (facility, is_v6) {
        (Facility::LocalAddress, false) => &[IP_PKTINFO],
        (Facility::LocalAddress, true) => &[IPV6_PKTINFO],
        // The first came with Windows 10, and tells the mark alone.
        (Facility::Class, false) => &[IP_RECVECN, IP_RECVTOS],
        (Facility::Class, true) => &[IPV6_RECVECN, IPV6_RECVTCLASS],
        (Facility::Ttl, false) => &[IP_RECVTTL],
        (Facility::Ttl, true) => &[IPV6_HOPLIMIT],
        (Facility::Timestamps | Facility::Offload | Facility::Errors | Facility::SendTimestamps, _) => &[],
    };
    let level = if is_v6 { IPPROTO_IPV6 } else { IPPROTO_IP };
    names.iter().map(move |&name| RawOption { level, name })
}

/// Takes into `facts` what `control` says.
pub(crate) fn read(control: Control<'_>, facts: &mut Facts) {
    match (control.level, control.kind) {
        (IPPROTO_IP, IP_PKTINFO) => facts.local = local_v4(control.data).or(facts.local),
        (IPPROTO_IPV6, IPV6_PKTINFO) => facts.local = local_v6(control.data).or(facts.local),
        (IPPROTO_IP, IP_TOS | IP_ECN) | (IPPROTO_IPV6, IPV6_TCLASS | IPV6_ECN) => {
            facts.class = control.byte().or(facts.class);
        }
        (IPPROTO_IP, IP_TTL | IP_HOPLIMIT) | (IPPROTO_IPV6, IPV6_HOPLIMIT) => {
            facts.ttl = control.byte().or(facts.ttl);
        }
        _ => {}
    }
}

/// That of an `IN_PKTINFO`: the address in the header, and an index.
fn local_v4(data: &[u8]) -> Option<LocalAddress> {
    let address = Ipv4Addr::from(bytes_at::<4>(data, 0)?);
    let interface = u32::from_ne_bytes(bytes_at(data, 4)?);
    Some(LocalAddress { address: address.into(), interface: Some(interface) })
}

/// That of an `IN6_PKTINFO`: the address in the header, and an index.
fn local_v6(data: &[u8]) -> Option<LocalAddress> {
    let address = Ipv6Addr::from(bytes_at::<16>(data, 0)?);
    let interface = u32::from_ne_bytes(bytes_at(data, 16)?);
    Some(LocalAddress { address: address.into(), interface: Some(interface) })
}

/// No message is divided here, so that none asks for it.
pub(crate) fn write_segment_size(_: &mut OutControl, _: u16) {}

/// Asks for a mark in the header.
pub(crate) fn write_ecn(
    control: &mut OutControl,
    ecn: Ecn,
    destination: Option<SocketAddr>,
) -> io::Result<()> {
    let (level, kind) = match destination.map(|destination| destination.ip().to_canonical()) {
        Some(IpAddr::V4(_)) => (IPPROTO_IP, IP_ECN),
        Some(IpAddr::V6(_)) => (IPPROTO_IPV6, IPV6_ECN),
        // The family has to be known.
        None => {
            return Err(kernel::facility_absent("the congestion mark of a transmit without a destination"));
        }
    };
    control.push(level, kind, &i32::from(ecn.bits()).to_ne_bytes());
    Ok(())
}

/// Asks that the message be sent from `source`.
pub(crate) fn write_source(control: &mut OutControl, source: IpAddr) {
    match source {
        IpAddr::V4(v4) => {
            let mut data = [0; 8];
            data[..4].copy_from_slice(&v4.octets());
            control.push(IPPROTO_IP, IP_PKTINFO, &data);
        }
        IpAddr::V6(v6) => {
            let mut data = [0; 20];
            data[..16].copy_from_slice(&v6.octets());
            control.push(IPPROTO_IPV6, IPV6_PKTINFO, &data);
        }
    }
}

/// No message is divided here.
pub(crate) fn refusal(_: &io::Error) -> Option<Refusal> {
    None
}

/// True: Winsock refuses a mark of the other family.
pub(crate) const MARKS_ARE_OF_ONE_FAMILY: bool = true;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::messages::control::{ControlBuffer, Controls};
    use crate::sys::messages::fuzz;

    /// What `messages` say, one after the other.
    fn facts(messages: &mut OutControl) -> Facts {
        let mut facts = Facts::default();
        Controls::new(messages.messages()).for_each(|control| read(control, &mut facts));
        facts
    }

    #[test]
    fn fuzz_the_reader_of_what_is_told_of_datagrams() {
        let mut buffer = ControlBuffer::<256>::EMPTY;
        buffer.push(IPPROTO_IP, IP_PKTINFO, &[1; 8]);
        buffer.push(IPPROTO_IPV6, IPV6_PKTINFO, &[1; 20]);
        buffer.push(IPPROTO_IP, IP_ECN, &3_i32.to_ne_bytes());
        buffer.push(IPPROTO_IPV6, IPV6_TCLASS, &3_i32.to_ne_bytes());
        buffer.push(IPPROTO_IP, IP_TTL, &64_i32.to_ne_bytes());
        let mut seen = Facts::default();
        fuzz::inputs(&[buffer.messages()], |bytes| {
            let mut facts = Facts::default();
            Controls::new(bytes).for_each(|control| read(control, &mut facts));
            seen.local = seen.local.or(facts.local);
            seen.class = seen.class.or(facts.class);
            seen.ttl = seen.ttl.or(facts.ttl);
        });
        assert!(seen.local.is_some() && seen.class.is_some() && seen.ttl.is_some(), "{seen:?}");
    }

    #[test]
    fn what_is_asked_for_a_datagram_is_read_as_what_is_told_of_one() {
        let destinations = ["192.0.2.1:5", "[2001:db8::1]:5", "[::ffff:192.0.2.1]:5"];
        for destination in destinations.map(|text| text.parse::<SocketAddr>().unwrap()) {
            let mut control = OutControl::EMPTY;
            write_ecn(&mut control, Ecn::Ce, Some(destination)).unwrap();
            write_source(&mut control, destination.ip());
            let facts = facts(&mut control);
            assert_eq!(facts.class.and_then(Ecn::from_class), Some(Ecn::Ce));
            // The index is the system's choice.
            let local = LocalAddress { address: destination.ip(), interface: Some(0) };
            assert_eq!((facts.local, facts.ttl), (Some(local), None));
            let mut controls = Controls::new(control.messages());
            let is_v4 = destination.ip().to_canonical().is_ipv4();
            assert_eq!(controls.next().unwrap().level, if is_v4 { IPPROTO_IP } else { IPPROTO_IPV6 });
        }
    }
}
