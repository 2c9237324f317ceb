//! Reads that a disk has begun, and that nothing cancels: their memory stays until they are over.
#![allow(unsafe_code, reason = "a buffer of our own promises its addresses")]

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::slice;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Config, Handle, Kind, OpId, StableBufMut, op};

use crate::harness::{Rig, on_each_with};
use crate::temporary::{Temporary, pattern};

/// How long one read is.
const LEN: usize = 1 << 20;

/// How many are under way.
const READS: usize = 32;

/// What the disk needs at most, after which nothing more may be written.
const REST: Duration = Duration::from_millis(300);

/// Memory that is looked at after its buffer was dropped: it is never freed.
#[derive(Debug)]
struct Memory {
    /// Begins at a page, as a direct read wants it. As words, for they are looked at one by one.
    words: &'static [AtomicU64],
    /// What was in it when the buffer was dropped.
    at_drop: Mutex<Option<Vec<u64>>>,
    /// How many buffers were dropped.
    drops: Arc<AtomicUsize>,
}

impl Memory {
    fn words(&self) -> Vec<u64> {
        self.words.iter().map(|word| word.load(Ordering::Relaxed)).collect()
    }
}

/// A buffer whose drop is seen.
#[derive(Debug)]
struct Marking(Arc<Memory>);

// SAFETY: the memory is never freed, and only looked at while nobody should write to it.
unsafe impl StableBufMut for Marking {
    fn spare(&mut self) -> (*mut u8, usize) {
        (self.0.words.as_ptr().cast_mut().cast(), LEN)
    }

    unsafe fn advance(&mut self, _: usize) {}
}

impl Drop for Marking {
    fn drop(&mut self) {
        *self.0.at_drop.lock().unwrap() = Some(self.0.words());
        self.0.drops.fetch_add(1, Ordering::Relaxed);
    }
}

/// Memory for reads, of which there is little, so that it is used again.
#[derive(Debug)]
struct Pages(Mutex<Vec<&'static [AtomicU64]>>);

impl Pages {
    fn take(&self) -> &'static [AtomicU64] {
        if let Some(pages) = self.0.lock().unwrap().pop() {
            return pages;
        }
        let bytes = vec![0_u8; LEN + 4096].leak();
        let start = bytes.as_ptr().align_offset(4096);
        let address = bytes[start..].as_ptr().cast::<AtomicU64>();
        // SAFETY: so many bytes are there and are never freed, and an atomic is laid out as a word.
        unsafe { slice::from_raw_parts(address, LEN / 8) }
    }
}

/// Many reads of one file, none of which came to an end yet, as far as one can tell.
struct Reads {
    memories: Vec<Arc<Memory>>,
    drops: Arc<AtomicUsize>,
    ids: Vec<OpId>,
    handle: Handle,
}

impl Reads {
    fn begin(rig: &mut Rig, file: File, pages: &Pages) -> Reads {
        let drops = Arc::new(AtomicUsize::new(0));
        let handle = rig.proactor.attach(file);
        let memory = |_| {
            let words = pages.take();
            words.iter().for_each(|word| word.store(0, Ordering::Relaxed));
            Arc::new(Memory { words, at_drop: Mutex::default(), drops: Arc::clone(&drops) })
        };
        let memories: Vec<_> = (0..READS).map(memory).collect();
        let submit = |(number, memory): (usize, &Arc<Memory>)| {
            let read = op::Read::at(handle, Marking(Arc::clone(memory)), (number % 8 * LEN) as u64);
            rig.proactor.submit(Token(number), read).unwrap()
        };
        let ids = memories.iter().enumerate().map(submit).collect();
        rig.poll(Duration::ZERO);
        Reads { memories, drops, ids, handle }
    }

    fn drops(&self) -> usize {
        self.drops.load(Ordering::Relaxed)
    }

    /// Sees that nothing was written after a drop.
    fn check(&self) {
        thread::sleep(REST);
        for memory in &self.memories {
            if let Some(at_drop) = &*memory.at_drop.lock().unwrap() {
                assert!(*at_drop == memory.words(), "a buffer was written to after its drop");
            }
        }
    }

    /// What nobody holds any more is used again.
    fn give_back(self, pages: &Pages) {
        let free = self.memories.iter().filter(|memory| memory.at_drop.lock().unwrap().is_some());
        pages.0.lock().unwrap().extend(free.map(|memory| memory.words));
    }
}

/// How a disk is read.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Past the pages of the kernel.
    Direct,
    /// Through them, and they have nothing of it.
    Cold,
}

/// Runs `test` with reads under way, in each way. On file systems without direct reads those are
/// not tested.
fn on_each_disk(test: impl Fn(Rig, &Reads, &[u8])) {
    let bytes = pattern(8 * LEN);
    let file = Temporary::file(&bytes);
    let pages = Pages(Mutex::default());
    for how in [Way::Direct, Way::Cold] {
        let open = || match how {
            Way::Direct => File::options().read(true).custom_flags(libc::O_DIRECT).open(file.path()),
            Way::Cold => Ok(file.open_cold()),
        };
        if let Err(error) = open() {
            println!("SKIPPED: no direct reads here: {error}");
            continue;
        }
        on_each_with(Config { file_bytes: LEN as u32, ..Config::default() }, |rig| {
            println!("{how:?}");
            let mut rig = std::mem::replace(rig, Rig::open(rig.way, Config::default()).unwrap());
            let reads = Reads::begin(&mut rig, open().unwrap(), &pages);
            test(rig, &reads, &bytes);
            reads.check();
            reads.give_back(&pages);
        });
    }
}

#[test]
fn a_cancelled_read_of_a_disk_gives_its_buffer_back_when_it_is_over() {
    on_each_disk(|mut rig, reads, bytes| {
        for id in &reads.ids {
            rig.proactor.cancel(*id);
        }
        let (mut whole, mut ends) = (0, 0);
        while ends < READS {
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                let Kind::Done(mut done) = completion.kind else { panic!("not done") };
                let (result, read) = done.take::<op::Read<Marking>>().unwrap();
                assert!(read.buf.0.at_drop.lock().unwrap().is_none());
                if let Ok(count) = result {
                    // The cache may have got the first part of it from a read of others.
                    let count = count as usize;
                    assert!(count > 0 && count <= LEN, "{}: {count}", rig.way);
                    let expected = bytes[completion.token.0 % 8 * LEN..][..count].chunks_exact(8);
                    let expected = expected.map(|word| u64::from_ne_bytes(word.try_into().unwrap()));
                    assert!(read.buf.0.words().into_iter().take(count / 8).eq(expected), "{}", rig.way);
                    whole += 1;
                }
                ends += 1;
            }
        }
        println!("{whole} of {READS} were read in spite of the cancel");
        assert_eq!(reads.drops(), READS);
    });
}

#[test]
fn a_close_during_reads_of_a_disk_waits_for_them() {
    on_each_disk(|mut rig, reads, _| {
        rig.proactor.close(reads.handle);
        assert!(rig.proactor.as_fd(reads.handle).is_none());
        while rig.proactor.stats().completed < READS as u64 {
            rig.poll(Duration::from_millis(10));
        }
        // Those that no thread had begun were over with the close.
        rig.poll(Duration::ZERO);
        rig.completions.clear();
        assert_eq!((reads.drops(), rig.proactor.stats().handles), (READS, 0));
    });
}

#[test]
fn a_drop_during_reads_of_a_disk_waits_for_them() {
    on_each_disk(|rig, reads, _| {
        drop(rig);
        println!("{} of {READS} were dropped", reads.drops());
    });
}

#[test]
fn a_shutdown_without_patience_leaks_what_the_disk_still_writes() {
    on_each_disk(|rig, reads, _| {
        let drained = rig.proactor.shutdown(Duration::ZERO);
        println!("{}: {} of {READS} reads were left", rig.way, drained.left);
        drop(rig.completions);
        assert_eq!(reads.drops() + drained.left as usize, READS);
    });
}
