//! Messages of a netlink socket, of which the kernel tells that one was lost.

use std::os::fd::OwnedFd;

use ferrio_poll::Token;
use ferrio_proactor::{Config, Kind, op};
use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, socket_with};

use crate::harness::{Came, Rig, on_each_setup_with};

/// A group of messages between programs.
const GROUP: u32 = 1 << 13;

fn socket() -> OwnedFd {
    let flags = SocketFlags::CLOEXEC;
    socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(netlink::USERSOCK)).unwrap()
}

/// A socket to which more was sent than it has room for, and one more that sends to it. `None` where
/// a program without privileges joins no group.
fn overflowed() -> Option<(OwnedFd, OwnedFd)> {
    let (receiver, sender) = (socket(), socket());
    rustix::net::sockopt::set_socket_recv_buffer_size(&receiver, 4096).unwrap();
    if rustix::net::bind(&receiver, &SocketAddrNetlink::new(0, GROUP)).is_err() {
        println!("SKIPPED: no right to join a group of netlink");
        return None;
    }
    for _ in 0..64 {
        send(&sender);
    }
    Some((receiver, sender))
}

fn send(sender: &OwnedFd) {
    let to = SocketAddrNetlink::new(0, GROUP);
    // The group has it; a kernel would too, but listens to no message between programs.
    let sent = rustix::net::sendto(sender, &[7; 200], SendFlags::empty(), &to);
    assert_eq!(sent, Err(rustix::io::Errno::CONNREFUSED));
}

/// Takes the messages that wait. How many there were until the operation ended, and with which error.
fn until_end(rig: &mut Rig) -> (usize, Option<i32>) {
    let mut messages = 0;
    loop {
        match rig.next() {
            (_, true, Came::Received(data)) => assert_eq!(data.len(), 200),
            (_, false, Came::Ended(Err(error))) => return (messages, error.raw_os_error()),
            other => panic!("{}: {other:?}", rig.way),
        }
        messages += 1;
    }
}

#[test]
fn a_lost_message_is_an_error_and_no_want_of_buffers() {
    on_each_setup_with(Config { buffers: 4, ..Config::default() }, |rig| {
        let Some((receiver, sender)) = overflowed() else { return };
        let handle = rig.proactor.attach(receiver);
        rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        assert_eq!(until_end(rig), (0, Some(libc::ENOBUFS)), "{}", rig.way);
        assert_eq!(rig.proactor.stats().starved, 0, "{}", rig.way);
        // Those that were not lost come after it.
        rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        let mut messages = 0;
        while !rig.is_silent() {
            while let Some(completion) = rig.completions.next() {
                assert!(matches!(completion.kind, Kind::Received(_)), "{}: {completion:?}", rig.way);
                messages += 1;
            }
        }
        assert!((1..64).contains(&messages), "{}: {messages} of 64", rig.way);
        let mut kept = Vec::new();
        while kept.len() < 4 {
            send(&sender);
            rig.wait();
            let completion = rig.completions.next().unwrap();
            let Kind::Received(chunk) = completion.kind else { panic!("{completion:?}") };
            kept.push(chunk);
        }
        // A loss while there is no buffer is told when there is one.
        for _ in 0..64 {
            send(&sender);
        }
        assert!(rig.is_silent(), "{}: a loss was told without a buffer", rig.way);
        drop(kept);
        assert_eq!(until_end(rig), (0, Some(libc::ENOBUFS)), "{}", rig.way);
        assert!(rig.proactor.stats().starved > 0, "{}", rig.way);
    });
}
