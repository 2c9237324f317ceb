//! Reading and writing files, pipes and terminals.

mod open;
#[cfg(unix)]
mod pipes;
#[cfg(unix)]
mod terminals;
#[cfg(target_os = "linux")]
mod uncached;

use std::fs;

use ferrio_poll::Token;
use ferrio_proactor::{Choice, Config, Handle, Reason, op};

use crate::harness::system::{NO_DEVICE, OFFSETS_MOVE_POSITION, UNSUPPORTED};
use crate::harness::{IS_LINUX, Rig, on_each, on_each_with};
use crate::temporary::{Temporary, pattern};

/// Reads up to `len` bytes, at a position or at that of the file itself.
pub(crate) fn read(rig: &mut Rig, handle: Handle, len: usize, at: Option<u64>) -> Vec<u8> {
    let buf = Vec::with_capacity(len);
    let read = at.map_or_else(
        || op::Read::new(handle, Vec::with_capacity(len)),
        |offset| op::Read::at(handle, buf, offset),
    );
    let id = rig.proactor.submit(Token(0), read).unwrap();
    let (result, read) = rig.done::<op::Read<Vec<u8>>>(id);
    assert_eq!(read.offset(), at);
    assert_eq!(result.unwrap() as usize, read.buf.len(), "{}", rig.way);
    read.buf
}

fn write(rig: &mut Rig, write: op::Write<Vec<u8>>) -> u32 {
    let id = rig.proactor.submit(Token(0), write).unwrap();
    rig.done::<op::Write<Vec<u8>>>(id).0.unwrap()
}

#[test]
fn a_file_is_read_at_a_position_and_from_its_own_until_its_end() {
    let bytes = pattern(10_000);
    let file = Temporary::file(&bytes);
    on_each(|rig| {
        let handle = rig.proactor.attach(file.open());
        let own = |own: usize, moved: usize| if OFFSETS_MOVE_POSITION { moved } else { own };
        let start = own(0, 5100);
        assert_eq!(read(rig, handle, 100, Some(5000)), bytes[5000..5100]);
        assert_eq!(read(rig, handle, 4000, None), bytes[start..start + 4000]);
        let start = own(4000, 3100);
        assert_eq!(read(rig, handle, 100, Some(3000)), bytes[3000..3100]);
        assert_eq!(read(rig, handle, 4000, None), bytes[start..start + 4000]);
        assert_eq!(read(rig, handle, 4000, None), bytes[start + 4000..]);
        assert_eq!(read(rig, handle, 4000, None), []);
        assert_eq!(read(rig, handle, 100, Some(9950)), bytes[9950..]);
        assert_eq!(read(rig, handle, 100, Some(1 << 40)), []);
        assert_eq!(read(rig, handle, 0, Some(0)), []);
    });
}

#[test]
fn a_file_is_written_at_a_position_and_at_its_own() {
    on_each(|rig| {
        let file = Temporary::file(b"");
        let handle = rig.proactor.attach(file.open());
        assert_eq!(write(rig, op::Write::new(handle, b"abcdef".to_vec())), 6);
        assert_eq!(write(rig, op::Write::at(handle, b"XY".to_vec(), 2)), 2);
        assert_eq!(write(rig, op::Write::new(handle, b"ghi".to_vec())), 3);
        assert_eq!(write(rig, op::Write::at(handle, b"Z".to_vec(), 12)), 1);
        let expected = if OFFSETS_MOVE_POSITION { b"abXYghi\0\0\0\0\0Z" } else { b"abXYefghi\0\0\0Z" };
        assert_eq!(fs::read(file.path()).unwrap(), expected, "{}", rig.way);
    });
}

#[test]
fn what_is_read_goes_behind_what_the_buffer_has() {
    let file = Temporary::file(b"world");
    on_each(|rig| {
        let handle = rig.proactor.attach(file.open());
        let mut buf = Vec::with_capacity(64);
        buf.extend_from_slice(b"hello ");
        let id = rig.proactor.submit(Token(0), op::Read::at(handle, buf, 0)).unwrap();
        let (result, read) = rig.done::<op::Read<Vec<u8>>>(id);
        assert_eq!((result.unwrap(), &*read.buf), (5, &b"hello world"[..]));
    });
}

#[test]
fn a_long_read_or_write_is_cut() {
    let file = Temporary::file(&pattern(10_000));
    on_each_with(Config { file_bytes: 4096, ..Config::default() }, |rig| {
        let handle = rig.proactor.attach(file.open());
        assert_eq!(read(rig, handle, 10_000, Some(100)), pattern(10_000)[100..4196]);
        // Also where a thread does it.
        let cold = rig.proactor.attach(file.open_cold());
        assert_eq!(read(rig, cold, 10_000, Some(0)), pattern(10_000)[..4096]);
        assert_eq!(write(rig, op::Write::at(handle, pattern(10_000), 0)), 4096);
    });
}

#[test]
fn many_reads_of_a_cold_file_are_under_way_at_once() {
    const LEN: usize = 64 * 1024;
    let bytes = pattern(32 * LEN);
    let file = Temporary::file(&bytes);
    on_each(|rig| {
        let handle = rig.proactor.attach(file.open_cold());
        let reads: Vec<_> = (0..32)
            .map(|number| {
                let read = op::Read::at(handle, Vec::with_capacity(LEN), (number * LEN) as u64);
                (number, rig.proactor.submit(Token(number), read).unwrap())
            })
            .collect();
        let mut left: Vec<_> = reads.iter().map(|(_, id)| *id).collect();
        while !left.is_empty() {
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                let (number, id) = reads[completion.token.0];
                assert_eq!(completion.id, id);
                left.retain(|left| *left != id);
                let ferrio_proactor::Kind::Done(mut done) = completion.kind else { panic!("not done") };
                let (result, read) = done.take::<op::Read<Vec<u8>>>().unwrap();
                let count = result.unwrap() as usize;
                // The cache may have the first part of a block alone.
                assert!(count > 0 && read.buf.len() == count, "{count} bytes");
                assert!(read.buf == bytes[number * LEN..][..count], "{}: block {number}", rig.way);
            }
        }
    });
}

#[test]
fn without_threads_only_what_is_cached_is_read() {
    let file = Temporary::file(&pattern(4096));
    let config = Config { threads: 0, ..Config::default() };
    on_each_with(config, |rig| {
        if rig.way.driver != Choice::Readiness {
            return;
        }
        let cold = rig.proactor.attach(file.open_cold());
        let id = rig.proactor.submit(Token(0), op::Read::at(cold, Vec::with_capacity(64), 0)).unwrap();
        let (result, _) = rig.done::<op::Read<Vec<u8>>>(id);
        assert_eq!(result.unwrap_err().raw_os_error(), Some(UNSUPPORTED));

        assert_eq!(fs::read(file.path()).unwrap().len(), 4096);
        if IS_LINUX {
            assert_eq!(read(rig, cold, 64, Some(0)), pattern(64));
        }
        let fsync = op::Fsync { handle: cold, data_only: true };
        let rejected = rig.proactor.submit(Token(0), fsync).unwrap_err();
        assert!(matches!(rejected.reason, Reason::Unsupported), "{rejected}");
        let rejected = rig.proactor.submit(Token(0), op::Open::reading(file.path()).unwrap()).unwrap_err();
        assert!(matches!(rejected.reason, Reason::Unsupported), "{rejected}");
    });
}

#[test]
fn what_was_written_is_brought_to_its_device() {
    let file = Temporary::file(b"");
    on_each(|rig| {
        let handle = rig.proactor.attach(file.open());
        for data_only in [false, true] {
            write(rig, op::Write::at(handle, b"data".to_vec(), 0));
            let id = rig.proactor.submit(Token(0), op::Fsync { handle, data_only }).unwrap();
            assert_eq!(rig.done::<op::Fsync>(id).0.unwrap(), 0);
        }
        // A socket has no device.
        let (handle, _peer) = rig.connection();
        let id = rig.proactor.submit(Token(0), op::Fsync { handle, data_only: false }).unwrap();
        let error = rig.done::<op::Fsync>(id).0.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(NO_DEVICE), "{}", rig.way);
    });
}
