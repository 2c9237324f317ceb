//! Reading and writing files, pipes and terminals.

mod open;
mod terminals;
#[cfg(target_os = "linux")]
mod uncached;

use std::fs;
use std::io::{Read, Write};

use ferrio_poll::Token;
use ferrio_proactor::{Choice, Config, Handle, Reason, is_cancelled, op};

use crate::harness::{IS_LINUX, Rig, on_each, on_each_with};
use crate::temporary::{Temporary, expect_no_reader, pattern, pipe};

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
        assert_eq!(read(rig, handle, 100, Some(5000)), bytes[5000..5100]);
        assert_eq!(read(rig, handle, 4000, None), bytes[..4000]);
        assert_eq!(read(rig, handle, 100, Some(9000)), bytes[9000..9100]);
        assert_eq!(read(rig, handle, 4000, None), bytes[4000..8000]);
        assert_eq!(read(rig, handle, 4000, None), bytes[8000..]);
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
        assert_eq!(fs::read(file.path()).unwrap(), b"abXYefghi\0\0\0Z", "{}", rig.way);
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
        assert_eq!(result.unwrap_err().kind(), std::io::ErrorKind::Unsupported);

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
fn a_read_of_a_pipe_waits_for_data_and_for_its_end() {
    on_each(|rig| {
        for is_blocking in [true, false] {
            let (reader, mut writer) = pipe();
            rustix::io::ioctl_fionbio(&reader, !is_blocking).unwrap();
            let handle = rig.proactor.attach(reader);
            let submit = |rig: &mut Rig| {
                rig.proactor.submit(Token(1), op::Read::new(handle, Vec::with_capacity(64))).unwrap()
            };
            let first = submit(rig);
            assert!(rig.is_silent(), "{}", rig.way);
            writer.write_all(b"some").unwrap();
            let (result, read) = rig.done::<op::Read<Vec<u8>>>(first);
            assert_eq!((result.unwrap(), &*read.buf), (4, &b"some"[..]));

            let second = submit(rig);
            assert!(rig.is_silent() && rig.proactor.cancel(second));
            let (result, read) = rig.done::<op::Read<Vec<u8>>>(second);
            assert!(is_cancelled(&result.unwrap_err()) && read.buf.is_empty());
            writer.write_all(b"more").unwrap();
            let third = submit(rig);
            assert_eq!(rig.done::<op::Read<Vec<u8>>>(third).1.buf, b"more", "a cancel loses nothing");

            let last = submit(rig);
            drop(writer);
            assert_eq!(rig.done::<op::Read<Vec<u8>>>(last).0.unwrap(), 0);
        }
    });
}

#[test]
fn a_write_to_a_full_pipe_waits_for_room() {
    on_each(|rig| {
        let (mut reader, writer) = pipe();
        let handle = rig.proactor.attach(writer);
        let filler = rig.proactor.submit(Token(0), op::Write::new(handle, vec![7_u8; 65_536])).unwrap();
        assert_eq!(rig.done::<op::Write<Vec<u8>>>(filler).0.unwrap(), 65_536);
        let id = rig.proactor.submit(Token(1), op::Write::new(handle, vec![8_u8; 4096])).unwrap();
        assert!(rig.is_silent(), "{}: a pipe of 65,536 bytes took more", rig.way);
        reader.read_exact(&mut [0; 65_536]).unwrap();
        assert_eq!(rig.done::<op::Write<Vec<u8>>>(id).0.unwrap(), 4096);
        drop(reader);
        expect_no_reader(rig.proactor.as_fd(handle).unwrap());
        let id = rig.proactor.submit(Token(2), op::Write::new(handle, vec![9_u8; 4096])).unwrap();
        let (result, write) = rig.done::<op::Write<Vec<u8>>>(id);
        assert_eq!(result.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
        assert_eq!(write.buf.len(), 4096);
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
        // A pipe has no device.
        let handle = rig.proactor.attach(pipe().0);
        let id = rig.proactor.submit(Token(0), op::Fsync { handle, data_only: false }).unwrap();
        let error = rig.done::<op::Fsync>(id).0.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EINVAL), "{}", rig.way);
    });
}
