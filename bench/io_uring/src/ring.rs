//! The two queues.
#![allow(unsafe_code, reason = "nothing but the program itself keeps the memory of its operations")]

use std::io;

use io_uring::squeue::Entry;
use io_uring::{CompletionQueue, IoUring, SubmissionQueue, Submitter, cqueue};

/// The queues of a ring, in the thread that made it.
pub(crate) struct Ring<'a> {
    submitter: Submitter<'a>,
    submissions: SubmissionQueue<'a>,
    completions: CompletionQueue<'a>,
}

/// What has completed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Completion {
    /// What was given to the operation.
    pub(crate) data: u64,
    /// Its result, or the number of an error below 0.
    pub(crate) result: i32,
    /// The buffer that it received into.
    pub(crate) buffer: Option<u16>,
    /// More of the same operation will come.
    pub(crate) has_more: bool,
}

/// Makes a ring for one thread, with `entries` in its first queue. Work that the kernel
/// finishes waits until the thread asks for it.
pub(crate) fn build(entries: u32) -> io::Result<IoUring> {
    let mut builder = IoUring::builder();
    builder.setup_single_issuer().setup_defer_taskrun().setup_submit_all().setup_no_sqarray();
    builder.setup_cqsize(entries * COMPLETIONS_FACTOR);
    builder.build(entries)
}

impl<'a> Ring<'a> {
    /// The queues of a ring. The kernel finds it by an index from now on, not by a descriptor.
    pub(crate) fn new(ring: &'a mut IoUring) -> io::Result<Self> {
        let (mut submitter, submissions, completions) = ring.split();
        submitter.register_ring_fd()?;
        Ok(Self { submitter, submissions, completions })
    }

    /// What submits.
    pub(crate) fn submitter(&self) -> &Submitter<'a> {
        &self.submitter
    }

    /// Adds an entry. What it points to has to stay where it is until it has completed.
    pub(crate) fn push(&mut self, entry: &Entry) -> io::Result<()> {
        loop {
            // SAFETY: descriptors stay open and bytes in place until the entry has completed:
            // a connection is dropped after its last completion, and a buffer is returned then.
            if unsafe { self.submissions.push(entry) }.is_ok() {
                return Ok(());
            }
            self.submissions.sync();
            self.submitter.submit()?;
            self.submissions.sync();
        }
    }

    /// Submits what was pushed, and waits until something has completed.
    pub(crate) fn turn(&mut self) -> io::Result<()> {
        self.submissions.sync();
        match self.submitter.submit_and_wait(1) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        self.submissions.sync();
        self.completions.sync();
        Ok(())
    }

    /// The next of what had completed when the turn ended.
    pub(crate) fn next(&mut self) -> Option<Completion> {
        let entry = self.completions.next()?;
        let flags = entry.flags();
        Some(Completion {
            data: entry.user_data(),
            result: entry.result(),
            buffer: cqueue::buffer_select(flags),
            has_more: cqueue::more(flags),
        })
    }
}

/// How many times the entries of the first queue the second one has: an operation can complete
/// more than once.
const COMPLETIONS_FACTOR: u32 = 8;
