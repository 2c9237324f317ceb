//! Reading and writing pipes.

use std::io::{Read, Write};

use ferrio_poll::Token;
use ferrio_proactor::{is_cancelled, op};

use crate::harness::{Rig, on_each};
use crate::temporary::{expect_no_reader, pipe};

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
