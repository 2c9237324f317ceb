//! Bad options: the message names the option and the value, and what to do.

use std::net::TcpListener;

use crate::harness::{self, run};

fn assert_refused(args: &[&str], expected: &[&str]) {
    harness::assert_refused("broadcast", args, expected);
}

#[test]
fn bad_options_say_what_was_wrong_and_what_to_do() {
    assert_refused(&["--listen", "nowhere"], &["--listen", "nowhere", "127.0.0.1:7300"]);
    assert_refused(&["--line-max", "0"], &["--line-max", "'0'", "from 1"]);
    assert_refused(&["--queue-max", "-5"], &["--queue-max", "-5", "bytes"]);
    assert_refused(&["--queue-max", "10"], &["--queue-max 10", "--line-max 65536"]);
    assert_refused(&["--slow", "never"], &["--slow", "never", "drop-oldest"]);
    assert_refused(&["--linger", "-1"], &["--linger", "-1", "seconds"]);
    assert_refused(&["--pause-max", "long"], &["--pause-max", "long", "seconds"]);
    assert_refused(&["--unix"], &["--unix", "a value is required"]);
    assert_refused(&["--lisen", "x"], &["--lisen", "--help"]);
    assert_refused(&["--listen", "192.0.2.1:0"], &["192.0.2.1:0", "an address of this machine", "--listen"]);
}

#[test]
fn the_advice_fits_the_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    assert_refused(&["--listen", &taken], &[&taken, "end the program that listens there"]);
    let refused = |path: &str, expected: &[&str]| {
        assert_refused(&["--listen", "127.0.0.1:0", "--unix", path], &[&[path, "--unix"], expected].concat());
    };
    refused("/no/such/folder/socket", &["No such file", "choose another path"]);
    refused(&format!("/tmp/{}", "x".repeat(200)), &["choose another path"]);
}

#[test]
fn help_lists_every_option() {
    let output = run("broadcast", &["--help"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--listen",
        "--unix",
        "--line-max",
        "--queue-max",
        "--slow",
        "--pause-max",
        "--linger",
        "--version",
        "unfinished",
        "completed",
        "keep-alive",
        "SIGUSR1",
    ] {
        assert!(text.contains(option), "{option}");
    }
}
