//! The sender and the receiver of many datagrams.

use crate::harness::{Example, assert_refused, run};

/// The number behind `name=` in `text`.
fn value(text: &str, name: &str) -> u64 {
    let value = text.split([' ', '\n']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

#[test]
fn a_stream_of_datagrams_arrives_and_both_ends_count_the_same() {
    let mut receiver = Example::start("gso_receiver", &["127.0.0.1:0"]);
    let addr = receiver.addr().to_string();
    for (datagrams, bytes) in [(20_000, 1200), (1000, 8), (70, 1400), (1, 100)] {
        let output = run("gso_sender", &[&addr, &datagrams.to_string(), &bytes.to_string()]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
        let line = receiver.line_with("datagrams=");
        assert_eq!(value(&text, "datagrams"), datagrams);
        assert_eq!(value(&line, "datagrams") + value(&text, "lost"), datagrams, "{line}{text}");
        assert_eq!(value(&line, "bytes"), value(&line, "datagrams") * bytes, "{line}");
        assert_eq!(value(&line, "cut"), 0, "{line}");
        // A window never fills the queue of the receiver.
        assert!(value(&text, "lost") <= datagrams / 10, "{text}");
        if cfg!(target_os = "linux") && datagrams > 1000 {
            // Sent and received in pieces of many.
            assert!(value(&text, "calls") <= datagrams / 30, "{text}");
            assert!(value(&line, "messages") <= datagrams / 30, "{line}");
        }
    }
}

#[test]
fn wrong_arguments_are_refused_in_plain_text() {
    assert_refused("gso_receiver", &["nowhere"], &["gso_receiver: ", "nowhere"]);
    assert_refused("gso_sender", &["127.0.0.1:1", "1", "7"], &["gso_sender: ", "8 to 65507"]);
    assert_refused("gso_sender", &["nowhere"], &["gso_sender: ", "nowhere"]);
}
