//! Control messages of datagrams, of which these systems have none that Ferrio knows.

use std::io;
use std::net::{IpAddr, SocketAddr};

use crate::sys::datagram::{Ecn, Facts};
use crate::sys::messages::control::{Control, OutControl};

pub(crate) fn read(_: Control<'_>, _: &mut Facts) {}

pub(crate) fn write_segment_size(_: &mut OutControl, _: u16) {}

pub(crate) fn write_ecn(_: &mut OutControl, _: Ecn, _: Option<SocketAddr>) -> io::Result<()> {
    Ok(())
}

pub(crate) fn write_source(_: &mut OutControl, _: IpAddr) {}
