//! Inputs for the parsers of what a kernel writes: bytes of nobody, and messages that are nearly
//! right.
//!
//! `FERRIO_FUZZ_INPUTS` says how many inputs each parser gets, and `FERRIO_FUZZ_SEED` which; the
//! stage `asan` of the checks gives each a million. An input that makes a parser panic is printed.

use std::env;
use std::thread;

/// Has `parse` parse bytes of nobody, and copies of the messages in `valid` that were changed.
/// Each input ends where its memory ends, so that a sanitizer sees a read beyond it.
pub(crate) fn inputs(valid: &[&[u8]], mut parse: impl FnMut(&[u8])) {
    let number = |name, default| env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let mut random = Random(number("FERRIO_FUZZ_SEED", 1));
    let mut seen = [0_u64; 2];
    for _ in 0..number("FERRIO_FUZZ_INPUTS", INPUTS) {
        let is_changed = !valid.is_empty() && random.below(4) > 0;
        let bytes = if is_changed { changed(&mut random, valid) } else { of_nobody(&mut random) };
        let input = Input(bytes.into());
        parse(&input.0);
        seen[usize::from(is_changed)] += 1;
    }
    println!("fuzzed: {} inputs of nobody, {} changed messages", seen[0], seen[1]);
}

/// An input, which is printed if the parser panics.
struct Input(Box<[u8]>);

impl Drop for Input {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the parser panics for {:02x?}", self.0);
        }
    }
}

/// Bytes without a meaning.
fn of_nobody(random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![0; random.below(LEN_MAX)];
    for word in bytes.chunks_mut(8) {
        word.copy_from_slice(&random.next().to_le_bytes()[..word.len()]);
    }
    bytes
}

/// Some messages one behind the other, with up to four changes.
fn changed(random: &mut Random, valid: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LEN_MAX);
    for _ in 0..=random.below(3) {
        bytes.extend_from_slice(valid[random.below(valid.len())]);
    }
    for _ in 0..random.below(5) {
        let at = random.below(bytes.len() + 1);
        match random.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.extend_from_slice(&random.next().to_le_bytes()),
            2 => replace(&mut bytes, at, &random.next().to_le_bytes()[..1]),
            // A length or a number that is nearly right, or at the end of what there is.
            3 => {
                let near = bytes.len() as u64 + random.below(17) as u64;
                let value =
                    [near.wrapping_sub(8), random.below(80) as u64, u64::MAX, 1 << 31][random.below(4)];
                replace(&mut bytes, at / 4 * 4, &value.to_ne_bytes()[..4 + 4 * random.below(2)]);
            }
            _ => drop(bytes.drain(at..(at + random.below(9)).min(bytes.len()))),
        }
    }
    bytes
}

/// Writes `with` over what stands at `at`, as far as there is something.
fn replace(bytes: &mut [u8], at: usize, with: &[u8]) {
    bytes[at..].iter_mut().zip(with).for_each(|(byte, with)| *byte = *with);
}

/// Numbers that look random: the generator splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// How many inputs a parser gets unless told otherwise: an instant.
const INPUTS: u64 = 20_000;

/// The longest bytes of nobody. What a kernel writes is seldom longer.
const LEN_MAX: usize = 160;
