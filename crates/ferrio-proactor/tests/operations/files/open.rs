//! Opening files, and asking what they are.

#[cfg(unix)]
mod fifos;

use std::fs::{self, File};
use std::io::{self, Read, Write};

use ferrio_poll::Token;
use ferrio_proactor::{Kind, op};

use crate::harness::system::{Opened, appending, creating, is_close_on_exec};
use crate::harness::{Rig, on_each};
use crate::temporary::Temporary;

fn open(rig: &mut Rig, open: op::Open) -> io::Result<Opened> {
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

#[test]
fn files_are_opened_to_read_and_to_write() {
    on_each(|rig| {
        let path = Temporary::vacant();
        let error = open(rig, op::Open::reading(path.path()).unwrap()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{}", rig.way);

        let fd = open(rig, op::Open::writing(path.path()).unwrap()).unwrap();
        File::from(fd).write_all(b"old").unwrap();
        let fd = open(rig, op::Open::reading(path.path()).unwrap()).unwrap();
        assert!(is_close_on_exec(&fd), "{}", rig.way);
        let mut text = String::new();
        File::from(fd).read_to_string(&mut text).unwrap();
        assert_eq!(text, "old");

        let fd = open(rig, appending(path.path()).unwrap()).unwrap();
        File::from(fd).write_all(b" and new").unwrap();
        assert_eq!(fs::read(path.path()).unwrap(), b"old and new");
        drop(open(rig, op::Open::writing(path.path()).unwrap()).unwrap());
        assert_eq!(fs::read(path.path()).unwrap(), b"", "it is emptied");
        let error = open(rig, creating(path.path()).unwrap()).unwrap_err();
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
