//! The examples about time.

use crate::harness::text_of;

#[test]
fn the_timer_counts_what_was_missed_and_slack_saves_waits() {
    let text = text_of("timer");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("once: due 1 time"));
    let mut total = 0;
    let rest: Vec<_> = lines
        .filter(|line| match line.strip_prefix("every 10 ms: due ") {
            None => true,
            Some(due) => {
                let (times, events) = due.split_once(" times in ").unwrap();
                assert_eq!(events, "1 event");
                let times: u64 = times.parse().unwrap();
                // The loop was away for more than three of them.
                assert!(total > 0 || times >= 3, "{text}");
                total += times;
                false
            }
        })
        .collect();
    assert!(total >= 5, "{text}");
    assert_eq!(rest[0], "cancelled: true");
    let waits = rest[1].strip_prefix("20 timers with slack: ").and_then(|rest| rest.strip_suffix(" waits"));
    let waits: usize = waits.unwrap().parse().unwrap();
    assert!((1..=5).contains(&waits), "{text}");
}

#[test]
fn silent_connections_are_closed_and_none_early() {
    let text = text_of("timeouts");
    let messages = text.strip_prefix("closed 50 silent connections, ").unwrap().split(' ').next().unwrap();
    // All five, unless the machine stood still for longer than a connection may be silent.
    assert!((1..=5).contains(&messages.parse::<usize>().unwrap()), "{text}");
}
