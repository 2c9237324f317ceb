use std::io::{ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use io_uring::{cqueue, opcode, types};

use super::{BufferRing, Entry};
use crate::buffer::chunk::Chunk;
use crate::buffer::pool::Pool;
use crate::driver::ring::probe::Denied;
use crate::driver::ring::queue::{Cqe, Queue};
use crate::driver::ring::setup::Setup;

const GROUP: u16 = 7;

/// Receives what comes on a stream, in buffers of a pool.
struct Receiver {
    queue: Queue,
    pool: Pool,
    buffers: BufferRing,
    stream: UnixStream,
}

impl Receiver {
    /// With `count` buffers of `len` bytes; `None` if the kernel cannot.
    fn new(setup: Setup, count: u16, len: u32) -> Option<(Receiver, UnixStream)> {
        let queue = match Queue::open(8, Some(setup)) {
            Ok(queue) => queue,
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
                println!("SKIPPED: no {setup:?} in this kernel");
                return None;
            }
            Err(error) => {
                println!("SKIPPED: {}", Denied::of(&error).expect("a ring, or a denial"));
                return None;
            }
        };
        let pool = Pool::new(count, len).unwrap();
        let buffers = match BufferRing::register(&queue, &pool, GROUP) {
            Ok(buffers) => buffers,
            Err(error) => {
                assert!(setup == Setup::Plain && error.raw_os_error() == Some(libc::EINVAL), "{error}");
                println!("SKIPPED: no rings of buffers in this kernel");
                return None;
            }
        };
        let (stream, peer) = UnixStream::pair().unwrap();
        let mut receiver = Receiver { queue, pool, buffers, stream };
        receiver.arm();
        Some((receiver, peer))
    }

    fn arm(&mut self) {
        let fd = types::Fd(self.stream.as_raw_fd());
        let entry = opcode::RecvMulti::new(fd, GROUP).build();
        // SAFETY: the entry names no memory, and the stream is closed after the queue.
        unsafe { self.queue.push(&entry) };
        self.queue.enter(0, None).unwrap();
    }

    fn completions(&mut self) -> Vec<Cqe> {
        let mut done = Vec::new();
        while done.is_empty() {
            match self.queue.enter(1, Some(Duration::from_secs(10))) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                entered => entered.unwrap(),
            }
            self.queue.reap(&mut done);
        }
        done
    }

    fn chunk(&mut self, cqe: Cqe) -> Chunk {
        let index = cqueue::buffer_select(cqe.flags).expect("a buffer");
        let len = u32::try_from(cqe.result).expect("bytes");
        // SAFETY: the kernel has written so many bytes and has given the buffer up.
        unsafe { self.pool.chunk(index, 0, len) }
    }

    fn refill(&mut self) -> usize {
        let mut back = Vec::new();
        self.pool.collect(|index| back.push(index));
        let count = back.len();
        self.buffers.publish(&self.pool, back);
        count
    }
}

#[test]
fn the_kernel_takes_the_buffers_and_gets_them_back() {
    assert_eq!(size_of::<Entry>(), 16);
    for setup in Setup::ALL {
        let Some((mut receiver, mut peer)) = Receiver::new(setup, 3, 16) else { continue };
        // Once the count of all entries wraps.
        let rounds = if setup == Setup::Defer { 70_000 } else { 1000 };
        for round in 0..rounds {
            peer.write_all(&u32::to_ne_bytes(round)).unwrap();
            let done = receiver.completions();
            assert_eq!(done.len(), 1);
            assert!(cqueue::more(done[0].flags), "{setup:?}, round {round}: {done:?}");
            let chunk = receiver.chunk(done[0]);
            assert_eq!(*chunk, u32::to_ne_bytes(round));
            drop(chunk);
            assert_eq!(receiver.refill(), 1);
        }
        assert_eq!((receiver.pool.free(), receiver.pool.low_water()), (3, 2));
    }
}

#[test]
fn without_a_free_buffer_a_receive_ends_and_loses_nothing() {
    let Some((mut receiver, mut peer)) = Receiver::new(Setup::Defer, 4, 16) else { return };
    assert_eq!(receiver.pool.take(), None, "the kernel has the buffers");
    let sent: Vec<u8> = (0..100).collect();
    peer.write_all(&sent).unwrap();
    let mut received = Vec::new();
    let mut starved = 0;
    while received.len() < sent.len() {
        let mut chunks = Vec::new();
        let mut is_ended = false;
        while !is_ended && received.len() + chunks.len() * 16 < sent.len() {
            for cqe in receiver.completions() {
                is_ended |= !cqueue::more(cqe.flags);
                if cqe.result == -libc::ENOBUFS {
                    starved += 1;
                } else {
                    chunks.push(receiver.chunk(cqe));
                }
            }
        }
        received.extend(chunks.iter().flat_map(|chunk| chunk.to_vec()));
        drop(chunks);
        assert!(receiver.refill() > 0);
        if is_ended {
            receiver.arm();
        }
    }
    assert_eq!(received, sent);
    assert!(starved > 0);
}

#[test]
fn what_a_program_holds_is_not_lent() {
    let Ok(queue) = Queue::open(8, None) else { return };
    let mut pool = Pool::new(4, 16).unwrap();
    let group_of_another = BufferRing::register(&queue, &Pool::new(1, 1).unwrap(), GROUP + 1);
    let Ok(_) = group_of_another else { return };
    let error = BufferRing::register(&queue, &pool, GROUP + 1).err().expect("a second ring of the group");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    // Then the pool is as it was.
    let index = pool.take().unwrap();
    // SAFETY: the bytes of a pool are initialized, and nobody writes to them here.
    let chunk = unsafe { pool.chunk(index, 0, 16) };
    let mut buffers = BufferRing::register(&queue, &pool, GROUP).unwrap();
    assert_eq!(buffers.tail, 3);
    drop(chunk);
    let mut back = Vec::new();
    pool.collect(|index| back.push(index));
    assert_eq!(back, [index]);
    buffers.publish(&pool, back);
    assert_eq!(buffers.entries.all()[0].tail.load(std::sync::atomic::Ordering::Relaxed), 4);
    // The queue keeps what the kernel uses.
    drop((buffers, pool));
    drop(queue);
}
