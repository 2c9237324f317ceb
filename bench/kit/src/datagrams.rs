//! The loops of datagrams: a stream in large pieces, and a batch of single ones.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use crate::micro::measure;
use crate::options::Options;

/// How many datagrams a round has.
const DATAGRAMS: usize = 64;
/// How long each is: what fits into a packet of most networks.
pub const BYTES: usize = 1200;
/// When datagrams that should be there are given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Two sockets, each connected to the other or not, and the way in which a subject uses them.
pub trait Datagrams {
    /// Sends `contents` as datagrams of [`BYTES`].
    fn send(&mut self, contents: &[u8]) -> io::Result<()>;
    /// Receives by one call, and shows each datagram; `WouldBlock` if there is none.
    fn receive(&mut self, show: impl FnMut(&[u8])) -> io::Result<()>;
}

/// How datagrams go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// The system may be given many in one piece, and join them.
    Stream,
    /// Each is a message of its own.
    Batch,
}

/// Runs the loop that `options` name; false if there is none of that name.
pub fn run<D: Datagrams>(options: &Options, new: impl FnOnce(Shape) -> io::Result<D>) -> io::Result<bool> {
    let shape = match options.job.as_str() {
        "udp_stream" => Shape::Stream,
        "udp_batch" => Shape::Batch,
        _ => return Ok(false),
    };
    rounds(new(shape)?, options.rounds)?;
    Ok(true)
}

/// Sends and receives numbered datagrams, and checks each of them.
fn rounds(mut subject: impl Datagrams, rounds: u64) -> io::Result<()> {
    let mut contents = vec![0x5a; DATAGRAMS * BYTES];
    let mut number = 0_u64;
    measure(rounds, DATAGRAMS as u64, || {
        let first = number;
        for datagram in contents.chunks_mut(BYTES) {
            datagram[..8].copy_from_slice(&number.to_be_bytes());
            number += 1;
        }
        subject.send(&contents)?;
        receive_all(&mut subject, first)
    })
}

/// Receives a round of datagrams, the first of which is number `first`.
fn receive_all(subject: &mut impl Datagrams, first: u64) -> io::Result<()> {
    let (mut expected, mut wrong) = (first, 0);
    let mut start = None;
    while expected < first + DATAGRAMS as u64 {
        let result = subject.receive(|datagram| {
            let is_right = datagram.len() == BYTES && datagram[..8] == expected.to_be_bytes();
            wrong += u64::from(!is_right);
            expected += 1;
        });
        match result {
            Ok(()) => {}
            // The clock is read only if they are late.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if start.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                    return Err(io::Error::other(format!("datagram {expected} did not come")));
                }
            }
            Err(error) => return Err(error),
        }
    }
    if wrong > 0 || expected != first + DATAGRAMS as u64 {
        return Err(io::Error::other(format!("{wrong} datagrams of {first} and later are wrong")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{BYTES, Datagrams, rounds};

    /// Keeps what was sent; if it is `FAULTY` it turns two datagrams round.
    struct Kept<const FAULTY: bool>(Vec<Vec<u8>>);

    impl<const FAULTY: bool> Datagrams for Kept<FAULTY> {
        fn send(&mut self, contents: &[u8]) -> io::Result<()> {
            self.0 = contents.chunks(BYTES).map(<[u8]>::to_vec).collect();
            if FAULTY {
                self.0.swap(3, 4);
            }
            Ok(())
        }

        fn receive(&mut self, mut show: impl FnMut(&[u8])) -> io::Result<()> {
            if self.0.is_empty() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.0.drain(..).for_each(|datagram| show(&datagram));
            Ok(())
        }
    }

    #[test]
    fn datagrams_out_of_their_order_are_found_out() {
        rounds(Kept::<false>(Vec::new()), 3).expect("each in its order");
        let error = rounds(Kept::<true>(Vec::new()), 3).expect_err("two that are not");
        assert_eq!(error.to_string(), "2 datagrams of 0 and later are wrong");
    }
}
