//! loom models of the buffers that come back: every interleaving of a few handles.
//!
//! `RUSTFLAGS="--cfg ferrio_loom" cargo test -p ferrio-proactor --lib --release loom`

use std::sync;

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use super::Pool;
use crate::buffer::chunk::Chunk;
use crate::buffer::chunk::wake::Wake;

/// The sleep of the owner. A model in which nobody ends it stops there, and loom calls it a
/// deadlock.
#[derive(Default)]
struct Sleep {
    is_woken: Mutex<bool>,
    wakes: Condvar,
}

impl Wake for Sleep {
    fn wake(&self) {
        *self.is_woken.lock().unwrap() = true;
        self.wakes.notify_one();
    }
}

impl Sleep {
    fn sleep(&self) {
        let mut is_woken = self.is_woken.lock().unwrap();
        while !*is_woken {
            is_woken = self.wakes.wait(is_woken).unwrap();
        }
        *is_woken = false;
    }
}

/// A pool, with a cell for each buffer that stands for its bytes: loom sees a write that races
/// with a read.
struct Owner {
    pool: Pool,
    bytes: Arc<Vec<UnsafeCell<u32>>>,
    sleep: sync::Arc<Sleep>,
}

/// A chunk that is read when it is dropped.
struct Handle {
    chunk: Chunk,
    index: u16,
    bytes: Arc<Vec<UnsafeCell<u32>>>,
}

impl Owner {
    fn new(buffers: u16) -> Owner {
        let mut pool = Pool::new(buffers, 1).unwrap();
        let bytes = Arc::new((0..buffers).map(|_| UnsafeCell::new(0)).collect());
        let sleep = sync::Arc::new(Sleep::default());
        pool.wake_by(sleep.clone());
        Owner { pool, bytes, sleep }
    }

    /// Receives into a free buffer.
    fn receive(&mut self) -> Handle {
        let index = self.pool.take().unwrap();
        self.bytes[usize::from(index)].with_mut(|_| ());
        // SAFETY: the byte is initialized, and is not written here.
        let chunk = unsafe { self.pool.chunk(index, 0, 1) };
        Handle { chunk, index, bytes: self.bytes.clone() }
    }

    /// Sleeps until at least `count` buffers came back; their number.
    fn starve(&mut self, count: usize) -> usize {
        let mut collected = self.pool.collect(|_| {});
        self.pool.set_starved(true);
        while collected < count {
            if !self.pool.has_returned() {
                self.sleep.sleep();
            }
            collected += self.pool.collect(|_| {});
        }
        self.pool.set_starved(false);
        collected
    }
}

impl Handle {
    fn copy(&self) -> Handle {
        Handle { chunk: self.chunk.clone(), index: self.index, bytes: self.bytes.clone() }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.bytes[usize::from(self.index)].with(|_| ());
    }
}

#[test]
fn loom_the_last_of_two_handles_gives_the_buffer_back() {
    loom::model(|| {
        let mut owner = Owner::new(1);
        let mine = owner.receive();
        let theirs = mine.copy();
        let thread = thread::spawn(move || drop(theirs));
        drop(mine);
        assert_eq!(owner.starve(1), 1);
        // Writes after every read.
        drop(owner.receive());
        assert_eq!(owner.pool.collect(|_| {}), 1);
        thread.join().unwrap();
    });
}

#[test]
fn loom_two_threads_give_handles_of_one_buffer_back() {
    loom::model(|| {
        let mut owner = Owner::new(1);
        let one = owner.receive();
        let other = one.copy();
        let threads = [one, other].map(|handle| thread::spawn(move || drop(handle)));
        assert_eq!(owner.starve(1), 1);
        drop(owner.receive());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn loom_a_starved_owner_hears_of_each_buffer() {
    loom::model(|| {
        let mut owner = Owner::new(3);
        let [one, other, mine] = [(); 3].map(|()| owner.receive());
        let threads = [one, other].map(|handle| thread::spawn(move || drop(handle)));
        drop(mine);
        assert_eq!(owner.starve(3), 3);
        let again = [(); 3].map(|()| owner.receive());
        drop(again);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn loom_one_thread_gives_two_back_while_the_owner_collects() {
    loom::model(|| {
        let mut owner = Owner::new(2);
        let handles = [(); 2].map(|()| owner.receive());
        let thread = thread::spawn(move || drop(handles));
        let back = owner.starve(1);
        // One that came back is used again while the other may still come.
        drop(owner.receive());
        assert_eq!(back + owner.starve(3 - back), 3);
        thread.join().unwrap();
    });
}

#[test]
fn loom_the_memory_is_freed_by_the_last_of_all() {
    loom::model(|| {
        let mut owner = Owner::new(3);
        let [one, other, mine] = [(); 3].map(|()| owner.receive());
        let lease = owner.pool.lease();
        let threads = [one, other].map(|handle| thread::spawn(move || drop(handle)));
        let Owner { pool, sleep, .. } = owner;
        drop(pool);
        drop(mine);
        drop(lease);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        // The memory knows the sleep as long as it is there.
        assert_eq!(sync::Arc::weak_count(&sleep), 0);
    });
}
