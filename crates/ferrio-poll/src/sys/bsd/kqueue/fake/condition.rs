//! What the filters of descriptors say.

use rustix::event::epoll::EventFlags;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{FileType, fstat};
use rustix::io::{Errno, ioctl_fionread};
use rustix::net::{SocketType, sockopt};

use super::super::kevent::{EV_EOF, Filter, Kevent};
use super::{NOTE_OOB, fd_of};

/// Refuses what the kernel would refuse of a new registration.
pub(super) fn check(change: &Kevent) -> Result<(), Errno> {
    if change.filter == Filter::Write && is_fifo(change.ident) {
        let mut fds = [PollFd::from_borrowed_fd(fd_of(change.ident)?, PollFlags::OUT)];
        poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
        if fds[0].revents().contains(PollFlags::ERR) {
            return Err(Errno::PIPE);
        }
    }
    if change.filter == Filter::Except && Some(change.fflags) != NOTE_OOB {
        Err(Errno::INVAL)
    } else {
        Ok(())
    }
}

/// What epoll is asked for.
pub(super) fn epoll_flags(filter: Filter, is_edge: bool) -> EventFlags {
    let flags = match filter {
        Filter::Read => EventFlags::IN | EventFlags::RDHUP,
        Filter::Write => EventFlags::OUT,
        _ => EventFlags::PRI,
    };
    // epoll reports ends unasked. Only edges of them do not come again and again.
    if is_edge || filter == Filter::Except { flags | EventFlags::ET } else { flags }
}

/// Writes into `kevent` what is to be said where epoll says `found`. False if that is nothing.
/// `lowat` is how many bytes there have to be.
pub(super) fn describe(kevent: &mut Kevent, found: EventFlags, lowat: i64) -> bool {
    let kind = Kind::of(kevent.ident);
    let has_error = found.contains(EventFlags::ERR);
    let is_hung_up = found.contains(EventFlags::HUP);
    if kind == Kind::Stream && is_hung_up && !has_error && !is_shut_down(kevent.ident) {
        // It is not connected yet.
        return false;
    }
    match kevent.filter {
        Filter::Read => {
            kevent.data = available(kevent.ident);
            let is_ended = is_hung_up || found.contains(EventFlags::RDHUP);
            // Pipes do not heed the mark, and say nothing at the end that is written.
            let is_ready = match kind {
                Kind::Datagram | Kind::Stream => kevent.data >= lowat,
                Kind::Other => found.contains(EventFlags::IN),
            };
            end(kevent, is_ended, kind, has_error) || is_ready
        }
        Filter::Write => {
            end(kevent, is_hung_up || kind == Kind::Other && has_error, kind, has_error);
            true
        }
        _ => {
            kevent.fflags = NOTE_OOB.unwrap_or(0);
            found.contains(EventFlags::PRI)
        }
    }
}

/// Writes an end into `kevent` if there is one. An error ends a stream; that of a datagram makes
/// it ready and no more.
fn end(kevent: &mut Kevent, is_ended: bool, kind: Kind, has_error: bool) -> bool {
    if is_ended {
        kevent.flags |= EV_EOF;
        if has_error && kind == Kind::Stream {
            // Asking for the error would take it.
            kevent.fflags = Errno::CONNRESET.raw_os_error() as u32;
        }
    }
    is_ended
}

/// True if nothing more will come.
fn is_shut_down(ident: usize) -> bool {
    let Ok(fd) = fd_of(ident) else { return true };
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::RDHUP)];
    let result = poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    result.is_ok() && fds[0].revents().contains(PollFlags::RDHUP)
}

/// What the conditions depend on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Kind {
    Datagram,
    Other,
    Stream,
}

impl Kind {
    fn of(ident: usize) -> Kind {
        match fd_of(ident).and_then(sockopt::socket_type) {
            Ok(SocketType::STREAM | SocketType::SEQPACKET) => Kind::Stream,
            Ok(_) => Kind::Datagram,
            Err(_) => Kind::Other,
        }
    }
}

fn is_fifo(ident: usize) -> bool {
    let stat = fd_of(ident).and_then(fstat);
    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo)
}

/// How many bytes there are to read; 1 if that is no number of bytes.
fn available(ident: usize) -> i64 {
    fd_of(ident).and_then(ioctl_fionread).map_or(1, |count| count as i64)
}
