//! What the kernel says of the entries.
#![allow(unsafe_code, reason = "a completion brings a descriptor as a number, and the length of a buffer")]

use std::mem;
use std::os::fd::{FromRawFd, OwnedFd};

use io_uring::cqueue;

use crate::completion::What;
use crate::core::slab::{NO_SLOT, Stage};
use crate::core::{CANCELLED, Core};
use crate::driver::direct;
use crate::driver::ring::queue::Cqe;
use crate::driver::ring::{OF_POLL, Ring};
use crate::id::OpId;
use crate::op::perform::Shape;
use crate::op::request::Request;
use crate::sys::{self, Domain, Errno};

impl Ring {
    /// Takes in the completions that are there, as far as there is room. The others wait in the ring,
    /// and in the kernel, which stops accepting connections for a full ring.
    pub(super) fn reap(&mut self, core: &mut Core) {
        let mut cqes = mem::take(&mut self.cqes);
        loop {
            let room = core.room();
            self.queue.reap_until(&mut cqes, room);
            let may_be_more = room > 0 && cqes.len() == room;
            for cqe in cqes.drain(..) {
                self.take_in(core, cqe);
            }
            // Not each is one for the user.
            if !may_be_more {
                break;
            }
        }
        self.cqes = cqes;
    }

    fn take_in(&mut self, core: &mut Core, mut cqe: Cqe) {
        let id = OpId::from_user_data(cqe.user_data);
        if id.slot == NO_SLOT {
            if cqe.user_data == OF_POLL {
                self.is_armed = false;
                self.has_news = true;
            }
            return;
        }
        let Some(shape) = core.slab.get(id).map(|slot| slot.shape) else {
            // A slot is freed at its final completion only, so none comes after it.
            debug_assert!(false, "a completion of no operation: {cqe:?}");
            core.counters.stale += 1;
            return;
        };
        if cqe.result == -libc::EAGAIN && !cqueue::more(cqe.flags) {
            if self.unblock(core, id) {
                return;
            }
            if core.slab.at(id.slot).is_cancelled {
                cqe.result = CANCELLED;
            }
        }
        match shape {
            Shape::Accept | Shape::AcceptMany | Shape::Open => self.take_descriptor(core, id, cqe),
            Shape::RecvMany | Shape::RecvMsgMany => self.take_data(core, id, cqe),
            Shape::One | Shape::Part => self.take_result(core, id, cqe),
            Shape::SendAll | Shape::Timeout => debug_assert!(false, "no entry is made of it: {cqe:?}"),
        }
    }

    fn end(&mut self, core: &mut Core, id: OpId, result: i32) {
        let after = core.complete(id.slot, result);
        self.follow(core, after);
    }

    /// The kernel waits for no descriptor that is set not to block: this sets it to block, and
    /// starts the operation again. False if that was not the reason.
    ///
    /// Somebody who has the descriptor too may set it again, so it is done once for each operation.
    /// A splice may be told so although both block, by a time limit of a socket or because another
    /// took what there was: it goes on waiting.
    fn unblock(&mut self, core: &mut Core, id: OpId) -> bool {
        let (request, _) = core.request(id.slot);
        let slot = core.slab.at_mut(id.slot);
        let is_splice = matches!(request, Request::Splice { .. });
        if slot.entry == NO_SLOT || slot.is_cancelled || slot.is_prepared && !is_splice {
            return false;
        }
        slot.is_prepared = true;
        let entries = [slot.entry, slot.other].into_iter().filter(|&entry| entry != NO_SLOT);
        for entry in entries {
            // One that refuses has no calls that would block.
            let _ = rustix::io::ioctl_fionbio(core.table.at(entry).fd(), false);
        }
        self.start(core, id.slot);
        true
    }

    /// A connection or a file. It has an owner from here on, or is closed.
    fn take_descriptor(&mut self, core: &mut Core, id: OpId, cqe: Cqe) {
        let more = cqueue::more(cqe.flags);
        let slot = core.slab.at(id.slot);
        let (is_many, is_open) = (slot.shape == Shape::AcceptMany, slot.shape == Shape::Open);
        let is_cancelled = slot.is_cancelled;
        if cqe.result >= 0 {
            // SAFETY: the kernel made it for this operation, and nobody else knows of it.
            let fd = unsafe { OwnedFd::from_raw_fd(cqe.result) };
            if !is_many {
                let what = if is_open { What::Opened(fd) } else { What::Accepted(fd) };
                let after = core.complete_with(id.slot, what);
                return self.follow(core, after);
            }
            core.accepted(id.slot, fd);
        }
        if more {
            return;
        }
        let is_passing = cqe.result < 0 && sys::is_of_one_connection(Errno::from_raw_os_error(-cqe.result));
        if is_many && !is_cancelled && (cqe.result >= 0 || is_passing) {
            return self.start(core, id.slot);
        }
        // It was cancelled, and the last connection came meanwhile.
        self.end(core, id, if cqe.result >= 0 { CANCELLED } else { of_cancelled(is_cancelled, cqe.result) });
    }

    /// Data in a buffer of the pool, an end, or no buffer.
    fn take_data(&mut self, core: &mut Core, id: OpId, cqe: Cqe) {
        let more = cqueue::more(cqe.flags);
        let buffer = cqueue::buffer_select(cqe.flags);
        let count = u32::try_from(cqe.result).ok();
        let is_end = count.is_some_and(|count| direct::is_end(core, id.slot, count));
        if let Some(index) = buffer {
            // SAFETY: the kernel says that it has put so many bytes into this buffer, which was
            // lent to it and is now ours.
            let chunk = unsafe { core.pool.chunk(index, 0, count.unwrap_or(0)) };
            if cqe.result > 0 && !is_end {
                core.received(id.slot, chunk);
            } else {
                core.discard(id.slot, chunk);
            }
        }
        if more {
            return self.renew_at_end(core, id);
        }
        if is_end {
            return self.end(core, id, 0);
        }
        let slot = core.slab.at_mut(id.slot);
        let is_cancelled = slot.is_cancelled;
        let is_data = cqe.result >= 0;
        let is_renewed = slot.stage == Stage::Renewed && cqe.result == CANCELLED;
        if (is_data || is_renewed) && !is_cancelled {
            slot.stage = Stage::Started;
            return self.start(core, id.slot);
        }
        if cqe.result == -libc::ENOBUFS && !is_cancelled && !self.losses.is_loss(core, id.slot) {
            // Starting it at once would fail at once: it waits until a buffer is back.
            return core.starve(id);
        }
        let is_starved = cqe.result == -libc::ENOBUFS && is_cancelled;
        let result = if is_data || is_starved { CANCELLED } else { cqe.result };
        self.end(core, id, result);
    }

    /// Has a receiver of messages begin anew if the other side of its Unix socket has ended. Linux
    /// 6.18 does not tell it the end that came before its data was received: after the last data it
    /// waits for news, and none comes. A receiver that begins finds it.
    fn renew_at_end(&mut self, core: &mut Core, id: OpId) {
        let slot = core.slab.at_mut(id.slot);
        if slot.shape != Shape::RecvMsgMany || slot.stage != Stage::Started || slot.is_cancelled {
            return;
        }
        let place = core.table.at_mut(slot.entry);
        let has_ended = |fd| sys::poll_now(fd, libc::POLLRDHUP as u32).is_ok_and(|found| found != 0);
        if place.domain() == Domain::Unix && has_ended(place.fd()) {
            slot.stage = Stage::Renewed;
            self.cancel(core, id.slot);
        }
    }

    /// The end of an operation, but for one whose buffer the kernel still reads.
    fn take_result(&mut self, core: &mut Core, id: OpId, cqe: Cqe) {
        let slot = core.slab.at_mut(id.slot);
        if cqueue::more(cqe.flags) {
            let after = core.notified(id.slot, cqe.result);
            return self.follow(core, after);
        }
        let result = match slot.stage {
            Stage::Begun if cqe.result >= 0 => return self.look(core, id),
            Stage::Notified(result) if cqueue::notif(cqe.flags) => result,
            _ => cqe.result,
        };
        let result = of_cancelled(slot.is_cancelled, result);
        self.end(core, id, result);
    }

    /// Something came of a descriptor that is waited for, and may not be what was asked for.
    fn look(&mut self, core: &mut Core, id: OpId) {
        let (request, _) = core.request(id.slot);
        let slot = core.slab.at(id.slot);
        let Request::PollFd { events } = request else { unreachable!("only polls are looked at") };
        match sys::poll_now(core.table.at(slot.entry).fd(), events) {
            Ok(0) | Err(Errno::INTR) if slot.is_cancelled => self.end(core, id, CANCELLED),
            Ok(0) | Err(Errno::INTR) => self.start(core, id.slot),
            found => self.end(core, id, direct::code(found)),
        }
    }
}

/// The result of an operation that may be cancelled: what waits in a thread of the kernel is so by
/// a signal to that thread.
fn of_cancelled(is_cancelled: bool, result: i32) -> i32 {
    let is_stopped = is_cancelled && (result == -libc::EINTR || result == RESTART);
    if is_stopped { CANCELLED } else { result }
}

/// The negative of `ERESTARTSYS`, by which parts of the kernel say that a signal ended a wait.
/// System calls never return it; a splice and an open of a ring do.
const RESTART: i32 = -512;
