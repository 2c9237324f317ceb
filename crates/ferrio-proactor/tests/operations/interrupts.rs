//! Signals end a wait, whatever the wait did besides.
#![allow(unsafe_code, reason = "no safe library sends a signal to one thread")]

use std::io;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::op;

use crate::harness::on_each_setup;

extern "C" fn on_signal(_: libc::c_int) {}

#[test]
fn a_signal_handler_ends_a_wait_that_also_submitted() {
    let handler: extern "C" fn(libc::c_int) = on_signal;
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(libc::SIGURG, handler as libc::sighandler_t) };
    on_each_setup(|rig| {
        // A signal may come before the wait. Later ones would hide that the first was lost.
        let is_interrupted = (0..20).any(|_| {
            let handle = rig.proactor.attach(TcpListener::bind("127.0.0.1:0").unwrap());
            rig.proactor.submit(Token(1), op::AcceptMany { handle }).unwrap();
            // SAFETY: asks for the calling thread, which outlives the other.
            let waiter = unsafe { libc::pthread_self() };
            let sender = thread::spawn(move || {
                thread::sleep(Duration::from_millis(20));
                // SAFETY: the thread runs, for it joins this one.
                unsafe { libc::pthread_kill(waiter, libc::SIGURG) };
            });
            let timeout = Some(Duration::from_millis(200));
            let polled = rig.proactor.poll(&mut rig.events, &mut rig.completions, timeout);
            sender.join().unwrap();
            polled.is_err_and(|error| error.kind() == io::ErrorKind::Interrupted)
        });
        assert!(is_interrupted, "{}", rig.way);
    });
}
