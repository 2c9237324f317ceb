//! Files by operations, several on their way at once.

use std::fs::File;
use std::io::{self, ErrorKind};

use bench_kit::files::{BLOCK, Files, LANES, PAGE, READS};
use ferrio_poll::{Events, Poll, Token};
use ferrio_proactor::{Choice, Completions, Config, Done, Handle, Kind, Proactor, Slice, StableBuf, op};

/// All operations have the same: each says itself what it is about.
const TOKEN: Token = Token(0);

/// A proactor, and memory of operations that are done.
pub(crate) struct Operations {
    proactor: Proactor,
    events: Events,
    /// None while they are gone through.
    completions: Option<Completions>,
    buffers: Vec<Vec<u8>>,
}

/// What has been done.
enum Step {
    Read { buf: Vec<u8>, end: u64 },
    Written { block: Slice<Vec<u8>>, offset: u64, count: usize, len: usize },
}

impl Operations {
    /// With as many threads as reads are on their way, where it needs some.
    pub(crate) fn new(driver: Choice) -> io::Result<Operations> {
        let config = Config { driver, threads: READS, ..Config::default() };
        let mut proactor = Proactor::new(Poll::new()?, config)?;
        proactor.capabilities()?;
        let (events, completions) = (Events::with_capacity(4), Some(Completions::with_capacity(READS)));
        Ok(Operations { proactor, events, completions, buffers: Vec::new() })
    }

    fn start(&mut self, handle: Handle, offset: u64, len: usize) -> io::Result<()> {
        let mut buf = self.buffers.pop().unwrap_or_default();
        buf.clear();
        buf.reserve_exact(len);
        self.proactor.submit(TOKEN, op::Read::at(handle, buf, offset))?;
        Ok(())
    }

    /// Waits, and does `next` with each step.
    fn turn(&mut self, mut next: impl FnMut(&mut Self, Step) -> io::Result<()>) -> io::Result<()> {
        let mut completions = self.completions.take().expect("an error ended the loop");
        match self.proactor.poll(&mut self.events, &mut completions, None) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        while let Some(completion) = completions.next() {
            let Kind::Done(done) = completion.kind else { return Err(io::Error::other("no file")) };
            next(self, Step::of(done)?)?;
        }
        self.completions = Some(completions);
        Ok(())
    }
}

impl Step {
    fn of(mut done: Done<'_>) -> io::Result<Step> {
        if let Some((result, read)) = done.take::<op::Read<Vec<u8>>>() {
            let (count, offset) = (result?, read.offset());
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let end = offset.expect("it was read at an offset") + u64::from(count);
            return Ok(Step::Read { buf: read.buf, end });
        }
        if let Some((result, write)) = done.take::<op::Write<Vec<u8>>>() {
            let (count, offset) = (result? as usize, write.offset());
            return Ok(Step::written(count, offset, Slice::from(write.buf)));
        }
        let (result, write) = done.take::<op::Write<Slice<Vec<u8>>>>().expect("a read or a write");
        let (count, offset) = (result? as usize, write.offset());
        Ok(Step::written(count, offset, write.buf))
    }

    fn written(count: usize, offset: Option<u64>, block: Slice<Vec<u8>>) -> Step {
        let len = block.raw().1;
        Step::Written { offset: offset.expect("it was written at an offset"), count, len, block }
    }
}

impl Files for Operations {
    fn copy(&mut self, from: &File, to: &File, len: u64) -> io::Result<()> {
        let from = self.proactor.attach(from.try_clone()?);
        let to = self.proactor.attach(to.try_clone()?);
        let mut offsets = (0..len).step_by(BLOCK);
        let mut busy = 0;
        for offset in offsets.by_ref().take(LANES) {
            self.start(from, offset, BLOCK)?;
            busy += 1;
        }
        while busy > 0 {
            self.turn(|this, step| {
                match step {
                    // A short one is no error: the rest follows.
                    Step::Read { buf, end } if buf.len() < BLOCK => {
                        this.proactor.submit(TOKEN, op::Read::at(from, buf, end))?;
                    }
                    Step::Read { buf, end } => {
                        this.proactor.submit(TOKEN, op::Write::at(to, buf, end - BLOCK as u64))?;
                    }
                    Step::Written { mut block, offset, count, len } if count < len => {
                        block.skip(count);
                        this.proactor.submit(TOKEN, op::Write::at(to, block, offset + count as u64))?;
                    }
                    Step::Written { block, .. } => {
                        this.buffers.push(block.into_inner());
                        match offsets.next() {
                            Some(offset) => this.start(from, offset, BLOCK)?,
                            None => busy -= 1,
                        }
                    }
                }
                Ok(())
            })?;
        }
        self.proactor.close(from);
        self.proactor.close(to);
        Ok(())
    }

    fn read(&mut self, file: &File, offsets: &[u64], show: &mut dyn FnMut(u64, &[u8])) -> io::Result<()> {
        let handle = self.proactor.attach(file.try_clone()?);
        let mut offsets = offsets.iter();
        let mut busy = 0;
        for offset in offsets.by_ref().take(READS) {
            self.start(handle, *offset, PAGE)?;
            busy += 1;
        }
        while busy > 0 {
            self.turn(|this, step| {
                let Step::Read { buf, end } = step else { return Err(io::Error::other("no read")) };
                if buf.len() < PAGE {
                    this.proactor.submit(TOKEN, op::Read::at(handle, buf, end))?;
                    return Ok(());
                }
                show(end - PAGE as u64, &buf);
                this.buffers.push(buf);
                match offsets.next() {
                    Some(offset) => this.start(handle, *offset, PAGE),
                    None => {
                        busy -= 1;
                        Ok(())
                    }
                }
            })?;
        }
        self.proactor.close(handle);
        Ok(())
    }
}
