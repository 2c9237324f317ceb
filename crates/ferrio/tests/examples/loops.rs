//! The examples about the loop itself.

use crate::harness::text_of;

#[test]
fn the_phases_of_a_loop_come_in_their_order() {
    let expected = "prepare, timeout Some(0ns)\ncheck, 1 events\n\
                    prepare, timeout Some(0ns)\ncheck, 0 events\nidle, first piece\n\
                    prepare, timeout Some(0ns)\ncheck, 0 events\nidle, second piece\n\
                    prepare, timeout Some(0ns)\ncheck, 0 events\nidle, third piece\n\
                    prepare, timeout None\ncheck, 1 events\ncleanup after 5 polls\n";
    assert_eq!(text_of("phases"), expected);
}

#[cfg(feature = "log")]
#[test]
fn each_registration_is_a_line_in_the_log() {
    let expected = "TRACE ferrio_poll::registry: register a source as Token(1) for READABLE\n\
                    TRACE ferrio_poll::registry: reregister a source as Token(2) for WRITABLE\n\
                    TRACE ferrio_poll::registry: deregister a source\n";
    assert_eq!(text_of("logs"), expected);
}

#[test]
fn the_statistics_are_in_the_format_of_prometheus() {
    let text = text_of("statistics");
    let value = |name: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    };
    assert!(value("ferrio_polls_total") >= 4.0);
    assert_eq!(value("ferrio_events_total"), 3.0);
    assert_eq!(value("ferrio_wakes_total"), 3.0);
    assert!((1.0..=3.0).contains(&value("ferrio_wake_syscalls_total")));
    assert!(value("ferrio_idle_seconds_total") >= 0.0);
    let count = value("ferrio_busy_period_seconds_count");
    assert!(count >= 3.0);
    // The loop slept for 1 and for 5 ms while it served.
    assert!(value("ferrio_busy_period_seconds_sum") >= 0.006);
    assert_is_histogram(&text, "ferrio_busy_period_seconds", count);
    // Each sample belongs to a family that was announced.
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let family = family.unwrap_or(name);
        for word in ["HELP", "TYPE"] {
            assert_eq!(text.matches(&format!("# {word} {family} ")).count(), 1, "{family}");
        }
    }
}

/// Its buckets rise, in their limits and in their counts, up to `count` at infinity.
fn assert_is_histogram(text: &str, name: &str, count: f64) {
    let prefix = format!("{name}_bucket{{le=\"");
    let buckets: Vec<(f64, f64)> = text
        .lines()
        .filter_map(|line| line.strip_prefix(&prefix)?.split_once("\"} "))
        .map(|(limit, value)| (limit.replace("+Inf", "inf").parse().unwrap(), value.parse().unwrap()))
        .collect();
    assert!(buckets.len() > 20, "{text}");
    assert!(buckets.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1), "{text}");
    assert_eq!(buckets.last(), Some(&(f64::INFINITY, count)));
    // Two of them took longer than this, and so do not count here.
    let below = buckets.iter().rfind(|(limit, _)| *limit < 0.001).unwrap();
    assert!(below.1 <= count - 2.0, "{text}");
}
