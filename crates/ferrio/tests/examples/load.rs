//! The load program against the server: both ledgers are exact.

use crate::harness::{Example, run};

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
