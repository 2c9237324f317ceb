//! Messages that go one after the other, by a call for each, as if one call took them all.

use std::io;

/// Moves each of `messages` by `one`; an error after the first ends the call, and is `pending` for
/// the next one if it `is_told_later`. Like the calls for many messages, it says how many were
/// moved then.
pub(crate) fn each<M>(
    messages: impl Iterator<Item = M>,
    pending: &mut Option<io::Error>,
    is_told_later: impl Fn(&io::Error) -> bool,
    mut one: impl FnMut(M) -> io::Result<()>,
) -> io::Result<usize> {
    if let Some(error) = pending.take() {
        return Err(error);
    }
    let mut moved = 0;
    for message in messages {
        match one(message) {
            Ok(()) => moved += 1,
            Err(error) if moved == 0 => return Err(error),
            Err(error) => {
                *pending = Some(error).filter(is_told_later);
                break;
            }
        }
    }
    Ok(moved)
}

#[cfg(all(test, not(ferrio_loom)))]
mod tests {
    use std::io::ErrorKind;

    use super::*;
    use crate::sys::datagram::is_of_an_earlier_one;

    /// What three calls for four messages say, of which each message is one of `results`, and how
    /// many messages were tried.
    fn calls(results: &[Result<(), ErrorKind>], keep: fn(&io::Error) -> bool) -> (Vec<String>, usize) {
        let (mut pending, mut results) = (None, results.iter());
        let all = results.len();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let one = |_| results.next().map_or(Ok(()), |result| result.map_err(io::Error::from));
            seen.push(match each(0..4, &mut pending, keep, one) {
                Ok(count) => count.to_string(),
                Err(error) => format!("{:?}", error.kind()),
            });
        }
        (seen, all - results.len())
    }

    #[test]
    fn an_error_after_the_first_message_is_told_by_the_next_call_once() {
        let refused = ErrorKind::ConnectionRefused;
        let told_later = |error: &io::Error| error.kind() != ErrorKind::WouldBlock;
        let results = [Ok(()), Ok(()), Err(refused), Ok(())];
        assert_eq!(calls(&results, told_later).0, ["2", "ConnectionRefused", "4"]);
        assert_eq!(calls(&[Err(refused)], told_later).0, ["ConnectionRefused", "4", "4"]);
        assert_eq!(calls(&[Ok(()), Err(ErrorKind::WouldBlock)], told_later).0, ["1", "4", "4"]);
    }

    #[test]
    fn an_error_of_a_datagram_itself_is_not_kept_for_another_one() {
        let results = [Ok(()), Err(ErrorKind::InvalidInput), Ok(()), Err(ErrorKind::ConnectionReset)];
        assert_eq!(
            calls(&results, is_of_an_earlier_one),
            (vec!["1".into(), "1".into(), "ConnectionReset".into()], 4)
        );
    }
}
