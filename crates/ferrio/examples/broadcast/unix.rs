//! What the server does on a Unix: it also listens on Unix sockets, makes room for clients, and
//! tells its counters on SIGUSR1.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use ferrio::net::{UnixListener, UnixStream};
use ferrio::signal::{SIGINT, SIGTERM, SIGUSR1};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::listener::{Listener, Stream};
use crate::statistics::say;

/// What ends the server, and what asks for its counters.
pub(crate) const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, SIGUSR1];

/// What asks for the counters.
pub(crate) const REPORT: Option<i32> = Some(SIGUSR1);

impl Listener for UnixListener {
    fn accept_stream(&self) -> io::Result<Box<dyn Stream>> {
        let (stream, _) = self.accept()?;
        Ok(Box::new(stream))
    }
}

impl Stream for UnixStream {
    fn end_writing(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// Listens at `path`. A socket file on which nobody listens any more is replaced.
pub(crate) fn listen_at(path: &Path) -> io::Result<Box<dyn Listener>> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    let is_refused = |error: io::Error| error.kind() == ErrorKind::ConnectionRefused;
    if is_socket && UnixStream::connect(path).is_err_and(is_refused) {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path).map_err(|error| explain_unix(&error, path, is_socket))?;
    say(format!("listening on {}", path.display()));
    Ok(Box::new(listener))
}

fn explain_unix(error: &io::Error, path: &Path, is_socket: bool) -> io::Error {
    let advice = match error.kind() {
        ErrorKind::AddrInUse if is_socket => "a live server listens there; choose another path with --unix",
        ErrorKind::AddrInUse => "it is not a socket; choose another path with --unix",
        _ => "choose another path with --unix",
    };
    io::Error::new(error.kind(), format!("cannot listen on {}: {error}; {advice}", path.display()))
}

/// Raises the soft limit of descriptors to the hard one, and returns that; `None` if there
/// is none.
pub(crate) fn raise_descriptor_limit() -> io::Result<Option<u64>> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(maximum)
}
