//! The examples with several threads.

use crate::harness::text_of;

#[test]
fn connections_in_oneshot_mode_are_served_to_the_last_byte() {
    assert_eq!(text_of("oneshot_threads"), "800 bytes from 8 connections, read by 3 workers\n");
}

#[test]
fn a_user_event_coalesces_and_publishes() {
    let expected = "1000 fires, 1 event: Some(READABLE)\ntaken: None\n\
                    and the other direction: Some(WRITABLE)\nthe cache has 42 entries\n";
    assert_eq!(text_of("user_event"), expected);
}

#[test]
fn a_channel_tells_its_end_and_gives_back_what_does_not_fit() {
    let expected = "[(1, 1), (2, 2), (3, 6), (4, 24)]\nno room for Some(\"water\")\n\
                    tea\ncoffee\nwater\nclosed: true\n";
    assert_eq!(text_of("channel"), expected);
}
