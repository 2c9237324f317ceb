//! Trying operations, and what follows.
#![allow(unsafe_code, reason = "a result of a thread is a descriptor, and a buffer of the pool is filled")]

use std::io;
use std::mem;

use crate::completion::What;
use crate::core::slab::{NO_SLOT, Stage};
use crate::core::{After, Core};
use crate::driver::direct::{self, code};
use crate::driver::readiness::attempt::{Attempt, Context, attempt};
use crate::driver::readiness::want::Want;
use crate::driver::readiness::{Readiness, calls, message};
use crate::id::OpId;
use crate::op::perform::Shape;
use crate::op::request::Request;
use crate::sys::{self, Errno};

/// How many results an operation gives in one turn, so that one descriptor does not hold up the
/// others. The kernel stops a receiver of a ring there too.
const BUDGET: usize = 32;

impl Readiness {
    /// Tries each operation that is due, once, as long as there is room for what comes of it.
    pub(super) fn do_work(&mut self, core: &mut Core) {
        for _ in 0..self.work.len() {
            if core.room() == 0 {
                break;
            }
            let Some(id) = self.work.pop_front() else { break };
            // It may have been cancelled meanwhile.
            let Some(slot) = core.slab.get(id) else { continue };
            match slot.shape {
                Shape::Accept | Shape::AcceptMany => self.accept(core, id),
                Shape::RecvMany | Shape::RecvMsgMany => self.receive(core, id),
                Shape::Open => self.send_away(core, id),
                Shape::One | Shape::Part => self.attempt(core, id),
                Shape::SendAll | Shape::Timeout => debug_assert!(false, "it is never started: {id:?}"),
            }
        }
    }

    fn end(&mut self, core: &mut Core, id: OpId, result: i32) {
        let after = core.complete(id.slot, result);
        self.follow(core, after);
    }

    /// Lets the operation wait; it fails if its descriptor cannot be waited for.
    ///
    /// If it was called ready just now and could do nothing, something stands that is not for it,
    /// as an error in the queue of its socket: it is left alone for a moment.
    fn wait(&mut self, core: &mut Core, id: OpId, entry: u32, want: Want) {
        if mem::take(&mut core.slab.at_mut(id.slot).is_woken) {
            return self.delay(id);
        }
        if let Err(error) = self.set.add(entry, core.table.at(entry).fd(), id, want) {
            self.end(core, id, refusal(&error));
        }
    }

    /// Sees that no call on the descriptor blocks.
    fn set_non_blocking(core: &mut Core, entry: u32) {
        let place = core.table.at_mut(entry);
        if !place.is_prepared {
            sys::set_non_blocking(place.fd());
            place.is_prepared = true;
        }
    }

    fn accept(&mut self, core: &mut Core, id: OpId) {
        let slot = core.slab.at(id.slot);
        let (entry, is_many) = (slot.entry, slot.shape == Shape::AcceptMany);
        Self::set_non_blocking(core, entry);
        core.request(id.slot);
        for _ in 0..BUDGET.min(core.room()) {
            // Sends and receives ask not to wait by themselves.
            match sys::accept(core.table.at(entry).fd()) {
                Ok(fd) if is_many => {
                    core.slab.at_mut(id.slot).is_woken = false;
                    core.accepted(id.slot, fd);
                }
                Ok(fd) => {
                    let after = core.complete_with(id.slot, What::Accepted(fd));
                    return self.follow(core, after);
                }
                Err(Errno::AGAIN) => return self.wait(core, id, entry, Want::READ),
                Err(errno) if is_many && sys::is_of_one_connection(errno) => {}
                Err(Errno::INTR) => {}
                Err(errno) => return self.end(core, id, code(Err(errno))),
            }
        }
        self.work.push_back(id);
    }

    /// Receives into buffers of the pool.
    fn receive(&mut self, core: &mut Core, id: OpId) {
        let slot = core.slab.at(id.slot);
        let (entry, is_datagrams) = (slot.entry, slot.shape == Shape::RecvMsgMany);
        core.request(id.slot);
        let layout = is_datagrams.then(|| core.layout(id.slot));
        let len = core.pool.len() as usize;
        for _ in 0..BUDGET.min(core.room()) {
            let Some(index) = core.pool.take() else { return core.starve(id) };
            let (fd, buffer) = (core.table.at(entry).fd(), core.pool.address(index));
            let received = match layout {
                // SAFETY: the buffer was just taken and is ours.
                Some(layout) if layout.data_at() < len => unsafe {
                    message::receive(fd, buffer, len, layout)
                },
                Some(_) => Err(Errno::MSGSIZE),
                // SAFETY: the buffer was just taken and is ours.
                None => unsafe { calls::receive(fd, buffer, len) },
            };
            let is_end = received.is_ok_and(|count| direct::is_end(core, id.slot, count));
            let Some(count) = received.ok().filter(|&count| count > 0) else {
                core.pool.put_back(index);
                match received {
                    // An empty datagram, which a receiver without senders passes over.
                    Ok(_) if !is_end => continue,
                    Ok(_) => return self.end(core, id, 0),
                    Err(Errno::AGAIN) => return self.wait(core, id, entry, Want::READ),
                    Err(Errno::INTR) => continue,
                    Err(errno) => return self.end(core, id, code(Err(errno))),
                }
            };
            // SAFETY: the buffer was just taken, and so many of its bytes were written.
            let chunk = unsafe { core.pool.chunk(index, 0, count) };
            if is_end {
                core.discard(id.slot, chunk);
                return self.end(core, id, 0);
            }
            core.received(id.slot, chunk);
            core.slab.at_mut(id.slot).is_woken = false;
            // A stream has no more for now, or its end is found as a level.
            if !is_datagrams && (count as usize) < len {
                return self.wait(core, id, entry, Want::READ);
            }
        }
        self.work.push_back(id);
    }

    pub(super) fn attempt(&mut self, core: &mut Core, id: OpId) {
        let slot = core.slab.at(id.slot);
        let (entry, other) = (slot.entry, slot.other);
        let is_begun = slot.stage == Stage::Begun;
        let done = if let Stage::Partial(done) = slot.stage { done } else { 0 };
        if entry == NO_SLOT {
            return self.send_away(core, id);
        }
        let (request, _) = core.request(id.slot);
        if request.needs_non_blocking() {
            // A splice is of descriptors that others may have too: it sees to them each time.
            let is_first = !mem::replace(&mut core.slab.at_mut(id.slot).is_prepared, true);
            let is_anew = is_first && matches!(request, Request::Splice { .. });
            for entry in [entry, other].into_iter().filter(|&entry| entry != NO_SLOT) {
                core.table.at_mut(entry).is_prepared &= !is_anew;
                Self::set_non_blocking(core, entry);
            }
        }
        let context = Context {
            fd: core.table.at(entry).fd(),
            other: (other != NO_SLOT).then(|| core.table.at(other).fd()),
            done,
            is_begun,
            is_file: request.is_of_file() && sys::is_file(core.table.at(entry).fd()),
            file_bytes: core.config.file_bytes as usize,
        };
        match attempt(request, context) {
            Attempt::Done(result) => {
                if matches!(request, Request::Shutdown { .. }) {
                    self.set.shut_down(entry, &mut self.work);
                }
                self.end(core, id, result);
            }
            Attempt::Wait(want) => self.wait(core, id, entry, want),
            Attempt::WaitOther(want) => self.wait(core, id, other, want),
            Attempt::Partial(done) => {
                let slot = core.slab.at_mut(id.slot);
                slot.stage = Stage::Partial(done);
                slot.is_woken = false;
                self.wait(core, id, entry, Want::WRITE);
            }
            Attempt::Begun => {
                core.slab.at_mut(id.slot).stage = Stage::Begun;
                self.wait(core, id, entry, Want::WRITE);
            }
            Attempt::Later => self.delay(id),
            Attempt::Away => self.send_away(core, id),
        }
    }

    /// Has a thread do the operation.
    fn send_away(&mut self, core: &mut Core, id: OpId) {
        if !self.threads.are_allowed() {
            return self.end(core, id, sys::failure(Errno::OPNOTSUPP));
        }
        let (request, fd) = core.request(id.slot);
        core.slab.at_mut(id.slot).stage = Stage::Away;
        if let Err(error) = self.threads.add(id, request, fd, core.config.file_bytes) {
            self.end(core, id, sys::failure(sys::errno_of(&error)));
        }
    }

    /// Takes the result of a thread in.
    pub(super) fn finish_away(&mut self, core: &mut Core, id: OpId, result: i32) {
        let after = complete_away(core, id, result);
        self.follow(core, after);
    }
}

/// Completes an operation that a thread has done.
pub(super) fn complete_away(core: &mut Core, id: OpId, result: i32) -> After {
    if core.slab.at(id.slot).shape != Shape::Open || result < 0 {
        return core.complete(id.slot, result);
    }
    // SAFETY: the thread has opened it for this operation, and nobody else knows of it.
    let file = unsafe { sys::take_opened(result) };
    core.complete_with(id.slot, What::Opened(file))
}

/// The result of an operation whose descriptor cannot be waited for.
fn refusal(error: &io::Error) -> i32 {
    let is_unsupported = error.kind() == io::ErrorKind::Unsupported;
    sys::failure(if is_unsupported { Errno::OPNOTSUPP } else { sys::errno_of(error) })
}
