//! Readiness as an operation.

use std::io::Write;
use std::net::Shutdown;

use ferrio_poll::{Interest, Token};
use ferrio_proactor::{Handle, OpId, is_cancelled, op};

#[cfg(ferrio_fake_kqueue)]
use crate::harness::system::UNSUPPORTED;
use crate::harness::system::{POLL_HANGUP, POLL_IN, POLL_OUT, POLL_URGENT, one_way, pair};
use crate::harness::{Rig, on_each};

fn submit(rig: &mut Rig, handle: Handle, interest: Interest) -> OpId {
    rig.proactor.submit(Token(0), op::PollFd { handle, interest }).unwrap()
}

fn events(rig: &mut Rig, id: OpId) -> i32 {
    rig.done::<op::PollFd>(id).0.unwrap() as i32
}

#[test]
fn it_waits_for_data() {
    on_each(|rig| {
        let (reader, mut writer) = one_way();
        let handle = rig.proactor.attach(reader);
        let id = submit(rig, handle, Interest::READABLE);
        assert!(rig.is_silent(), "{}", rig.way);
        writer.write_all(b"!").unwrap();
        assert_eq!(events(rig, id) & POLL_IN, POLL_IN, "{}", rig.way);
        // It is there still.
        let id = submit(rig, handle, Interest::READABLE);
        assert_ne!(events(rig, id) & POLL_IN, 0, "{}", rig.way);
    });
}

#[test]
fn it_waits_for_room_and_for_either() {
    on_each(|rig| {
        let (handle, mut peer) = rig.connection();
        let id = submit(rig, handle, Interest::WRITABLE);
        assert_eq!(events(rig, id) & (POLL_OUT | POLL_IN), POLL_OUT);
        peer.write_all(b"!").unwrap();
        let id = submit(rig, handle, Interest::READABLE);
        assert_eq!(events(rig, id) & (POLL_OUT | POLL_IN), POLL_IN);
        let id = submit(rig, handle, Interest::READABLE.add(Interest::WRITABLE));
        let both = POLL_OUT | POLL_IN;
        assert_eq!(events(rig, id) & both, both, "{}", rig.way);
    });
}

#[test]
fn it_waits_for_urgent_data() {
    on_each(|rig| {
        let (handle, peer) = rig.connection();
        let id = submit(rig, handle, Interest::PRIORITY);
        (&peer).write_all(b"not urgent").unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        socket2::SockRef::from(&peer).send_out_of_band(b"!").unwrap();
        assert_ne!(events(rig, id) & POLL_URGENT, 0, "{}", rig.way);
    });
}

#[test]
fn the_end_of_a_connection_is_news_for_whatever_was_asked() {
    on_each(|rig| {
        for interest in [Interest::READABLE, Interest::PRIORITY] {
            let (stream, peer) = pair();
            let handle = rig.proactor.attach(stream);
            let id = submit(rig, handle, interest);
            assert!(rig.is_silent(), "{}", rig.way);
            peer.shutdown(Shutdown::Both).unwrap();
            drop(peer);
            assert_ne!(events(rig, id) & POLL_HANGUP, 0, "{}: {interest:?}", rig.way);
        }
    });
}

#[test]
fn two_wait_for_one_descriptor_side_by_side() {
    on_each(|rig| {
        let (reader, mut writer) = one_way();
        let handle = rig.proactor.attach(reader);
        let [first, second] = [(); 2].map(|()| submit(rig, handle, Interest::READABLE));
        assert!(rig.is_silent() && rig.proactor.cancel(first));
        let error = rig.done::<op::PollFd>(first).0.unwrap_err();
        assert!(is_cancelled(&error), "{}: {error}", rig.way);
        writer.write_all(b"!").unwrap();
        assert_ne!(events(rig, second) & POLL_IN, 0, "{}", rig.way);
    });
}

// The kernel that stands in has no bit for an end of what the other side sends.
#[cfg(ferrio_fake_kqueue)]
#[test]
fn an_end_that_no_bit_tells_is_refused_alone_and_does_not_end_a_wait_for_urgent_data() {
    on_each(|rig| {
        let (stream, peer) = pair();
        let handle = rig.proactor.attach(stream);
        let id = submit(rig, handle, Interest::HANGUP);
        let error = rig.done::<op::PollFd>(id).0.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(UNSUPPORTED), "{}", rig.way);
        let id = submit(rig, handle, Interest::PRIORITY);
        peer.shutdown(Shutdown::Write).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        drop(peer);
        assert_ne!(events(rig, id) & POLL_HANGUP, 0, "{}", rig.way);
    });
}
