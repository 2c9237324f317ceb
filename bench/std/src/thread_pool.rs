//! Files by a pool of threads that block, as programs use them whose loop must not.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use bench_kit::files::{BLOCK, Files, LANES, PAGE, READS};

/// As many threads as reads are on their way.
pub(crate) struct Pool {
    queue: Arc<Queue>,
    results: Receiver<io::Result<Job>>,
    /// Memory of jobs that are done.
    buffers: Vec<Vec<u8>>,
}

/// The jobs that no thread has yet. Its program ends with its threads.
#[derive(Default)]
struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    news: Condvar,
}

/// What a thread does: it fills the buffer from a file at an offset, and may write it to another.
struct Job {
    from: Arc<File>,
    to: Option<Arc<File>>,
    offset: u64,
    buf: Vec<u8>,
}

impl Pool {
    pub(crate) fn new() -> io::Result<Pool> {
        let (queue, (sender, results)) = (Arc::new(Queue::default()), channel());
        for _ in 0..READS {
            let (queue, sender) = (Arc::clone(&queue), sender.clone());
            thread::Builder::new().spawn(move || queue.serve(&sender))?;
        }
        Ok(Pool { queue, results, buffers: Vec::new() })
    }

    /// Lets the threads do what is at `offsets`, so many at a time and as much each.
    fn run(
        &mut self,
        files: (&File, Option<&File>),
        offsets: impl Iterator<Item = u64>,
        (most, len): (usize, usize),
        show: &mut dyn FnMut(u64, &[u8]),
    ) -> io::Result<()> {
        let from = Arc::new(files.0.try_clone()?);
        let to = files.1.map(|file| file.try_clone().map(Arc::new)).transpose()?;
        let (mut offsets, mut busy) = (offsets, 0);
        loop {
            while busy < most {
                let Some(offset) = offsets.next() else { break };
                let mut buf = self.buffers.pop().unwrap_or_default();
                buf.resize(len, 0);
                self.queue.add(Job { from: Arc::clone(&from), to: to.clone(), offset, buf });
                busy += 1;
            }
            if busy == 0 {
                return Ok(());
            }
            let job = self.results.recv().map_err(io::Error::other)??;
            busy -= 1;
            show(job.offset, &job.buf);
            self.buffers.push(job.buf);
        }
    }
}

impl Files for Pool {
    fn copy(&mut self, from: &File, to: &File, len: u64) -> io::Result<()> {
        self.run((from, Some(to)), (0..len).step_by(BLOCK), (LANES, BLOCK), &mut |_, _| {})
    }

    fn read(&mut self, file: &File, offsets: &[u64], show: &mut dyn FnMut(u64, &[u8])) -> io::Result<()> {
        self.run((file, None), offsets.iter().copied(), (READS, PAGE), show)
    }
}

impl Queue {
    fn add(&self, job: Job) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
        self.news.notify_one();
    }

    /// What a thread does, until nobody wants its results.
    fn serve(&self, results: &Sender<io::Result<Job>>) {
        loop {
            let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            let job = loop {
                match jobs.pop_front() {
                    Some(job) => break job,
                    None => jobs = self.news.wait(jobs).unwrap_or_else(PoisonError::into_inner),
                }
            };
            drop(jobs);
            if results.send(job.run()).is_err() {
                return;
            }
        }
    }
}

impl Job {
    fn run(mut self) -> io::Result<Job> {
        self.from.read_exact_at(&mut self.buf, self.offset)?;
        if let Some(to) = &self.to {
            to.write_all_at(&self.buf, self.offset)?;
        }
        Ok(self)
    }
}
