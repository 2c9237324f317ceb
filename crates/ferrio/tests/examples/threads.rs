//! The examples with several threads.

use crate::harness::{text_of, text_on};

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

#[test]
fn an_exclusive_listener_serves_two_threads_where_the_backend_has_it() {
    // A build that has only one backend says so.
    if cfg!(not(any(ferrio_force_poll, mio_unsupported_force_poll_poll))) {
        assert_eq!(text_on("epoll", "exclusive"), "20 clients, each accepted once\n");
    }
    let text = text_on("poll2", "exclusive");
    assert!(text.starts_with("not on this backend: "), "{text}");
}
