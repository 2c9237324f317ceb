//! Reads and writes whose answer "not now" is `None`.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write};

/// Reads for which "nothing there yet" is no error.
///
/// It is there for whatever is [`Read`]: the streams of [`net`](crate::net), their references, the
/// ends of pipes, also behind a TLS library.
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::net::{TcpListener, TcpStream};
/// use ferrio::{TryRead, TryWrite};
///
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let client = std::net::TcpStream::connect(listener.local_addr()?)?;
/// # client.set_nonblocking(true)?;
/// # let mut stream = TcpStream::from_std(client);
/// let mut buf = [0; 64];
/// match stream.try_read(&mut buf)? {
///     None => println!("nothing yet: wait for an event"),
///     Some(0) => println!("the end"),
///     Some(count) => println!("{count} bytes"),
/// }
/// assert_eq!(stream.try_write(b"hello")?, Some(5));
/// # Ok(())
/// # }
/// ```
pub trait TryRead: Read {
    /// [`Read::read`], where `None` says that it would block.
    ///
    /// # Errors
    ///
    /// Those of `read` but `WouldBlock`.
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<Option<usize>> {
        or_blocked(self.read(buf))
    }

    /// [`Read::read_vectored`], where `None` says that it would block.
    ///
    /// # Errors
    ///
    /// Those of `read_vectored` but `WouldBlock`.
    fn try_read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Option<usize>> {
        or_blocked(self.read_vectored(bufs))
    }
}

impl<T: Read + ?Sized> TryRead for T {}

/// Writes for which "no room yet" is no error; see [`TryRead`].
pub trait TryWrite: Write {
    /// [`Write::write`], where `None` says that it would block.
    ///
    /// # Errors
    ///
    /// Those of `write` but `WouldBlock`.
    fn try_write(&mut self, buf: &[u8]) -> io::Result<Option<usize>> {
        or_blocked(self.write(buf))
    }

    /// [`Write::write_vectored`], where `None` says that it would block.
    ///
    /// # Errors
    ///
    /// Those of `write_vectored` but `WouldBlock`.
    fn try_write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<Option<usize>> {
        or_blocked(self.write_vectored(bufs))
    }

    /// [`Write::flush`], where `None` says that it would block.
    ///
    /// # Errors
    ///
    /// Those of `flush` but `WouldBlock`.
    fn try_flush(&mut self) -> io::Result<Option<()>> {
        or_blocked(self.flush())
    }
}

impl<T: Write + ?Sized> TryWrite for T {}

fn or_blocked<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}
