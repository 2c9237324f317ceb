//! The lines of the clients: numbered, and each determined by its number.

/// The line number `number` of client `client`, with its newline. Its length and its
/// bytes vary, so that a line that is cut, doubled or mixed with another is seen.
pub(crate) fn line(client: usize, number: usize) -> Vec<u8> {
    let mut line = format!("{client} {number} ").into_bytes();
    let mut seed = (client * 1_000_003 + number) as u32;
    for _ in 0..(number * 37 + client * 11) % 251 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let byte = (seed >> 24) as u8;
        line.push(if byte == b'\n' { b'.' } else { byte });
    }
    line.push(b'\n');
    line
}

/// What one client has seen of the others.
#[derive(Debug)]
pub(crate) struct Checker {
    /// By client: the number that its next line must have; none before its first.
    next: Vec<Option<usize>>,
}

impl Checker {
    /// For a fleet of `clients`.
    pub(crate) fn new(clients: usize) -> Self {
        Self { next: vec![None; clients] }
    }

    /// Checks a line with its newline; returns its sender and number. A client that
    /// joined later than the sender begins somewhere, and from there misses nothing.
    pub(crate) fn check(&mut self, got: &[u8]) -> Result<(usize, usize), String> {
        let number = |part: Option<&[u8]>| std::str::from_utf8(part?).ok()?.parse::<usize>().ok();
        let mut parts = got.split(|byte| *byte == b' ');
        let (Some(client), Some(seen)) = (number(parts.next()), number(parts.next())) else {
            return Err(format!("a line that nobody sent: {}", got.escape_ascii()));
        };
        let Some(next) = self.next.get_mut(client) else {
            return Err(format!("a line of client {client}, which is not there"));
        };
        if got != line(client, seen) {
            return Err(format!("line {seen} of client {client} was changed"));
        }
        let wanted = next.unwrap_or(seen);
        if seen != wanted {
            return Err(format!("line {seen} of client {client} instead of line {wanted}"));
        }
        *next = Some(seen + 1);
        Ok((client, seen))
    }
}

#[cfg(test)]
mod tests {
    use super::{Checker, line};

    #[test]
    fn lines_in_order_are_well_from_any_first_one_on() {
        let mut checker = Checker::new(2);
        for number in 7..300 {
            assert_eq!(checker.check(&line(1, number)), Ok((1, number)));
        }
        assert_eq!(checker.check(&line(0, 0)), Ok((0, 0)));
    }

    #[test]
    fn a_lost_and_a_doubled_line_are_seen() {
        let mut checker = Checker::new(1);
        checker.check(&line(0, 1)).expect("the first");
        assert!(checker.check(&line(0, 3)).expect_err("2 is lost").contains("instead of line 2"));
        assert!(checker.check(&line(0, 1)).is_err());
    }

    #[test]
    fn a_changed_byte_and_a_cut_line_are_seen() {
        let mut checker = Checker::new(1);
        let mut changed = line(0, 9);
        changed[8] ^= 1;
        assert!(checker.check(&changed).expect_err("a bit").contains("changed"));
        let whole = line(0, 9);
        assert!(checker.check(&whole[whole.len() / 2..]).is_err());
        assert!(checker.check(&line(5, 0)).is_err());
    }
}
