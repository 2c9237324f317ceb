//! A connection, step by step.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Instant;

use ferrio::Token;
use ferrio::proactor::{Done, Handle, Kind, Proactor, op};
use ferrio::unix::pipe;

use super::PATIENCE;
use super::request::{REQUEST_MAX, Request};

/// How many bytes a pipe holds by default.
const PIPE: usize = 64 * 1024;

pub(crate) struct Connection {
    socket: Handle,
    /// When it is closed, unless it goes on.
    pub(crate) deadline: Instant,
    /// The file, once it is open.
    file: Option<File>,
    is_head: bool,
    /// What is asked for.
    path: PathBuf,
    size: u64,
}

/// A file on its way to the socket.
struct File {
    file: Handle,
    /// Its bytes go in here …
    entry: Handle,
    /// … and come out here.
    exit: Handle,
    /// How many have gone in.
    offset: u64,
    /// How many are in the pipe.
    inside: usize,
}

pub(crate) enum Step {
    /// An operation is under way.
    UnderWay,
    /// It is to be closed.
    Over,
}

impl Connection {
    pub(crate) fn begin(proactor: &mut Proactor, token: Token, stream: OwnedFd) -> io::Result<Connection> {
        let socket = proactor.attach(stream);
        proactor.submit(token, op::Recv::new(socket, Vec::with_capacity(REQUEST_MAX)))?;
        let deadline = Instant::now() + PATIENCE;
        Ok(Connection { socket, deadline, file: None, is_head: false, path: PathBuf::new(), size: 0 })
    }

    pub(crate) fn go_on(
        &mut self,
        proactor: &mut Proactor,
        token: Token,
        root: &Path,
        kind: Kind<'_>,
    ) -> io::Result<Step> {
        match kind {
            Kind::Opened(file) => self.opened(proactor, token, root, file),
            Kind::Done(done) => self.done(proactor, token, root, done),
            // The file is gone, or may not be read.
            Kind::Ended(_) => self.refuse(proactor, token, "404 Not Found"),
            _ => Ok(Step::UnderWay),
        }
    }

    fn done(
        &mut self,
        proactor: &mut Proactor,
        token: Token,
        root: &Path,
        mut done: Done<'_>,
    ) -> io::Result<Step> {
        if let Some((result, recv)) = done.take::<op::Recv<Vec<u8>>>() {
            if !matches!(result, Ok(1..)) {
                return Ok(Step::Over);
            }
            return self.read(proactor, token, root, recv.buf);
        }
        if let Some((result, statx)) = done.take::<op::Statx>() {
            if result.is_err() || statx.is_file() != Some(true) {
                return self.refuse(proactor, token, "404 Not Found");
            }
            self.size = statx.size().unwrap_or(0);
            proactor.submit(token, op::Open::reading(&self.path)?)?;
            return Ok(Step::UnderWay);
        }
        if let Some((result, _)) = done.take::<op::Send<String>>() {
            let is_sent = result.is_ok();
            return if is_sent { self.fill(proactor, token) } else { Ok(Step::Over) };
        }
        if let Some((result, splice)) = done.take::<op::Splice>() {
            let Ok(count @ 1..) = result else { return Ok(Step::Over) };
            return self.spliced(proactor, token, &splice, count as usize);
        }
        // The shutdown, behind everything.
        Ok(Step::Over)
    }

    fn read(
        &mut self,
        proactor: &mut Proactor,
        token: Token,
        root: &Path,
        bytes: Vec<u8>,
    ) -> io::Result<Step> {
        match Request::parse(&bytes, root) {
            Request::Partial => drop(proactor.submit(token, op::Recv::new(self.socket, bytes))?),
            Request::Refused(status) => return self.refuse(proactor, token, status),
            Request::File { path, is_head } => {
                self.is_head = is_head;
                // A pipe or a device would keep the open waiting: first what it is.
                proactor.submit(token, op::Statx::new(&path)?)?;
                self.path = path;
            }
        }
        Ok(Step::UnderWay)
    }

    fn opened(
        &mut self,
        proactor: &mut Proactor,
        token: Token,
        root: &Path,
        file: OwnedFd,
    ) -> io::Result<Step> {
        // Where it really is, whatever symbolic links stood on the way.
        let place = fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
        if !place.starts_with(root) {
            return self.refuse(proactor, token, "404 Not Found");
        }
        let (entry, exit) = pipe::new()?;
        self.file = Some(File {
            file: proactor.attach(file),
            entry: proactor.attach(entry),
            exit: proactor.attach(exit),
            offset: 0,
            inside: 0,
        });
        self.send(proactor, token, "200 OK", self.size)
    }

    fn refuse(&mut self, proactor: &mut Proactor, token: Token, status: &str) -> io::Result<Step> {
        self.size = 0;
        self.send(proactor, token, status, 0)
    }

    fn send(&mut self, proactor: &mut Proactor, token: Token, status: &str, len: u64) -> io::Result<Step> {
        let head = format!("HTTP/1.0 {status}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n");
        proactor.submit(token, op::Send::new(self.socket, head))?;
        Ok(Step::UnderWay)
    }

    /// Moves the next bytes of the file into the pipe; shuts the socket down behind the last.
    fn fill(&mut self, proactor: &mut Proactor, token: Token) -> io::Result<Step> {
        match &self.file {
            Some(file) if file.offset < self.size && !self.is_head => {
                let left = self.size - file.offset;
                let len = left.min(PIPE as u64) as usize;
                let mut splice = op::Splice::new(file.file, file.entry, len);
                splice.from_offset = Some(file.offset);
                proactor.submit(token, splice)?;
            }
            _ => {
                let how = std::net::Shutdown::Write;
                proactor.submit(token, op::Shutdown { handle: self.socket, how })?;
            }
        }
        Ok(Step::UnderWay)
    }

    /// Bytes have gone into the pipe, or out of it.
    fn spliced(
        &mut self,
        proactor: &mut Proactor,
        token: Token,
        splice: &op::Splice,
        count: usize,
    ) -> io::Result<Step> {
        let file = self.file.as_mut().expect("only an open file is spliced");
        if splice.to == file.entry {
            file.offset += count as u64;
            file.inside += count;
        } else {
            file.inside -= count;
        }
        if file.inside == 0 {
            return self.fill(proactor, token);
        }
        proactor.submit(token, op::Splice::new(file.exit, self.socket, file.inside))?;
        Ok(Step::UnderWay)
    }

    pub(crate) fn close(self, proactor: &mut Proactor) {
        proactor.close(self.socket);
        if let Some(File { file, entry, exit, .. }) = self.file {
            for handle in [file, entry, exit] {
                proactor.close(handle);
            }
        }
    }
}
