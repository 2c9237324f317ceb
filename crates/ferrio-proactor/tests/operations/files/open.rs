//! Opening files, and asking what they are.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::thread;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Choice, Config, Kind, is_cancelled, op};

use crate::harness::{Came, Rig, on_each, on_each_with};
use crate::temporary::{Temporary, expect_end};

fn open(rig: &mut Rig, open: op::Open) -> io::Result<OwnedFd> {
    let id = rig.proactor.submit(Token(5), open).unwrap();
    rig.wait();
    let completion = rig.completions.next().unwrap();
    assert_eq!((completion.id, completion.token, completion.more), (id, Token(5), false));
    match completion.kind {
        Kind::Opened(fd) => Ok(fd),
        Kind::Ended(Err(error)) => Err(error),
        kind => panic!("{kind:?}"),
    }
}

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
fn files_are_opened_to_read_and_to_write() {
    on_each(|rig| {
        let path = Temporary::vacant();
        let error = open(rig, op::Open::reading(path.path()).unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{}", rig.way);

        let fd = open(rig, op::Open::writing(path.path()).unwrap()).unwrap();
        File::from(fd).write_all(b"old").unwrap();
        let fd = open(rig, op::Open::reading(path.path()).unwrap()).unwrap();
        let flags = rustix::io::fcntl_getfd(&fd).unwrap();
        assert!(flags.contains(rustix::io::FdFlags::CLOEXEC), "{}", rig.way);
        let mut text = String::new();
        File::from(fd).read_to_string(&mut text).unwrap();
        assert_eq!(text, "old");

        let flags = libc::O_WRONLY | libc::O_APPEND;
        let fd = open(rig, op::Open::with_flags(path.path(), flags, 0).unwrap()).unwrap();
        File::from(fd).write_all(b" and new").unwrap();
        assert_eq!(fs::read(path.path()).unwrap(), b"old and new");
        drop(open(rig, op::Open::writing(path.path()).unwrap()).unwrap());
        assert_eq!(fs::read(path.path()).unwrap(), b"", "it is emptied");
        let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL;
        let error = open(rig, op::Open::with_flags(path.path(), flags, 0o600).unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    });
}

#[test]
fn a_path_with_a_zero_byte_is_refused() {
    let error = op::Open::reading("a\0b").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains(r#""a\0b""#), "{error}");
    assert_eq!(op::Statx::new("a\0b").unwrap_err().kind(), io::ErrorKind::InvalidInput);
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

#[test]
fn what_a_file_is_can_be_asked() {
    let file = Temporary::file(b"12345");
    let metadata = fs::metadata(file.path()).unwrap();
    on_each(|rig| {
        let ask = |rig: &mut Rig, statx: op::Statx| {
            let id = rig.proactor.submit(Token(0), statx).unwrap();
            rig.done::<op::Statx>(id)
        };
        let (result, statx) = ask(rig, op::Statx::new(file.path()).unwrap());
        assert_eq!((result.unwrap(), statx.size(), statx.is_file()), (0, Some(5), Some(true)));
        assert_eq!(statx.modified(), metadata.modified().ok());
        let (_, statx) = ask(rig, op::Statx::new("/").unwrap());
        assert_eq!((statx.is_folder(), statx.is_file()), (Some(true), Some(false)));
        let (result, statx) = ask(rig, op::Statx::new("/there/is/none").unwrap());
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!((statx.size(), statx.mode(), statx.modified()), (None, None, None));
    });
}
