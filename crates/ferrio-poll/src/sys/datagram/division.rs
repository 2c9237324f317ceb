//! How transmits are divided into datagrams: by the kernel, or here.

use std::io;

use crate::sys::datagram::pieces::Pieces;
use crate::sys::datagram::transmit::Transmit;

/// What an error says of a message that the kernel was to divide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(dead_code, reason = "not each system divides messages")]
pub(crate) enum Refusal {
    /// The kernel or the device divides no message.
    ForGood,
    /// This message cannot be divided as it is, such as one whose segments are longer than a packet
    /// of its route.
    OfOne,
}

/// Whether messages are given to the kernel to divide, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Division {
    /// The most datagrams that the kernel divides one message into; `None` until it was asked.
    segments_max: Option<usize>,
}

impl Division {
    /// The most datagrams that the kernel divides one message into, as far as it is known.
    pub(crate) fn segments_max(&self) -> Option<usize> {
        self.segments_max
    }

    /// Sends from the front of `transmits` by `send`, which fails for its first message alone;
    /// returns what that returned. `ask` asks the kernel how many datagrams one message may be, and
    /// `refusal` says whether an error is about that.
    ///
    /// If the kernel refuses to divide the first message, its datagrams are sent singly. So are
    /// all later ones if it refuses for good.
    pub(crate) fn send<'a>(
        &mut self,
        transmits: &'a [Transmit<'a>],
        ask: impl FnOnce() -> usize,
        refusal: impl Fn(&io::Error) -> Option<Refusal>,
        mut send: impl FnMut(Pieces<'a>) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let segments_max = match self.segments_max {
            _ if transmits.iter().all(|transmit| transmit.segment_size.is_none()) => 1,
            Some(segments_max) => segments_max,
            None => *self.segments_max.insert(ask()),
        };
        let mut pieces = Pieces::new(transmits, segments_max);
        let result = send(pieces.clone());
        let Some(refusal) = result.as_ref().err().and_then(refusal) else { return result };
        if pieces.next().is_none_or(|first| first.datagrams == 1) {
            return result;
        }
        match refusal {
            Refusal::OfOne => send(Pieces::new(&transmits[..1], 1)),
            Refusal::ForGood => {
                let sent = send(Pieces::new(transmits, 1))?;
                self.segments_max = Some(1);
                Ok(sent)
            }
        }
    }
}

#[cfg(all(test, any(unix, windows), not(ferrio_loom)))]
mod tests {
    use std::io::{self, ErrorKind};

    use super::{Division, Refusal};
    use crate::sys::datagram::transmit::Transmit;

    /// A kernel that takes all messages but those of several datagrams that are longer than
    /// `longest` each. What is sent is counted in messages and in datagrams.
    struct Kernel {
        longest: usize,
        /// By which error it refuses.
        error: ErrorKind,
        messages: usize,
    }

    impl Kernel {
        fn new(longest: usize, error: ErrorKind) -> Kernel {
            Kernel { longest, error, messages: 0 }
        }

        fn send(&mut self, division: &mut Division, transmits: &[Transmit<'_>]) -> io::Result<usize> {
            let refusal = |error: &io::Error| match error.kind() {
                ErrorKind::Unsupported => Some(Refusal::ForGood),
                ErrorKind::InvalidInput => Some(Refusal::OfOne),
                _ => None,
            };
            let send = |pieces: super::Pieces<'_>| {
                let mut sent = 0;
                for piece in pieces {
                    let size = piece.segment_size().map_or(0, usize::from);
                    match size > self.longest {
                        true if sent == 0 => return Err(self.error.into()),
                        true => break,
                        false => sent += piece.datagrams,
                    }
                    self.messages += 1;
                }
                Ok(sent)
            };
            division.send(transmits, || 64, refusal, send)
        }
    }

    #[test]
    fn a_message_that_cannot_be_divided_is_sent_singly_and_the_others_are_divided() {
        let (mut kernel, mut division) = (Kernel::new(1000, ErrorKind::InvalidInput), Division::default());
        let contents = [7; 4000];
        let [fits, does_not] =
            [1000, 2000].map(|size| Transmit::connected(&contents).with_segment_size(size));
        // The one before it goes out by the first call, and those behind it by the last.
        let mut transmits = [fits, does_not, fits];
        let (mut left, mut sent) = (&mut transmits[..], Vec::new());
        while !left.is_empty() {
            sent.push(kernel.send(&mut division, left).unwrap());
            Transmit::advance(&mut left, *sent.last().unwrap());
        }
        assert_eq!(sent, [4, 2, 4]);
        assert_eq!((kernel.messages, division.segments_max()), (4, Some(64)));
    }

    #[test]
    fn a_kernel_that_refuses_for_good_is_not_asked_again() {
        let (mut kernel, mut division) = (Kernel::new(0, ErrorKind::Unsupported), Division::default());
        let contents = [7; 4000];
        let transmit = Transmit::connected(&contents).with_segment_size(1000);
        assert_eq!(kernel.send(&mut division, &[transmit, transmit]).unwrap(), 8);
        assert_eq!((kernel.messages, division.segments_max()), (8, Some(1)));
        // A refusal would be an error of the second call, for no message is of several datagrams.
        kernel.error = ErrorKind::PermissionDenied;
        assert_eq!(kernel.send(&mut division, &[transmit]).unwrap(), 4);
    }

    #[test]
    fn an_error_of_another_kind_and_one_of_a_single_datagram_are_the_callers() {
        let (mut kernel, mut division) = (Kernel::new(0, ErrorKind::WouldBlock), Division::default());
        let contents = [7; 4000];
        let transmit = Transmit::connected(&contents).with_segment_size(1000);
        assert_eq!(kernel.send(&mut division, &[transmit]).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!((kernel.messages, division.segments_max()), (0, Some(64)));
        let mut calls = 0;
        let result = division.send(
            &[Transmit::connected(&contents)],
            || 64,
            |_| Some(Refusal::ForGood),
            |_| {
                calls += 1;
                Err(ErrorKind::InvalidInput.into())
            },
        );
        assert_eq!((result.unwrap_err().kind(), calls), (ErrorKind::InvalidInput, 1));
    }
}
