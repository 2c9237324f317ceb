//! Messages of a netlink socket, of which the kernel tells that one was lost.

use std::os::fd::OwnedFd;
use std::time::Duration;

use ferrio_poll::Token;
use ferrio_proactor::{Config, Kind, op};
use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, socket_with};

use crate::harness::{Came, Rig, on_each_setup_with};

/// A group of messages between programs for each test.
const GROUPS: [u32; 2] = [1 << 13, 1 << 14];

fn socket() -> OwnedFd {
    let flags = SocketFlags::CLOEXEC;
    socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(netlink::USERSOCK)).unwrap()
}

/// A socket to which more was sent than it has room for, and one more that sends to it. `None` where
/// a program without privileges joins no group.
fn overflowed(group: u32) -> Option<(OwnedFd, OwnedFd)> {
    let (receiver, sender) = (socket(), socket());
    rustix::net::sockopt::set_socket_recv_buffer_size(&receiver, 4096).unwrap();
    if rustix::net::bind(&receiver, &SocketAddrNetlink::new(0, group)).is_err() {
        println!("SKIPPED: no right to join a group of netlink");
        return None;
    }
    for _ in 0..64 {
        send(&sender, group);
    }
    Some((receiver, sender))
}

fn send(sender: &OwnedFd, group: u32) {
    let to = SocketAddrNetlink::new(0, group);
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
fn want_of_a_buffer_is_no_lost_message_also_if_one_comes_back_at_once() {
    on_each_setup_with(Config { buffers: 4, ..Config::default() }, |rig| {
        let (receiver, sender) = (socket(), socket());
        if rustix::net::bind(&receiver, &SocketAddrNetlink::new(0, GROUPS[1])).is_err() {
            println!("SKIPPED: no right to join a group of netlink");
            return;
        }
        let handle = rig.proactor.attach(receiver);
        rig.proactor.submit(Token(0), op::RecvMany { handle }).unwrap();
        rig.poll(Duration::ZERO);
        // Another takes all the buffers while this one waits for a message.
        let kept: Vec<_> = (0..4).map(|_| rig.chunk(b"data")).collect();
        // The kernel of some rings says at once that there is no buffer, and when the proactor reads
        // that there is one.
        send(&sender, GROUPS[1]);
        drop(kept);
        let came = rig.next();
        assert!(matches!(came, (Token(0), true, Came::Received(_))), "{}: {came:?}", rig.way);
        assert!(rig.is_silent(), "{}: {:?}", rig.way, rig.completions);
    });
}

#[test]
fn a_lost_message_is_an_error_and_no_want_of_buffers() {
    on_each_setup_with(Config { buffers: 4, ..Config::default() }, |rig| {
        let Some((receiver, sender)) = overflowed(GROUPS[0]) else { return };
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
            send(&sender, GROUPS[0]);
            rig.wait();
            let completion = rig.completions.next().unwrap();
            let Kind::Received(chunk) = completion.kind else { panic!("{completion:?}") };
            kept.push(chunk);
        }
        // A loss while there is no buffer is told when there is one.
        for _ in 0..64 {
            send(&sender, GROUPS[0]);
        }
        assert!(rig.is_silent(), "{}: a loss was told without a buffer", rig.way);
        drop(kept);
        assert_eq!(until_end(rig), (0, Some(libc::ENOBUFS)), "{}", rig.way);
        assert!(rig.proactor.stats().starved > 0, "{}", rig.way);
    });
}
