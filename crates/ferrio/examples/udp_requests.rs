//! A UDP request/response server: named counters.
//!
//! `cargo run --example udp_requests -- [ADDR]`, by default 127.0.0.1:7313; port 0 lets the
//! kernel choose. Then `nc -u 127.0.0.1 7313` and lines like `add apples 3`, `get apples` and
//! `stats`. Each datagram is a request, and each gets one answer.
//!
//! UDP holds nobody up: what is not received in time is lost in the kernel. So the server
//! receives up to a budget, then sends, and it does not receive while answers wait to be sent,
//! because then the kernel drops requests before any work was done for them.

use std::collections::{HashMap, VecDeque};
use std::env;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::process::ExitCode;

use ferrio::net::UdpSocket;
use ferrio::{Events, Interest, Poll, ReadyList, Token};

const SOCKET: Token = Token(0);

/// The most datagrams that are received in one turn of the loop.
const BUDGET: usize = 64;
/// The most bytes in a request. An answer has some tens of bytes, whatever the request: a server
/// that multiplies what it gets can be used against others by a forged address.
const REQUEST_MAX: usize = 64;
/// How an answer to a wrong request begins.
const ERROR: &str = "error: ";
/// The most counters.
const COUNTERS_MAX: usize = 10_000;

struct Server {
    socket: UdpSocket,
    counters: HashMap<String, i64>,
    /// Answers that the socket has not taken yet; never more than one turn makes.
    unsent: VecDeque<(String, SocketAddr)>,
    statistics: Statistics,
}

#[derive(Default)]
struct Statistics {
    /// Requests that were received.
    requests: u64,
    /// Those of them that were wrong.
    bad: u64,
    /// Answers that the system refused to send.
    lost: u64,
    /// Times that sending had to wait.
    blocked: u64,
    /// Turns that ended because their budget was spent.
    cut: u64,
}

fn main() -> ExitCode {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7313".into());
    match serve(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("udp_requests: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(address: &str) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(16);
    let mut socket = UdpSocket::bind_to(address)?;
    poll.registry().register(&mut socket, SOCKET, Interest::READABLE | Interest::WRITABLE)?;
    println!("listening on {}", socket.local_addr()?);
    let (counters, unsent) = (HashMap::new(), VecDeque::new());
    let mut server = Server { socket, counters, unsent, statistics: Statistics::default() };
    let mut ready = ReadyList::new();
    // The longest datagram there can be. Of a longer one Unix would cut the end, and Windows
    // would make it an error.
    let mut buf = vec![0; 65_535];
    loop {
        // Other sources would have their turn between two turns of this one.
        poll.wait(&mut events, ready.timeout(None))?;
        ready.extend(events.iter().map(|event| event.token()));
        for _ in 0..ready.len() {
            let Some(token) = ready.pop() else { break };
            if server.take_turn(&mut buf)? {
                ready.push(token);
            }
        }
    }
}

impl Server {
    /// Sends what waits, and answers what has come. True if there may be more.
    fn take_turn(&mut self, buf: &mut [u8]) -> io::Result<bool> {
        if !self.send_unsent() {
            // An event tells when the socket takes more.
            return Ok(false);
        }
        let is_cut = self.receive(buf)?;
        // If some answers still wait after this, the next event is that they can be sent.
        Ok(self.send_unsent() && is_cut)
    }

    /// Receives requests and makes their answers. True if the budget was spent.
    fn receive(&mut self, buf: &mut [u8]) -> io::Result<bool> {
        for _ in 0..BUDGET {
            let (count, from) = match self.socket.recv_from(buf) {
                Ok(received) => received,
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Ok(false),
                    // An earlier answer found its port closed, which Windows calls a reset; that
                    // is no error of the others.
                    ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => continue,
                    ErrorKind::Interrupted => continue,
                    _ => return Err(error),
                },
            };
            if buf[..count].starts_with(ERROR.as_bytes()) {
                // The answer of another server, or of this one to a forged address: to answer it
                // would go on for ever.
                continue;
            }
            self.statistics.requests += 1;
            let answer = self.answer(&buf[..count]).unwrap_or_else(|wrong| {
                self.statistics.bad += 1;
                format!("{ERROR}{wrong}\n")
            });
            self.unsent.push_back((answer, from));
        }
        self.statistics.cut += 1;
        Ok(true)
    }

    /// Sends the answers that wait. False if some still do.
    fn send_unsent(&mut self) -> bool {
        while let Some((answer, to)) = self.unsent.front() {
            match self.socket.send_to(answer.as_bytes(), *to) {
                // A datagram is taken as a whole or not at all.
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.statistics.blocked += 1;
                    return false;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // UDP may lose datagrams, so one that the system refuses is lost too.
                Err(_) => self.statistics.lost += 1,
            }
            self.unsent.pop_front();
        }
        true
    }

    fn answer(&mut self, request: &[u8]) -> Result<String, &'static str> {
        if request.len() > REQUEST_MAX {
            return Err("too long");
        }
        let text = std::str::from_utf8(request).map_err(|_| "not UTF-8")?;
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["get", name] => match self.counters.get(name) {
                Some(value) => Ok(format!("{name} {value}\n")),
                None => Err("no such counter"),
            },
            ["add", name, number] => {
                let number: i64 = number.parse().map_err(|_| "not a number")?;
                if self.counters.len() >= COUNTERS_MAX && !self.counters.contains_key(name) {
                    return Err("too many counters");
                }
                let value = self.counters.entry(name.to_owned()).or_default();
                *value = value.saturating_add(number);
                Ok(format!("{name} {value}\n"))
            }
            ["stats"] => {
                let Statistics { requests, bad, lost, blocked, cut } = self.statistics;
                Ok(format!("requests={requests} bad={bad} lost={lost} blocked={blocked} cut={cut}\n"))
            }
            _ => Err("say `get NAME`, `add NAME NUMBER` or `stats`"),
        }
    }
}
