//! The loops of files: a copy, and reads at random places of a file that is not cached.

use std::env;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process;

use rustix::fs::{Advice, fadvise};

use crate::control::Meter;
use crate::options::Options;

/// How long a block of a copy is, and how many are on their way at once.
pub const BLOCK: usize = 256 * 1024;
/// See [`BLOCK`].
pub const LANES: usize = 8;
/// How long a read at a random place is, and how many are on their way at once.
pub const PAGE: usize = 4096;
/// See [`PAGE`].
pub const READS: usize = 32;

/// How long the file is that is copied: whole blocks.
const COPIED: usize = 8 << 20;
/// How long the file is that is read from.
const SCATTERED: usize = 32 << 20;
/// How many reads a round has.
const ROUND: usize = 1024;
/// Which page is next: with a number that has no divisor in common with theirs, each comes once
/// before one comes again.
const STRIDE: u64 = 3571;

/// The way in which a subject uses files.
pub trait Files {
    /// Copies `len` bytes, in blocks of [`BLOCK`], [`LANES`] at a time.
    fn copy(&mut self, from: &File, to: &File, len: u64) -> io::Result<()>;
    /// Reads [`PAGE`] bytes at each of `offsets`, [`READS`] at a time, and shows each with its
    /// offset.
    fn read(&mut self, file: &File, offsets: &[u64], show: &mut dyn FnMut(u64, &[u8])) -> io::Result<()>;
}

/// Runs the loop that `options` name; false if there is none of that name.
pub fn run<F: Files>(options: &Options, new: impl FnOnce() -> io::Result<F>) -> io::Result<bool> {
    match options.job.as_str() {
        "file_copy" => copies(&mut new()?, options.rounds)?,
        "random_reads" => reads(&mut new()?, options.rounds)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Copies a file that is cached, and checks each copy.
fn copies(subject: &mut impl Files, rounds: u64) -> io::Result<()> {
    let (from, to) = (filled("from", COPIED)?, scratch("to")?);
    let mut copy = |meter: &mut Meter| {
        to.set_len(0)?;
        meter.resume();
        subject.copy(&from, &to, COPIED as u64)?;
        meter.pause();
        check_all(&to, COPIED)
    };
    copy(&mut Meter::discarded())?;
    let mut meter = Meter::paused()?;
    for _ in 0..rounds {
        copy(&mut meter)?;
    }
    meter.stop(rounds * (COPIED / BLOCK) as u64)
}

/// Reads at random places of a file that was thrown out of the cache before each round.
fn reads(subject: &mut impl Files, rounds: u64) -> io::Result<()> {
    let file = filled("scattered", SCATTERED)?;
    // What is written yet cannot be thrown out.
    file.sync_all()?;
    fadvise(&file, 0, None, Advice::Random)?;
    let mut next = 0;
    let mut offsets = Vec::with_capacity(ROUND);
    let mut round = |meter: &mut Meter| {
        fadvise(&file, 0, None, Advice::DontNeed)?;
        offsets.clear();
        for _ in 0..ROUND {
            offsets.push(next * PAGE as u64);
            next = (next + STRIDE) % (SCATTERED / PAGE) as u64;
        }
        let (mut sum, mut wrong) = (0, 0);
        meter.resume();
        subject.read(&file, &offsets, &mut |offset, bytes| {
            sum += offset;
            wrong += u64::from(bytes.len() != PAGE || !is_right(offset, bytes));
        })?;
        meter.pause();
        if wrong > 0 || sum != offsets.iter().sum() {
            return Err(io::Error::other(format!("{wrong} reads are wrong, or some are lost")));
        }
        Ok(())
    };
    round(&mut Meter::discarded())?;
    let before = read_from_disk()?;
    let mut meter = Meter::paused()?;
    for _ in 0..rounds {
        round(&mut meter)?;
    }
    let (read, wanted) = (read_from_disk()? - before, rounds * (ROUND * PAGE) as u64);
    if read < wanted / 2 {
        eprintln!(
            "note: {read} of {wanted} bytes were read from a disk: the file cannot leave the cache here"
        );
    }
    meter.stop(rounds * ROUND as u64)
}

/// A file beside this program, which is on a disk, and has no name any more.
fn scratch(name: &str) -> io::Result<File> {
    let program = env::current_exe()?;
    let path: PathBuf = program.with_file_name(format!("scratch-{}-{name}", process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// One of `len` bytes, of which each eight say where they are.
fn filled(name: &str, len: usize) -> io::Result<File> {
    let mut file = scratch(name)?;
    for start in (0..len).step_by(BLOCK) {
        let words = (start..start + BLOCK).step_by(8).flat_map(|offset| word(offset as u64));
        file.write_all(&words.collect::<Vec<u8>>())?;
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn check_all(file: &File, len: usize) -> io::Result<()> {
    let mut block = vec![0; BLOCK];
    for start in (0..len).step_by(BLOCK) {
        file.read_exact_at(&mut block, start as u64)?;
        if !is_right(start as u64, &block) {
            return Err(io::Error::other(format!("the block at {start} is wrong")));
        }
    }
    let found = file.metadata()?.len();
    if found == len as u64 { Ok(()) } else { Err(io::Error::other(format!("{found} bytes, not {len}"))) }
}

/// Whether the bytes are those at `offset`.
fn is_right(offset: u64, bytes: &[u8]) -> bool {
    bytes.chunks(8).zip(0..).all(|(chunk, at)| *chunk == word(offset + at * 8))
}

fn word(offset: u64) -> [u8; 8] {
    (offset ^ 0x5a5a_0000_0000_5a5a).to_le_bytes()
}

/// How many bytes this process has had read from a disk.
fn read_from_disk() -> io::Result<u64> {
    let text = fs::read_to_string("/proc/self/io")?;
    let line = text.lines().find_map(|line| line.strip_prefix("read_bytes: "));
    line.and_then(|count| count.parse().ok()).ok_or_else(|| io::Error::other("no count of bytes read"))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt;

    use super::{Files, PAGE, copies, reads};

    /// Does one after the other; if it is `FAULTY`, one read and one block less or at another place.
    struct Plain<const FAULTY: bool>;

    impl<const FAULTY: bool> Files for Plain<FAULTY> {
        fn copy(&mut self, from: &File, to: &File, len: u64) -> io::Result<()> {
            let mut all = vec![0; len as usize];
            from.read_exact_at(&mut all, 0)?;
            if FAULTY {
                all.swap(70_000, 80_001);
            }
            to.write_all_at(&all, 0)
        }

        fn read(&mut self, file: &File, offsets: &[u64], show: &mut dyn FnMut(u64, &[u8])) -> io::Result<()> {
            let mut page = [0; PAGE];
            for offset in &offsets[usize::from(FAULTY)..] {
                file.read_exact_at(&mut page, *offset)?;
                show(*offset, &page);
            }
            Ok(())
        }
    }

    #[test]
    fn a_copy_that_is_another_is_found_out() {
        copies(&mut Plain::<false>, 1).expect("the same");
        let error = copies(&mut Plain::<true>, 1).expect_err("two bytes in each other's place");
        assert_eq!(error.to_string(), "the block at 0 is wrong");
    }

    #[test]
    fn a_read_that_is_lost_is_found_out() {
        reads(&mut Plain::<false>, 1).expect("all");
        // The first of the second round is not at 0.
        let error = reads(&mut Plain::<true>, 1).expect_err("one less");
        assert_eq!(error.to_string(), "0 reads are wrong, or some are lost");
    }
}
