//! Bytes that the kernel moves from one stream to another, or from a file to a stream: whether
//! the receiver gets what was sent, all of it or up to an error.

use std::env;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::FileExt;
use std::process;
use std::time::{Duration, Instant};

use ferrio_poll::event::Source;
use ferrio_poll::net::splice::{Next, Splice, SpliceEnd};
use ferrio_poll::net::{TcpListener, TcpStream, UnixStream};
use ferrio_poll::{Interest, Token};
use rustix::net::sockopt::set_socket_send_buffer_size;

use crate::proc::descriptors;
use crate::turns::Turns;

/// How many transfers there are of each kind, and of how many bytes.
const TIMES: usize = 6;
const BYTES: usize = 600_000;
/// What one call moves at most; no divisor of the other numbers.
const BUDGET: usize = 50_021;
/// The room of a Unix stream, and what the receiver takes at once: the target is often full, and
/// takes a part.
const ROOM: usize = 8_192;
const SIP: usize = 9_973;
/// When a transfer has failed.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long to wait where an event may have been lied away.
const TICK: Duration = Duration::from_millis(1);
const FROM: Token = Token(0);
const TO: Token = Token(1);

/// A stream of either kind.
trait Stream: Source + SpliceEnd + Read + Write + Sized {
    fn pair() -> io::Result<(Self, Self)>;
    fn end(&self) -> io::Result<()>;

    /// A pair of which the first has room for little, where that does not make it slow.
    fn narrow_pair() -> io::Result<(Self, Self)> {
        Self::pair()
    }
}

/// What happened.
#[derive(Debug, Default)]
struct Account {
    transfers: u64,
    /// Transfers of all bytes, of which no error spoke.
    whole: u64,
    /// Those that an error ended.
    broken: u64,
    /// Sends of a file that went on without the kernel.
    copied: u64,
    /// Those that did not come to an end.
    stranded: u64,
    /// Those that the receiver got other bytes of.
    wrong: u64,
}

/// From one stream to another.
pub(crate) fn splice() -> io::Result<()> {
    run(|account, turns| {
        for _ in 0..TIMES {
            account.relay::<UnixStream>(turns)?;
            account.relay::<TcpStream>(turns)?;
        }
        Ok(())
    })
}

/// From a file.
pub(crate) fn send_file() -> io::Result<()> {
    let path = env::temp_dir().join(format!("ferrio-faults-file-{}", process::id()));
    fs::write(&path, contents())?;
    let file = File::open(&path)?;
    fs::remove_file(&path)?;
    run(|account, turns| {
        for _ in 0..TIMES {
            account.send::<UnixStream>(turns, &file)?;
            account.send::<TcpStream>(turns, &file)?;
        }
        Ok(())
    })
}

/// Does the transfers and says what happened.
fn run(transfer: impl FnOnce(&mut Account, &mut Turns) -> io::Result<()>) -> io::Result<()> {
    let (mut turns, mut account) = (Turns::new()?, Account::default());
    let before = descriptors()?;
    transfer(&mut account, &mut turns)?;
    let leaked = descriptors()?.abs_diff(before);
    let Account { transfers, whole, broken, copied, stranded, wrong } = account;
    println!(
        "final: transfers={transfers} whole={whole} broken={broken} copied={copied} stranded={stranded} \
         wrong={wrong} leaked={leaked}"
    );
    Ok(())
}

impl Account {
    /// Relays all that a client sends to a server.
    fn relay<S: Stream>(&mut self, turns: &mut Turns) -> io::Result<()> {
        let ((client, mut from), (mut to, server)) = (S::pair()?, S::narrow_pair()?);
        let registry = turns.poll.registry();
        registry.register(&mut from, FROM, Interest::READABLE)?;
        registry.register(&mut to, TO, Interest::WRITABLE)?;
        let mut splice = Splice::new()?;
        let (mut client, mut from, mut to) = (Some(client), Some(from), Some(to));
        let (contents, mut sent) = (contents(), 0);
        self.transfer(turns, server, |is_broken| {
            if let Some(stream) = &mut client {
                match stream.write(&contents[sent..]) {
                    Ok(count) => sent += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    // Its peer is gone after an error.
                    Err(_) => client = None,
                }
            }
            if sent == BYTES {
                client = None;
            }
            let (Some(source), Some(target)) = (&from, &to) else { return Ok(()) };
            match splice.relay(source, target, BUDGET) {
                Ok(progress) if progress.next == Next::End => target.end(),
                Ok(_) => Ok(()),
                Err(_) => {
                    // Its advice.
                    (from, to) = (None, None);
                    *is_broken = true;
                    Ok(())
                }
            }
        })
    }

    /// Sends the file to a server; without the kernel, after an error.
    fn send<S: Stream>(&mut self, turns: &mut Turns, file: &File) -> io::Result<()> {
        let (mut to, server) = S::narrow_pair()?;
        turns.poll.registry().register(&mut to, TO, Interest::WRITABLE)?;
        let (mut offset, mut is_copied) = (0, false);
        let result = self.transfer(turns, server, |_| {
            let result = if is_copied {
                let mut buf = vec![0; BUDGET];
                let count = file.read_at(&mut buf, offset)?;
                to.write(&buf[..count]).inspect(|count| offset += *count as u64)
            } else {
                to.send_file(file, &mut offset, BUDGET)
            };
            match result {
                Ok(0) => return to.end(),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => is_copied = true,
            }
            Ok(())
        });
        self.copied += u64::from(is_copied);
        result
    }

    /// Takes what comes to `server` until the end, after each step.
    fn transfer<S: Stream>(
        &mut self,
        turns: &mut Turns,
        mut server: S,
        mut step: impl FnMut(&mut bool) -> io::Result<()>,
    ) -> io::Result<()> {
        self.transfers += 1;
        let (well, mut got, mut is_broken) = (contents(), Vec::new(), false);
        let (begin, mut buf) = (Instant::now(), vec![0; SIP]);
        let is_ended = loop {
            if begin.elapsed() > PATIENCE {
                break false;
            }
            step(&mut is_broken)?;
            match server.read(&mut buf) {
                Ok(0) => break true,
                Ok(count) => got.extend_from_slice(&buf[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => turns.within(TICK)?,
                // What was on its way may be cut off.
                Err(_) if is_broken => break true,
                Err(error) => return Err(error),
            }
        };
        self.stranded += u64::from(!is_ended);
        self.broken += u64::from(is_broken);
        self.whole += u64::from(got == well && !is_broken);
        let is_right = if is_broken { well.starts_with(&got) } else { got == well };
        self.wrong += u64::from(!is_right);
        Ok(())
    }
}

impl Stream for UnixStream {
    fn pair() -> io::Result<(Self, Self)> {
        Self::pair()
    }

    fn narrow_pair() -> io::Result<(Self, Self)> {
        let (to, server) = Self::pair()?;
        set_socket_send_buffer_size(&to, ROOM)?;
        Ok((to, server))
    }

    fn end(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

impl Stream for TcpStream {
    fn pair() -> io::Result<(Self, Self)> {
        let listener = TcpListener::bind_to("127.0.0.1:0")?;
        let client = std::net::TcpStream::connect(listener.local_addr()?)?;
        client.set_nonblocking(true)?;
        Ok((Self::from_std(client), listener.accept()?.0))
    }

    fn end(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// What is sent: bytes of which no two places are alike for long.
fn contents() -> Vec<u8> {
    (0..BYTES).map(|at| (at * 7 + at / 251 + at / 65_521) as u8).collect()
}
