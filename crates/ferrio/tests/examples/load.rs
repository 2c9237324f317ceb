//! The load program against the server: both ledgers are exact.

use crate::harness::{Example, run, run_limited};

#[test]
fn two_hundred_idle_clients_and_ten_talkers_have_exact_ledgers() {
    let mut server = Example::start("broadcast", &["--listen", "127.0.0.1:0"]);
    let addr = server.addr().to_string();
    let load =
        run("broadcast_load", &["--server", &addr, "--idle", "200", "--talkers", "10", "--lines", "10"]);
    let text = String::from_utf8_lossy(&load.stdout).into_owned();
    assert!(load.status.success(), "{text}{}", String::from_utf8_lossy(&load.stderr));
    assert!(text.contains("sent=100 expected=20900 received=20900 wrong=0"), "{text}");
    let counters = server.finish();
    counters.assert_balanced();
    assert!(counters.value("delivered") >= 20_900);
    assert_eq!(counters.value("dropped"), 0);
}

#[test]
fn a_load_with_few_descriptors_scales_down_and_says_so() {
    let mut server = Example::start("broadcast", &["--listen", "127.0.0.1:0"]);
    let addr = server.addr().to_string();
    let args = ["--server", &addr, "--idle", "200", "--talkers", "5", "--lines", "4"];
    let load = run_limited(64, "broadcast_load", &args);
    let text = String::from_utf8_lossy(&load.stdout).into_owned();
    assert!(load.status.success(), "{text}{}", String::from_utf8_lossy(&load.stderr));
    // 16 of the 64 are for everything that is no client.
    let expected = "scaled down: descriptor limit 64, 43 idle clients instead of 200\n";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("clients=48 talkers=5 sent=20 expected=940 received=940 wrong=0"), "{text}");
    let counters = server.finish();
    counters.assert_balanced();
    assert_eq!(counters.value("accepted"), 48);
    let load = run_limited(20, "broadcast_load", &args);
    let text = String::from_utf8_lossy(&load.stderr).into_owned();
    assert_eq!(load.status.code(), Some(1));
    assert!(text.contains("5 talkers need a descriptor limit above 20"), "{text}");
}
