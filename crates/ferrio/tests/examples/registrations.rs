//! The examples about what is registered, and how.

use crate::harness::text_of;

#[test]
fn a_level_server_takes_a_step_per_event() {
    let text = text_of("level");
    let mut lines: Vec<_> = text.lines().collect();
    // At least four reads of four bytes and one of the end, for each of the two.
    let reads: usize = lines.pop().unwrap().strip_suffix(" reads").unwrap().parse().unwrap();
    assert!(reads >= 10, "{text}");
    lines.sort_unstable();
    assert_eq!(lines, ["at the same time", "two clients talk"]);
}

#[test]
fn an_event_of_a_client_that_is_gone_finds_none() {
    let expected = "2 events\n1 byte\nan event of a client that is gone\n\
                    same index: true, same token: false\n5 bytes\n";
    assert_eq!(text_of("stale_events"), expected);
}
