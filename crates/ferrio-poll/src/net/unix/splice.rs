//! Bytes that go from one stream to another without entering the process.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use crate::interest::Interest;
use crate::net::tcp_stream::TcpStream;
use crate::net::unix::stream::UnixStream;
use crate::sys::{copying, pipe as kernel_pipe};
use crate::unix::pipe;

/// A pipe by which bytes go from one stream to another inside the kernel.
///
/// It is for one direction of a proxy: [`relay`](Splice::relay) moves what is there until one of
/// the two streams blocks, and says which one to wait for. The bytes cannot be looked at. It costs
/// two descriptors and up to [`capacity`](Splice::capacity) bytes of the kernel's memory, so it
/// pays for much data, and an ordinary buffer for little.
///
/// A stream whose peer is gone raises SIGPIPE, which std ignores in every program whose `main` is
/// Rust's; splice(2) has no way to be told not to.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use std::io::{Read, Write};
///
/// use ferrio::net::UnixStream;
/// use ferrio::net::splice::{Next, Splice};
///
/// # if Splice::new().is_err_and(|error| error.kind() == std::io::ErrorKind::Unsupported) {
/// #     return Ok(());
/// # }
/// let (mut client, from) = UnixStream::pair()?;
/// let (to, mut server) = UnixStream::pair()?;
/// let mut splice = Splice::new()?;
///
/// client.write_all(b"through the kernel")?;
/// let progress = splice.relay(&from, &to, 1 << 20)?;
/// assert_eq!((progress.bytes, progress.next), (18, Next::Readable));
/// let mut buf = [0; 64];
/// assert_eq!(server.read(&mut buf)?, 18);
///
/// drop(client);
/// assert_eq!(splice.relay(&from, &to, 1 << 20)?.next, Next::End);
/// # Ok(())
/// # }
/// ```
#[doc(alias = "splice")]
#[derive(Debug)]
pub struct Splice {
    reader: OwnedFd,
    writer: OwnedFd,
    /// How many bytes the pipe holds at most.
    capacity: usize,
    /// How many it holds.
    held: usize,
    /// The source has ended.
    is_ended: bool,
}

/// What one [`relay`](Splice::relay) did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes the target took.
    pub bytes: usize,
    /// What to wait for.
    pub next: Next,
}

/// What to wait for after a [`relay`](Splice::relay).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// For nothing: the budget is used up, and there may be more. No event will tell, so go on
    /// after others had their turn.
    Budget,
    /// For nothing: the source has ended, and the target has all of it. Shut its writing down.
    End,
    /// For the source to be readable.
    Readable,
    /// For the target to be writable. The source may have more, of which no event will tell.
    Writable,
}

impl Splice {
    /// A pipe of the usual capacity, 64 KiB.
    ///
    /// # Errors
    ///
    /// `Unsupported` on systems other than Linux and Android; `EMFILE` if this process has no
    /// descriptor left.
    ///
    /// # Implementation notes
    ///
    /// pipe2(2); splice(2) with `SPLICE_F_NONBLOCK` moves the bytes.
    pub fn new() -> io::Result<Splice> {
        Splice::make(None)
    }

    /// A pipe of at least `capacity` bytes.
    ///
    /// # Errors
    ///
    /// As [`new`](Splice::new); `PermissionDenied` for more than `/proc/sys/fs/pipe-max-size`
    /// without `CAP_SYS_RESOURCE`.
    ///
    /// # Implementation notes
    ///
    /// fcntl(2) with `F_SETPIPE_SZ`.
    pub fn with_capacity(capacity: usize) -> io::Result<Splice> {
        Splice::make(Some(capacity))
    }

    fn make(capacity: Option<usize>) -> io::Result<Splice> {
        copying::check()?;
        let (reader, writer) = kernel_pipe::new()?;
        let capacity = copying::pipe_capacity(writer.as_fd(), capacity)?;
        Ok(Splice { reader, writer, capacity, held: 0, is_ended: false })
    }

    /// Moves bytes until the source or the target blocks, the source ends, or about `budget` bytes
    /// have been moved.
    ///
    /// Each call goes on with what the one before left in the pipe, so it belongs to one pair of
    /// streams. Call it for each event of either stream. With a budget one busy pair does not
    /// starve the others.
    ///
    /// # Errors
    ///
    /// That of either stream, never `WouldBlock`. What the target had not taken is lost: end both.
    pub fn relay(
        &mut self,
        from: &impl SpliceEnd,
        to: &impl SpliceEnd,
        budget: usize,
    ) -> io::Result<Progress> {
        let mut bytes = 0;
        let next = loop {
            // Only an empty pipe is filled: a full one would block as an empty source does.
            if self.held > 0 {
                match blocked(to.run(WRITABLE, || copying::splice(&self.reader, to, self.held)))? {
                    Some(count) => {
                        self.held -= count;
                        bytes += count;
                    }
                    None => break Next::Writable,
                }
            } else if self.is_ended {
                break Next::End;
            } else if bytes >= budget {
                break Next::Budget;
            } else {
                match blocked(from.run(READABLE, || copying::splice(from, &self.writer, self.capacity)))? {
                    Some(0) => self.is_ended = true,
                    Some(count) => self.held = count,
                    None => break Next::Readable,
                }
            }
        };
        Ok(Progress { bytes, next })
    }

    /// How many bytes have left the source and not yet reached the target.
    pub fn held(&self) -> usize {
        self.held
    }

    /// How many bytes the pipe holds at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

/// A stream that bytes can be spliced from or to, or a file be sent to.
pub trait SpliceEnd: AsFd + Sealed {
    /// Runs an operation in `direction` on the descriptor so that the Poll hears if it would
    /// block.
    #[doc(hidden)]
    fn run<T>(&self, direction: Interest, operation: impl FnOnce() -> io::Result<T>) -> io::Result<T>;

    /// Sends at most `len` bytes of `file`, which is a regular file, from `offset` on, which is
    /// moved on by what was sent. 0 is the end of the file.
    ///
    /// The file's own position stays. What was sent may be less than `len` although there is room:
    /// go on until `WouldBlock`. A stream whose peer is gone raises SIGPIPE, as with [`Splice`].
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; `Unsupported` on systems other than Linux and Android;
    /// `InvalidInput` if `file` is of a kind that cannot be sent.
    ///
    /// # Implementation notes
    ///
    /// sendfile(2).
    ///
    /// # Examples
    ///
    /// ```
    /// # extern crate ferrio_poll as ferrio;
    /// # fn main() -> std::io::Result<()> {
    /// use std::fs::File;
    /// use std::io::Read;
    ///
    /// use ferrio::net::UnixStream;
    /// use ferrio::net::splice::SpliceEnd;
    ///
    /// # let path = std::env::temp_dir().join(format!("ferrio-send-file-{}", std::process::id()));
    /// # std::fs::write(&path, "the whole file")?;
    /// let (stream, mut peer) = UnixStream::pair()?;
    /// let (file, mut offset) = (File::open(&path)?, 0);
    /// # if stream.send_file(&file, &mut 0, 0).is_err() { return Ok(()) }
    /// assert_eq!(stream.send_file(&file, &mut offset, 1 << 16)?, 14);
    /// assert_eq!(stream.send_file(&file, &mut offset, 1 << 16)?, 0);
    /// let mut buf = [0; 64];
    /// assert_eq!(peer.read(&mut buf)?, 14);
    /// # std::fs::remove_file(&path)?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "sendfile")]
    fn send_file(&self, file: &impl AsFd, offset: &mut u64, len: usize) -> io::Result<usize>
    where
        Self: Sized,
    {
        self.run(WRITABLE, || copying::send_file(self, file, offset, len))
    }
}

/// Implements `SpliceEnd` for `$type`, which has both directions: only the one that was tried is
/// armed again.
macro_rules! splice_stream {
    ($type:ty) => {
        impl Sealed for $type {}

        impl SpliceEnd for $type {
            fn run<T>(
                &self,
                direction: Interest,
                operation: impl FnOnce() -> io::Result<T>,
            ) -> io::Result<T> {
                match direction {
                    READABLE => self.inner.take(|_| operation()),
                    _ => self.inner.give(|_| operation()),
                }
            }
        }
    };
}

/// Implements `SpliceEnd` for `$type`, which has one direction.
macro_rules! splice_pipe {
    ($type:ty) => {
        impl Sealed for $type {}

        impl SpliceEnd for $type {
            fn run<T>(&self, _: Interest, operation: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
                self.try_io(operation)
            }
        }
    };
}

splice_stream!(TcpStream);
splice_stream!(UnixStream);
splice_pipe!(pipe::Receiver);
splice_pipe!(pipe::Sender);

const READABLE: Interest = Interest::READABLE;
const WRITABLE: Interest = Interest::WRITABLE;

/// `None` if the call would block.
fn blocked(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}

/// Keeps the trait ours.
#[allow(unnameable_types, reason = "its purpose is that no other crate can name it")]
pub trait Sealed {}
