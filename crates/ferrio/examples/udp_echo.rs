//! Datagrams by completion: each comes back to its sender.
//!
//! `cargo run --example udp_echo --features proactor`, then `nc -u 127.0.0.1 7324`. One
//! `RecvMsgMany` brings the datagrams, each with its sender and in a buffer of the pool, from
//! which the answer is sent. A datagram that finds too many answers under way is dropped, as UDP
//! may.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use clap::Parser;
use ferrio::proactor::op::Datagram;
use ferrio::proactor::{Chunk, Completions, Handle, Kind, Proactor, op};
use ferrio::{Events, Poll, Token};

#[path = "completion/driver.rs"]
mod driver;

use driver::{Driver, wait};

/// Sends each datagram back.
#[derive(Parser)]
struct Options {
    /// Where it listens.
    #[arg(default_value = "127.0.0.1:7324")]
    address: SocketAddr,
    /// What does the operations.
    #[arg(long, value_enum, default_value = "auto")]
    driver: Driver,
}

const RECEIVE: Token = Token(0);
const ANSWER: Token = Token(1);

/// How many answers are under way at most: fewer than the pool has buffers, so that some are left
/// to receive into.
const ANSWERS_MAX: usize = 128;

pub(crate) fn main() -> ExitCode {
    match serve(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("udp_echo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> io::Result<()> {
    let mut proactor = options.driver.proactor(Poll::new()?)?;
    let socket = UdpSocket::bind(options.address)?;
    println!("listening on {}", socket.local_addr()?);
    let handle = proactor.attach(socket);
    proactor.submit(RECEIVE, op::RecvMsgMany::new(handle))?;
    let mut events = Events::with_capacity(16);
    let mut completions = Completions::with_capacity(256);
    let mut answers = 0;
    loop {
        wait(&mut proactor, &mut events, &mut completions, None)?;
        while let Some(completion) = completions.next() {
            match completion.kind {
                Kind::Datagram(datagram) if answers < ANSWERS_MAX => {
                    answers += usize::from(answer(&mut proactor, handle, datagram)?);
                }
                Kind::Done(mut done) => {
                    if let Some((result, _)) = done.take::<op::SendMsg<Chunk>>() {
                        answers -= 1;
                        // It concerns one peer alone.
                        if let Err(error) = result {
                            eprintln!("udp_echo: an answer: {error}");
                        }
                    }
                }
                Kind::Ended(result) => return result,
                _ => {}
            }
        }
    }
}

/// Sends it back; true if it was one that can be.
fn answer(proactor: &mut Proactor, handle: Handle, datagram: Datagram) -> io::Result<bool> {
    // One that was cut is no longer what its sender has sent.
    let Some(source) = datagram.source().filter(|_| !datagram.is_truncated()) else { return Ok(false) };
    let message = op::SendMsg::new(handle, vec![datagram.into_data()]).to(source);
    proactor.submit(ANSWER, message)?;
    Ok(true)
}
