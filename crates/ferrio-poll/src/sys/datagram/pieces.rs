//! Transmits as the messages that a system takes.

use crate::sys::datagram::transmit::Transmit;

/// One message for the system.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Piece<'a> {
    /// What it belongs to.
    pub(crate) transmit: &'a Transmit<'a>,
    /// Its part of the contents.
    pub(crate) bytes: &'a [u8],
    /// How many datagrams it is.
    pub(crate) datagrams: usize,
}

impl Piece<'_> {
    /// The length of its datagrams but the last, if it is several.
    #[allow(dead_code, reason = "not each system divides messages")]
    pub(crate) fn segment_size(&self) -> Option<u16> {
        let size = self.transmit.segment_size.filter(|_| self.datagrams > 1)?;
        u16::try_from(size).ok()
    }
}

/// The messages for `transmits`, one after the other. A transmit of more datagrams than
/// one message takes is several messages.
#[derive(Clone, Debug)]
pub(crate) struct Pieces<'a> {
    /// What is left, of which the first may have been begun.
    transmits: &'a [Transmit<'a>],
    /// How many bytes of the first are in earlier messages.
    offset: usize,
    /// The most datagrams of one message.
    segments_max: usize,
}

impl<'a> Pieces<'a> {
    /// Messages of at most `segments_max` datagrams each.
    pub(crate) fn new(transmits: &'a [Transmit<'a>], segments_max: usize) -> Pieces<'a> {
        Pieces { transmits, offset: 0, segments_max }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let (transmit, others) = self.transmits.split_first()?;
        let rest = &transmit.contents[self.offset..];
        let size = transmit.segment_size.unwrap_or(rest.len()).max(1);
        let segments = self.segments_max.min(BYTES_MAX / size).max(1);
        let bytes = &rest[..rest.len().min(size.saturating_mul(segments))];
        if bytes.len() == rest.len() {
            (self.transmits, self.offset) = (others, 0);
        } else {
            self.offset += bytes.len();
        }
        Some(Piece { transmit, bytes, datagrams: bytes.len().div_ceil(size).max(1) })
    }
}

/// The most bytes of one message: those of the longest datagram of IPv4.
pub(crate) const BYTES_MAX: usize = 65_507;

#[cfg(all(test, any(unix, windows), not(ferrio_loom)))]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy, any};
    use proptest::{prop_assert, prop_assert_eq, prop_oneof, proptest};

    use super::{BYTES_MAX, Pieces};
    use crate::sys::datagram::transmit::Transmit;

    /// What goes out as datagrams.
    fn datagrams(transmits: &[Transmit<'_>], segments_max: usize) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        for piece in Pieces::new(transmits, segments_max) {
            assert!(piece.datagrams <= segments_max);
            assert!(piece.datagrams == 1 || piece.bytes.len() <= BYTES_MAX);
            match piece.segment_size() {
                Some(size) => out.extend(piece.bytes.chunks(size.into()).map(<[u8]>::to_vec)),
                None => out.push(piece.bytes.to_vec()),
            }
        }
        out
    }

    fn lengths() -> impl Strategy<Value = (usize, Option<usize>)> {
        let size =
            prop_oneof![Just(None), (1..2000_usize).prop_map(Some), (30_000..70_000_usize).prop_map(Some)];
        (prop_oneof![Just(0), 0..3000_usize, 60_000..140_000_usize], size)
    }

    proptest! {
        #[test]
        fn each_datagram_is_in_one_message_whatever_the_system_takes(
            shapes in vec(lengths(), 0..6), segments_max in 1..80_usize, cut in any::<usize>(),
        ) {
            let contents: Vec<Vec<u8>> = shapes.iter().map(|(len, _)| (0..*len).map(|n| n as u8).collect()).collect();
            let mut transmits: Vec<_> = contents.iter().zip(&shapes).map(|(contents, (_, size))| {
                let transmit = Transmit::connected(contents);
                size.map_or(transmit, |size| transmit.with_segment_size(size))
            }).collect();
            let expected = datagrams(&transmits, 1);
            prop_assert_eq!(transmits.iter().map(Transmit::datagrams).sum::<usize>(), expected.len());
            prop_assert_eq!(&datagrams(&transmits, segments_max), &expected);
            // What has gone out is taken off the front, and the rest is what it was.
            let cut = cut % (expected.len() + 1);
            let mut left = &mut transmits[..];
            Transmit::advance(&mut left, cut);
            prop_assert!(datagrams(left, segments_max) == expected[cut..]);
        }
    }

    #[test]
    fn an_empty_transmit_is_one_empty_datagram() {
        let transmits = [Transmit::connected(b""), Transmit::connected(b"").with_segment_size(10)];
        assert_eq!(datagrams(&transmits, 64), [[0_u8; 0], [0; 0]]);
    }
}
