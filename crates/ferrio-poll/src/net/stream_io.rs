//! Reading from and writing to a stream socket.

/// Implements `Read` and `Write` for `$type` and `&$type`, a struct with the field
/// `inner: IoSource<_>` around std's type.
///
/// Reads are std's. Writes are not: std's vectored ones raise SIGPIPE, and on Unix
/// sockets the plain ones may too.
macro_rules! stream_io {
    ($type:ident) => {
        impl Read for $type {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                (&*self).read(buf)
            }

            fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                (&*self).read_vectored(bufs)
            }
        }

        impl Read for &$type {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                self.inner.read(buf.len(), |mut inner| inner.read(buf))
            }

            fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                let len = bufs.iter().take(BUFFERS_MAX).map(|buf| buf.len()).sum();
                self.inner.read(len, |mut inner| inner.read_vectored(bufs))
            }
        }

        impl Write for $type {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                (&*self).write(buf)
            }

            fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                (&*self).write_vectored(bufs)
            }

            fn flush(&mut self) -> io::Result<()> {
                (&*self).flush()
            }
        }

        impl Write for &$type {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                self.inner.write(buf.len(), |inner| socket::send(inner, buf))
            }

            fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                let len = bufs.iter().take(BUFFERS_MAX).map(|buf| buf.len()).sum();
                self.inner.write(len, |inner| socket::send_vectored(inner, bufs))
            }

            fn flush(&mut self) -> io::Result<()> {
                // A socket keeps nothing back.
                Ok(())
            }
        }
    };
}

pub(super) use stream_io;
