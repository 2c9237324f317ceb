//! Copies a file, several blocks at once.
//!
//! `cargo run --example file_copy --features proactor -- FROM TO`. Each of eight lanes reads a
//! block and writes it, then goes on with the next block that nobody has, in the same buffer. So
//! reads and writes overlap, and the loop does not wait for a disk: the kernel does, or, without a
//! ring, a few threads.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use ferrio::proactor::{Completions, Done, Handle, Kind, Proactor, Slice, op};
use ferrio::{Events, Poll, Token};

#[path = "completion/driver.rs"]
mod driver;

use driver::{Driver, wait};

/// Copies a file.
#[derive(Parser)]
struct Options {
    /// The file to read.
    from: PathBuf,
    /// The file to write; it is made, or emptied first.
    to: PathBuf,
    /// What does the operations.
    #[arg(long, value_enum, default_value = "auto")]
    driver: Driver,
}

/// How many blocks are on their way at once.
const LANES: usize = 8;
const BLOCK: u64 = 256 * 1024;

type Block = Slice<Vec<u8>>;

struct Copy {
    proactor: Proactor,
    events: Events,
    completions: Completions,
    from: Handle,
    to: Handle,
    size: u64,
    /// Where the next block begins that nobody has.
    next: u64,
    /// Where the block of each lane ends.
    ends: [u64; LANES],
    /// How many lanes have something to do.
    busy: usize,
    copied: u64,
}

pub(crate) fn main() -> ExitCode {
    match copy(&Options::parse()) {
        Ok(count) => {
            println!("{count} bytes");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("file_copy: {error}");
            ExitCode::FAILURE
        }
    }
}

fn copy(options: &Options) -> io::Result<u64> {
    let Options { from, to, driver } = options;
    let size = size_of_source(from, to)?;
    let mut proactor = driver.proactor(Poll::new()?)?;
    let mut events = Events::with_capacity(16);
    let mut completions = Completions::with_capacity(LANES);
    let mut open = |open| {
        let file = opened(&mut proactor, &mut events, &mut completions, open)?;
        Ok::<_, io::Error>(proactor.attach(file))
    };
    let source = open(op::Open::reading(from)?).map_err(|error| named(from, &error))?;
    let target = open(op::Open::writing(to)?).map_err(|error| named(to, &error))?;
    let (next, ends) = (0, [0; LANES]);
    Copy { proactor, events, completions, from: source, to: target, size, next, ends, busy: 0, copied: 0 }
        .run()
}

/// The size of the file at `from`, which must not be the one at `to`: that will be emptied.
fn size_of_source(from: &Path, to: &Path) -> io::Result<u64> {
    let source = fs::metadata(from).map_err(|error| named(from, &error))?;
    if !source.is_file() {
        return Err(io::Error::other(format!("{} is no regular file", from.display())));
    }
    if same_file::is_same_file(from, to).unwrap_or(false) {
        return Err(io::Error::other(format!("{} and {} are the same file", from.display(), to.display())));
    }
    Ok(source.len())
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Opens a file, and waits for it.
fn opened(
    proactor: &mut Proactor,
    events: &mut Events,
    completions: &mut Completions,
    open: op::Open,
) -> io::Result<File> {
    proactor.submit(Token(0), open)?;
    loop {
        wait(proactor, events, completions, None)?;
        match completions.next().map(|completion| completion.kind) {
            Some(Kind::Opened(file)) => return Ok(file.into()),
            Some(Kind::Ended(result)) => result?,
            _ => {}
        }
    }
}

impl Copy {
    fn run(mut self) -> io::Result<u64> {
        for lane in 0..LANES {
            self.next_block(lane, Vec::new())?;
        }
        while self.busy > 0 {
            wait(&mut self.proactor, &mut self.events, &mut self.completions, None)?;
            // What a completion gives is taken before the next operation is submitted.
            let mut over = Vec::new();
            while let Some(completion) = self.completions.next() {
                if let Kind::Done(done) = completion.kind {
                    over.push((completion.token.0, Step::of(done)?));
                }
            }
            for (lane, step) in over {
                self.go_on(lane, step)?;
            }
        }
        self.proactor.submit(Token(0), op::Fsync { handle: self.to, data_only: false })?;
        while self.completions.is_empty() {
            wait(&mut self.proactor, &mut self.events, &mut self.completions, None)?;
        }
        let Some(Kind::Done(mut done)) = self.completions.next().map(|completion| completion.kind) else {
            return Err(io::Error::other("no end of the fsync"));
        };
        let (result, _) = done.take::<op::Fsync>().expect("it was the only operation");
        result.map(|_| self.copied)
    }

    /// Begins with a block that no other lane has.
    fn next_block(&mut self, lane: usize, buf: Vec<u8>) -> io::Result<()> {
        if self.next >= self.size {
            return Ok(());
        }
        let start = self.next;
        self.next = (start + BLOCK).min(self.size);
        self.ends[lane] = self.next;
        self.busy += 1;
        self.read(lane, buf, start)
    }

    fn read(&mut self, lane: usize, mut buf: Vec<u8>, start: u64) -> io::Result<()> {
        buf.clear();
        buf.reserve_exact((self.ends[lane] - start) as usize);
        self.proactor.submit(Token(lane), op::Read::at(self.from, buf, start))?;
        Ok(())
    }

    fn go_on(&mut self, lane: usize, step: Step) -> io::Result<()> {
        let end = self.ends[lane];
        match step {
            Step::Read { mut buf, start } => {
                // A buffer may have more room than its block is long; the rest is another's.
                buf.truncate((end - start) as usize);
                if buf.is_empty() {
                    return Err(io::Error::other("the file became shorter while it was copied"));
                }
                self.proactor.submit(Token(lane), op::Write::at(self.to, Block::from(buf), start))?;
            }
            Step::Written { mut block, start, count, len } => {
                self.copied += count as u64;
                let next = start + count as u64;
                if count == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                if count < len {
                    block.skip(count);
                    self.proactor.submit(Token(lane), op::Write::at(self.to, block, next))?;
                } else if next < end {
                    // The read was short, which is no error.
                    self.read(lane, block.into_inner(), next)?;
                } else {
                    self.busy -= 1;
                    self.next_block(lane, block.into_inner())?;
                }
            }
        }
        Ok(())
    }
}

/// What a lane has done.
enum Step {
    Read { buf: Vec<u8>, start: u64 },
    Written { block: Block, start: u64, count: usize, len: usize },
}

impl Step {
    fn of(mut done: Done<'_>) -> io::Result<Step> {
        if let Some((result, read)) = done.take::<op::Read<Vec<u8>>>() {
            result?;
            let start = read.offset().expect("it was read at an offset");
            return Ok(Step::Read { buf: read.buf, start });
        }
        let (result, write) = done.take::<op::Write<Block>>().expect("a read or a write");
        let start = write.offset().expect("it was written at an offset");
        let len = ferrio::proactor::StableBuf::raw(&write.buf).1;
        Ok(Step::Written { block: write.buf, start, count: result? as usize, len })
    }
}
