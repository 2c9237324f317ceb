//! The supervisor, with children of the shell.

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::harness::{Example, PATIENCE, Peer, assert_refused, eventually, unique_path};

/// The process id in a line like `NAME started as PID`.
fn pid(line: &str) -> Pid {
    Pid::from_raw(line.trim_end().rsplit(' ').next().unwrap().parse().unwrap()).unwrap()
}

fn expect_gone(pid: Pid) {
    eventually(|| match test_kill_process(pid) {
        Err(_) => Ok(()),
        Ok(()) => Err(io::Error::other(format!("{pid:?} lives"))),
    });
}

#[test]
fn what_a_program_prints_has_its_name_before_each_line() {
    let mut example =
        Example::start("supervisor", &["talks=echo one; printf three; echo two >&2; exec sleep 60"]);
    assert!(example.line().starts_with("talks started as "));
    let mut lines = [example.line(), example.line()];
    lines.sort_unstable();
    assert_eq!(lines, ["talks | one\n", "talks | two\n"]);
    example.signal(Signal::TERM);
    // Its last line had no end.
    let rest = example.end();
    assert!(rest.starts_with("talks | three\ntalks was ended by signal 15\n"), "{rest}");
    assert!(rest.ends_with("everything is stopped\n"), "{rest}");
}

#[test]
fn a_program_that_prints_much_is_copied_in_full_while_others_have_their_turn() {
    let much = "much=seq 1 200000; exec sleep 60";
    let mut example = Example::start("supervisor", &[much, "little=sleep 0.05; echo here; exec sleep 60"]);
    let (mut next, mut has_little) = (1, false);
    while next <= 200_000 || !has_little {
        let line = example.line();
        if let Some(number) = line.strip_prefix("much | ") {
            assert_eq!(number.trim_end(), next.to_string());
            next += 1;
        }
        has_little |= line == "little | here\n";
    }
}

#[test]
fn a_program_that_ends_is_started_again_later_each_time() {
    let mut example = Example::start("supervisor", &["fails=exit 3"]);
    let mut last = None;
    for delay in ["100ms", "200ms", "400ms"] {
        example.line_with("fails started as ");
        if let Some((since, least)) = last {
            let since: Instant = since;
            assert!(since.elapsed() >= least, "after {:?}", since.elapsed());
        }
        assert_eq!(example.line(), "fails exited with 3\n");
        last = Some((Instant::now(), Duration::from_millis(delay[..3].parse::<u64>().unwrap() - 20)));
        assert_eq!(example.line(), format!("fails starts again in {delay}\n"));
    }
    example.signal(Signal::INT);
    assert!(example.end().ends_with("everything is stopped\n"));
}

#[test]
fn what_a_program_leaves_behind_ends_with_it_and_its_last_line_is_printed() {
    let mut example = Example::start("supervisor", &["leaves=sleep 60 & echo $!; printf LAST; exit 1"]);
    example.line_with("leaves started as ");
    let left = pid(&example.line_with("leaves | "));
    assert_eq!(example.line(), "leaves | LAST\n");
    assert_eq!(example.line(), "leaves exited with 1\n");
    expect_gone(left);
}

#[test]
fn one_that_does_not_end_is_killed_with_what_it_started() {
    let stubborn = "deaf=trap '' TERM; echo ready; sleep 60 & while true; do sleep 1; done";
    let mut example = Example::start("supervisor", &["--stop-max", "0.3", stubborn, "good=exec sleep 60"]);
    let pids = [pid(&example.line_with("started as")), pid(&example.line_with("started as"))];
    example.line_with("deaf | ready");
    let start = Instant::now();
    example.signal(Signal::TERM);
    let rest = example.end();
    assert!(start.elapsed() >= Duration::from_millis(300), "after {:?}", start.elapsed());
    assert!(rest.contains("deaf does not end: it is killed\ndeaf was ended by signal 9\n"), "{rest}");
    pids.into_iter().for_each(expect_gone);
}

#[test]
fn a_second_signal_kills_at_once() {
    let mut example = Example::start(
        "supervisor",
        &["--stop-max", "60", "deaf=trap '' TERM; echo ready; read x < /dev/zero"],
    );
    example.line_with("deaf | ready");
    example.signal(Signal::TERM);
    thread::sleep(Duration::from_millis(50));
    example.signal(Signal::INT);
    let start = Instant::now();
    example.end();
    assert!(start.elapsed() < PATIENCE);
}

/// Replaces a file as an editor does.
fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(&new, path).unwrap();
}

#[test]
fn a_change_of_the_file_and_sighup_start_and_stop_what_has_changed() {
    let directory = unique_path("supervisor");
    fs::create_dir(&directory).unwrap();
    let path = directory.join("services");
    fs::write(&path, "# what runs\nkept = exec sleep 60\n\nchanged = exec sleep 61\ngone = exec sleep 62\n")
        .unwrap();
    let mut example = Example::start("supervisor", &["--config", path.to_str().unwrap()]);
    let mut started: Vec<String> = (0..3).map(|_| example.line_with("started as")).collect();
    started.sort_unstable();
    let pids: Vec<Pid> = started.iter().map(|line| pid(line)).collect();

    replace(&path, "kept = exec sleep 60\nchanged = exec sleep 71\nadded = exec sleep 72\n");
    assert_eq!(example.line(), "reloaded\n");
    let mut lines: Vec<String> = (0..4).map(|_| example.line()).collect();
    lines.sort_unstable();
    for (line, expected) in
        lines.iter().zip(["added started", "changed started", "changed was ended", "gone was ended"])
    {
        assert!(line.starts_with(expected), "{lines:?}");
    }
    let changed = pid(lines.iter().find(|line| line.starts_with("changed started")).unwrap());
    assert_ne!(changed, pids[0]);
    expect_gone(pids[1]);
    test_kill_process(pids[2]).expect("the one that has not changed goes on");

    // What is wrong changes nothing.
    replace(&path, "kept = exec sleep 60\nnonsense\n");
    let line = example.line();
    assert!(line.starts_with("not reloaded: ") && line.contains("line 2: `nonsense`"), "{line}");
    fs::remove_file(&path).unwrap();
    example.signal(Signal::HUP);
    assert!(example.line().starts_with("not reloaded: "));
    // And what runs is still looked after.
    kill_process(changed, Signal::KILL).unwrap();
    assert_eq!(example.line(), "changed was ended by signal 9\n");
    example.line_with("changed started as");
    example.signal(Signal::TERM);
    example.end();
    fs::remove_dir_all(directory).unwrap();
}

fn get(addr: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream.limit_reads(PATIENCE);
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_counters_are_served_in_the_format_of_prometheus() {
    let mut example = Example::start(
        "supervisor",
        &["--metrics", "127.0.0.1:0", "a=echo one; echo two; exec sleep 60", "b=exit 1"],
    );
    let addr = example.addr();
    example.line_with("a | two");
    example.line_with("b starts again");
    let text = get(addr, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"), "{text}");
    assert!(text.contains("# TYPE supervisor_up gauge\nsupervisor_up{service=\"a\"} 1\n"), "{text}");
    assert!(text.contains("supervisor_lines_total{service=\"a\"} 2\n"), "{text}");
    assert!(text.contains("supervisor_starts_total{service=\"a\"} 1\n"), "{text}");
    assert!(get(addr, "GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
    assert_eq!(get(addr, &"x".repeat(4096)), "");
}

#[test]
fn bad_options_and_bad_files_say_what_is_wrong() {
    let refused = |args: &[&str], expected: &[&str]| assert_refused("supervisor", args, expected);
    refused(&[], &["nothing to run", "--config"]);
    refused(&["web"], &["`web` is not NAME=COMMAND"]);
    refused(&["w b=x"], &["`w b` is no name"]);
    refused(&["a=x", "a=y"], &["`a` stands twice"]);
    refused(&["a="], &["`a` has no command"]);
    refused(&["--config", "/no/such/file"], &["/no/such/file", "No such file"]);
    refused(&["--metrics", "0.0.0.0:0", "a=exit"], &["--metrics 0.0.0.0", "loopback"]);
    refused(&["--stop-max", "-1", "a=exit"], &["--stop-max", "seconds"]);
}
