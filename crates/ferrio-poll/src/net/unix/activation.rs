//! Sockets that a service manager opened and left to this program: socket activation.
//!
//! systemd and others listen in the name of a service, start it at the first connection or beside
//! it, and hand their sockets over as open descriptors. So a service needs no right to bind its
//! address, can be started again without refusing a connection, and starts in any order.
//!
//! The protocol is that of sd_listen_fds(3): the descriptors are those from 3 on; `LISTEN_FDS` is
//! their number, `LISTEN_PID` the process that they are for, and `LISTEN_FDNAMES`, if it is there,
//! their names, with colons in between.
//!
//! # Examples
//!
//! ```
//! # extern crate ferrio_poll as ferrio;
//! # fn main() -> std::io::Result<()> {
//! use ferrio::net::TcpListener;
//! use ferrio::net::activation::{self, Inherited};
//!
//! let inherited = activation::take()?.into_iter().next();
//! let listener = match inherited.map(|entry| entry.source) {
//!     Some(Inherited::TcpListener(listener)) => listener,
//!     Some(other) => panic!("this service needs a TCP listener, not {other:?}"),
//!     // Started by hand.
//!     None => TcpListener::bind_to("127.0.0.1:0")?,
//! };
//! # drop(listener);
//! # Ok(())
//! # }
//! ```

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::fd::OwnedFd;
use std::process;

use crate::error::unix as error;
use crate::net::tcp_listener::TcpListener;
use crate::net::tcp_stream::TcpStream;
use crate::net::udp_socket::UdpSocket;
use crate::net::unix::datagram::UnixDatagram;
use crate::net::unix::listener::UnixListener;
use crate::net::unix::seqpacket::UnixSeqpacket;
use crate::net::unix::seqpacket_listener::UnixSeqpacketListener;
use crate::net::unix::stream::UnixStream;
use crate::sys::inherited::{self, Kind};

/// A descriptor that was handed over, with its name.
#[derive(Debug)]
#[non_exhaustive]
pub struct Entry {
    /// Its name in `LISTEN_FDNAMES`, if that is there. systemd takes that of the socket unit, unless
    /// `FileDescriptorName=` gives another one.
    pub name: Option<String>,
    /// What it is.
    pub source: Inherited,
}

/// What a descriptor that was handed over is. All but the last are close-on-exec and non-blocking.
#[derive(Debug)]
#[non_exhaustive]
pub enum Inherited {
    /// A TCP socket that listens.
    TcpListener(TcpListener),
    /// A TCP socket that is connected, as inetd and `Accept=yes` hand over.
    TcpStream(TcpStream),
    /// A UDP socket.
    UdpSocket(UdpSocket),
    /// A Unix socket for datagrams.
    UnixDatagram(UnixDatagram),
    /// A Unix socket that listens.
    UnixListener(UnixListener),
    /// A Unix socket for records that is connected.
    UnixSeqpacket(UnixSeqpacket),
    /// A Unix socket for records that listens.
    UnixSeqpacketListener(UnixSeqpacketListener),
    /// A Unix socket that is connected.
    UnixStream(UnixStream),
    /// Something else: a fifo, a file, a socket of another family, or one of which the system says
    /// nothing, as Apple's does of a connection that its peer has reset. It is close-on-exec, and
    /// blocking or not as it was.
    Other(OwnedFd),
}

/// Takes the descriptors that were handed over, in their order; none if this process was started
/// in another way.
///
/// The variables stay as they are, because to change them is not safe beside other threads. A
/// child that inherits them sees that `LISTEN_PID` is not its own.
///
/// Call it early in `main`. Code that was not told might otherwise close the descriptors, or take
/// them for its own.
///
/// # Errors
///
/// `InvalidInput` if a variable has no valid value, or `LISTEN_FDNAMES` another number of names;
/// the text has both. `NotFound` if one of the descriptors is not open, which is named; nothing is
/// taken then. `AlreadyExists` if they were taken before.
///
/// # Implementation notes
///
/// fcntl(2) sets close-on-exec; getsockopt(2) with `SO_TYPE` and `SO_ACCEPTCONN`, and
/// getsockname(2), tell what each is.
#[doc(alias = "sd_listen_fds")]
#[doc(alias = "LISTEN_FDS")]
pub fn take() -> io::Result<Vec<Entry>> {
    let [pid, fds, names] = [PID, FDS, NAMES].map(env::var_os);
    let Some(count) = count(pid.as_deref(), fds.as_deref(), process::id())? else { return Ok(Vec::new()) };
    let names = names_of(names.as_deref(), count)?;
    let fds = inherited::take(count)?.into_iter();
    let entry = |(fd, name)| Entry { name, source: source(fd) };
    // Without names the second list is longer, and all are `None`.
    let names = names.into_iter().map(Some).chain(std::iter::repeat(None));
    Ok(fds.zip(names).map(entry).collect())
}

/// How many there are for the process `own`.
fn count(pid: Option<&OsStr>, fds: Option<&OsStr>, own: u32) -> io::Result<Option<u32>> {
    let (Some(pid), Some(fds)) = (pid, fds) else { return Ok(None) };
    let number = |text: &OsStr| text.to_str()?.parse::<u32>().ok();
    let pid = number(pid).filter(|pid| *pid > 0).ok_or_else(|| error::variable_invalid(PID, pid, A_PID))?;
    if pid != own {
        return Ok(None);
    }
    let count = number(fds).filter(|count| i32::try_from(*count).is_ok());
    count.map(Some).ok_or_else(|| error::variable_invalid(FDS, fds, A_COUNT))
}

/// The names of `count` descriptors, or no name at all.
fn names_of(names: Option<&OsStr>, count: u32) -> io::Result<Vec<String>> {
    let Some(text) = names else { return Ok(Vec::new()) };
    let names: Option<Vec<String>> = match text.to_str() {
        // No name, which is no name of a descriptor.
        Some("") if count == 0 => Some(Vec::new()),
        Some(text) => Some(text.split(':').map(str::to_owned).collect()),
        None => None,
    };
    match names {
        Some(names) if u32::try_from(names.len()) == Ok(count) => Ok(names),
        _ => Err(error::variable_invalid(NAMES, text, &format!("{count} names with colons in between"))),
    }
}

fn source(fd: OwnedFd) -> Inherited {
    match inherited::kind(&fd) {
        Kind::Other => Inherited::Other(fd),
        Kind::TcpListener => Inherited::TcpListener(fd.into()),
        Kind::TcpStream => Inherited::TcpStream(fd.into()),
        Kind::UdpSocket => Inherited::UdpSocket(fd.into()),
        Kind::UnixDatagram => Inherited::UnixDatagram(fd.into()),
        Kind::UnixListener => Inherited::UnixListener(fd.into()),
        Kind::UnixSeqpacket => Inherited::UnixSeqpacket(fd.into()),
        Kind::UnixSeqpacketListener => Inherited::UnixSeqpacketListener(fd.into()),
        Kind::UnixStream => Inherited::UnixStream(fd.into()),
    }
}

const FDS: &str = "LISTEN_FDS";
const NAMES: &str = "LISTEN_FDNAMES";
const PID: &str = "LISTEN_PID";

/// What the values have to be, in words.
const A_COUNT: &str = "the number of descriptors";
const A_PID: &str = "the id of a process";

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    /// `count` for process 7.
    fn count_of(pid: &str, fds: &str) -> io::Result<Option<u32>> {
        count(Some(OsStr::new(pid)), Some(OsStr::new(fds)), 7)
    }

    #[test]
    fn what_is_for_this_process_is_counted_and_nothing_else() {
        assert_eq!(count_of("7", "2").unwrap(), Some(2));
        assert_eq!(count_of("7", "0").unwrap(), Some(0));
        assert_eq!(count_of("8", "2").unwrap(), None);
        // Of another process, whose business it is.
        assert_eq!(count_of("8", "nonsense").unwrap(), None);
        assert_eq!(count(None, Some(OsStr::new("2")), 7).unwrap(), None);
        assert_eq!(count(Some(OsStr::new("7")), None, 7).unwrap(), None);
        assert_eq!(count(None, None, 7).unwrap(), None);
    }

    #[test]
    fn a_wrong_value_is_named_with_its_variable() {
        let strange = OsStr::from_bytes(b"\xff");
        for value in ["", " 2", "2 ", "-1", "two", "2.0", "2147483648", "99999999999999999999", "0x2", "2:3"]
        {
            let error = count_of("7", value).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(error.to_string().contains(&format!("LISTEN_FDS={value:?}")), "{error}");
        }
        for value in ["", "0", "-7", "7x", "self", "99999999999999999999"] {
            let error = count_of(value, "2").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(error.to_string().contains(&format!("LISTEN_PID={value:?}")), "{error}");
        }
        assert!(count(Some(OsStr::new("7")), Some(strange), 7).is_err());
        assert!(count(Some(strange), Some(OsStr::new("2")), 7).is_err());
        assert!(names_of(Some(strange), 1).is_err());
    }

    #[test]
    fn there_are_as_many_names_as_descriptors_or_none() {
        let names = |text: &str, count| names_of(Some(OsStr::new(text)), count);
        assert_eq!(names_of(None, 3).unwrap(), [""; 0]);
        assert_eq!(names("http:control", 2).unwrap(), ["http", "control"]);
        assert_eq!(names("a::c", 3).unwrap(), ["a", "", "c"]);
        assert_eq!(names("", 0).unwrap(), [""; 0]);
        assert_eq!(names("", 1).unwrap(), [""]);
        for (text, count) in [("http", 2), ("a:b:c", 2), ("", 2), ("a", 0)] {
            let error = names(text, count).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(error.to_string().contains(&format!("LISTEN_FDNAMES={text:?}")), "{error}");
            assert!(error.to_string().contains(&format!("{count} names")), "{error}");
        }
    }
}
