//! Opening pipes with a path, which waits for the other side.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::thread;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Choice, Config, is_cancelled, op};

use crate::harness::{Came, Rig, on_each, on_each_with};
use crate::temporary::{Temporary, expect_end};

/// A pipe with a path.
fn fifo() -> Temporary {
    let temporary = Temporary::vacant();
    assert!(Command::new("mkfifo").arg(temporary.path()).status().unwrap().success());
    temporary
}

/// The reading end of a pipe with a path, which does not wait for a writer.
fn reader(fifo: &Temporary) -> File {
    File::options().read(true).custom_flags(libc::O_NONBLOCK).open(fifo.path()).unwrap()
}

#[test]
fn a_file_that_nobody_takes_is_closed() {
    on_each(|rig| {
        let fifo = fifo();
        let mut reader = reader(&fifo);
        let id = rig
            .proactor
            .submit(Token(0), op::Open::with_flags(fifo.path(), libc::O_WRONLY, 0).unwrap())
            .unwrap();
        rig.wait();
        // A writer is there, and says nothing.
        assert_eq!(reader.read(&mut [0; 8]).unwrap_err().kind(), io::ErrorKind::WouldBlock, "{id:?}");
        rig.completions.clear();
        expect_end(&reader, rig.way);
    });
}

#[test]
fn a_file_that_is_opened_during_the_end_is_closed() {
    on_each(|rig| {
        // A ring does not wait for the other side of a pipe.
        if rig.way.driver != Choice::Readiness {
            return;
        }
        let fifo = fifo();
        // Nobody reads yet, so this waits.
        let writer = op::Open::with_flags(fifo.path(), libc::O_WRONLY, 0).unwrap();
        rig.proactor.submit(Token(0), writer).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        let rig = std::mem::replace(rig, Rig::open(rig.way, Config::default()).unwrap());
        let reader = thread::scope(|scope| {
            let reader = scope.spawn(|| {
                thread::sleep(Duration::from_millis(100));
                reader(&fifo)
            });
            let drained = rig.proactor.shutdown(Duration::from_secs(10));
            assert_eq!(drained.left, 0);
            reader.join().unwrap()
        });
        expect_end(&reader, rig.way);
    });
}

#[test]
fn an_open_that_no_thread_has_begun_is_cancelled() {
    on_each_with(Config { threads: 1, ..Config::default() }, |rig| {
        let fifo = fifo();
        // Without a reader the first one waits, and holds the only thread up.
        let ids = [1, 2].map(|token| {
            let open = op::Open::writing(fifo.path()).unwrap();
            let id = rig.proactor.submit(Token(token), open).unwrap();
            assert!(rig.is_silent());
            id
        });
        assert!(rig.proactor.cancel(ids[1]));
        let (token, _, came) = rig.next();
        let is_ended = matches!(&came, Came::Ended(Err(error)) if is_cancelled(error));
        assert!(is_ended && token == Token(2), "{}: {came:?}", rig.way);
        let _reader = reader(&fifo);
        rig.wait();
        assert_eq!(rig.completions.next().unwrap().id, ids[0], "{}", rig.way);
    });
}
