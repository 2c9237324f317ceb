//! Bytes that stay in the kernel.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Handle, OpId, is_cancelled, op};
use socket2::SockRef;

use crate::harness::{Rig, on_each};
use crate::temporary::{Temporary, pattern, pipe};

fn submit(rig: &mut Rig, from: Handle, to: Handle, len: usize) -> OpId {
    rig.proactor.submit(Token(0), op::Splice::new(from, to, len)).unwrap()
}

fn splice(rig: &mut Rig, splice: op::Splice) -> u32 {
    let id = rig.proactor.submit(Token(0), splice).unwrap();
    rig.done::<op::Splice>(id).0.unwrap()
}

#[test]
fn a_file_goes_through_a_pipe_into_another() {
    let bytes = pattern(10_000);
    let source = Temporary::file(&bytes);
    on_each(|rig| {
        let target = Temporary::file(b"");
        let (reader, writer) = pipe();
        let [from, to] = [&source, &target].map(|file| rig.proactor.attach(file.open()));
        let (reader, writer) = (rig.proactor.attach(reader), rig.proactor.attach(writer));
        let mut offset = 100;
        loop {
            let into = op::Splice { from_offset: Some(offset), ..op::Splice::new(from, writer, 4096) };
            let count = splice(rig, into);
            if count == 0 {
                break;
            }
            let mut left = count;
            while left > 0 {
                left -= splice(rig, op::Splice::new(reader, to, left as usize));
            }
            offset += u64::from(count);
        }
        assert!(std::fs::read(target.path()).unwrap() == bytes[100..], "{}", rig.way);
        let at = op::Splice { to_offset: Some(5), ..op::Splice::new(reader, to, 3) };
        let ahead = op::Splice { from_offset: Some(0), ..op::Splice::new(from, writer, 3) };
        assert_eq!((splice(rig, ahead), splice(rig, at)), (3, 3));
        assert_eq!(std::fs::read(target.path()).unwrap()[5..8], bytes[..3]);
    });
}

#[test]
fn a_splice_of_a_socket_waits_for_data_without_holding_the_others() {
    on_each(|rig| {
        let (from, mut peer) = rig.connection();
        let (mut reader, writer) = pipe();
        let to = rig.proactor.attach(writer);
        let id = submit(rig, from, to, 4096);
        assert!(rig.is_silent(), "{}", rig.way);
        peer.write_all(b"data").unwrap();
        assert_eq!(rig.done::<op::Splice>(id).0.unwrap(), 4, "{}", rig.way);
        let mut bytes = [0; 4];
        reader.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"data");
        let id = submit(rig, from, to, 4096);
        drop(peer);
        assert_eq!(rig.done::<op::Splice>(id).0.unwrap(), 0, "{}: the end", rig.way);
    });
}

#[test]
fn a_splice_waits_also_if_somebody_else_sets_its_descriptors() {
    on_each(|rig| {
        let (reader, mut writer) = pipe();
        let others = reader.try_clone().unwrap();
        let (from, (to, mut peer)) = (rig.proactor.attach(reader), rig.connection());
        for is_non_blocking in [true, false, true, true] {
            rustix::io::ioctl_fionbio(&others, is_non_blocking).unwrap();
            let id = submit(rig, from, to, 4096);
            assert!(rig.is_silent(), "{}", rig.way);
            writer.write_all(b"data").unwrap();
            assert_eq!(rig.done::<op::Splice>(id).0.unwrap(), 4, "{}", rig.way);
            peer.read_exact(&mut [0; 4]).unwrap();
        }
    });
}

#[test]
fn a_time_limit_of_its_socket_does_not_end_a_splice() {
    on_each(|rig| {
        let (from, mut peer) = rig.connection();
        let fd = rig.proactor.as_fd(from).unwrap();
        SockRef::from(&fd).set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        let (mut reader, writer) = pipe();
        let to = rig.proactor.attach(writer);
        let id = submit(rig, from, to, 4096);
        assert!(rig.is_silent_for(Duration::from_millis(100)), "{}", rig.way);
        peer.write_all(b"data").unwrap();
        assert_eq!(rig.done::<op::Splice>(id).0.unwrap(), 4, "{}", rig.way);
        reader.read_exact(&mut [0; 4]).unwrap();
        // Nor does it keep one from being cancelled.
        let id = submit(rig, from, to, 4096);
        assert!(rig.is_silent() && rig.proactor.cancel(id), "{}", rig.way);
        let (result, _) = rig.done::<op::Splice>(id);
        assert!(result.as_ref().is_err_and(is_cancelled), "{}: {result:?}", rig.way);
    });
}

#[test]
fn a_splice_waits_for_room_in_its_target() {
    on_each(|rig| {
        let (from, mut peer) = rig.connection();
        peer.write_all(&[1; 100]).unwrap();
        let (mut reader, mut writer) = pipe();
        writer.write_all(&[2; 65_536]).unwrap();
        let to = rig.proactor.attach(writer);
        let id = submit(rig, from, to, 4096);
        assert!(rig.is_silent(), "{}", rig.way);
        reader.read_exact(&mut [0; 65_536]).unwrap();
        assert_eq!(rig.done::<op::Splice>(id).0.unwrap(), 100, "{}", rig.way);
    });
}

#[test]
fn a_pipe_goes_into_a_socket() {
    on_each(|rig| {
        let (to, mut peer) = rig.connection();
        let (reader, mut writer) = pipe();
        let from = rig.proactor.attach(reader);
        let id = submit(rig, from, to, 4096);
        assert!(rig.is_silent(), "{}", rig.way);
        writer.write_all(b"data").unwrap();
        assert_eq!(rig.done::<op::Splice>(id).0.unwrap(), 4);
        let mut bytes = [0; 4];
        peer.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"data");
    });
}

#[test]
fn a_splice_that_waits_is_cancelled() {
    on_each(|rig| {
        let (reader, mut writer) = pipe();
        let (from, (to, _peer)) = (rig.proactor.attach(reader), rig.connection());
        let id = submit(rig, from, to, 4096);
        assert!(rig.is_silent() && rig.proactor.cancel(id), "{}", rig.way);
        let (result, _) = rig.done::<op::Splice>(id);
        assert!(result.as_ref().is_err_and(is_cancelled), "{}: {result:?}", rig.way);
        writer.write_all(b"kept").unwrap();
        let mut bytes = [0; 8];
        let reader = rig.proactor.detach(from).unwrap();
        assert_eq!(rustix::io::read(reader.as_fd(), &mut bytes).unwrap(), 4);
        rig.proactor.close(to);
    });
}

#[test]
fn neither_of_two_sockets_is_a_pipe() {
    on_each(|rig| {
        let ((from, mut peer), (to, _other)) = (rig.connection(), rig.connection());
        peer.write_all(b"data").unwrap();
        let id = submit(rig, from, to, 4096);
        let error = rig.done::<op::Splice>(id).0.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EINVAL), "{}", rig.way);
    });
}
