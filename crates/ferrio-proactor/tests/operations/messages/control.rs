//! Control data: what is told of a message and asked for one, and descriptors that go along.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::time::{Duration, SystemTime};

use ferrio_poll::Token;
use ferrio_poll::net::UdpSocket;
use ferrio_poll::net::udp::Ecn;
use ferrio_proactor::op::{Control, ReceivedControl};
use ferrio_proactor::{Config, Handle, op};

use super::{RecvMsg, receive, send};
use crate::harness::{Rig, Way, on_each};
use crate::temporary::{expect_end, pipe};

/// Room for two descriptors.
const ROOM: usize = ReceivedControl::room_for(2);

fn message(handle: Handle) -> RecvMsg {
    op::RecvMsg::new(handle, vec![Vec::with_capacity(1000)])
}

/// Pipes whose writers were sent by one message from `peer`: their other copies are closed.
fn pass<const N: usize>(rig: &mut Rig, peer: OwnedFd) -> [File; N] {
    let (readers, writers): (Vec<_>, Vec<_>) = (0..N).map(|_| pipe()).unzip();
    let sender = rig.proactor.attach(peer);
    let mut writers = writers.into_iter().map(OwnedFd::from);
    // By two calls, and one message.
    let control = Control::new().with_descriptors(writers.next()).with_descriptors(writers);
    assert_eq!(send(rig, op::SendMsg::new(sender, vec![b"!".to_vec()]).control(control)), 1);
    for reader in &readers {
        rustix::io::ioctl_fionbio(reader, true).unwrap();
    }
    readers.try_into().unwrap()
}

/// A proactor's side of a stream, over which the writers of some pipes were passed, and its peer.
fn passed<const N: usize>(rig: &mut Rig) -> (Handle, UnixStream, [File; N]) {
    let (stream, peer) = UnixStream::pair().unwrap();
    let readers = pass(rig, peer.try_clone().unwrap().into());
    (rig.proactor.attach(stream), peer, readers)
}

/// Sees that `fd` is the writer of the pipe, and of this process alone.
fn expect_writer(fd: OwnedFd, mut reader: &File, rig: &Rig) {
    assert!(rustix::io::fcntl_getfd(&fd).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
    File::from(fd).write_all(b"passed").unwrap();
    let mut bytes = [0; 6];
    reader.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"passed", "{}", rig.way);
    expect_end(reader, rig.way);
}

#[test]
fn descriptors_are_passed_in_their_order() {
    on_each(|rig| {
        let (handle, _peer, readers) = passed::<2>(rig);
        let (result, mut message) = receive(rig, message(handle).control_room(ROOM));
        assert_eq!((result.unwrap(), message.is_control_truncated()), (1, false), "{}", rig.way);
        let fds: Vec<_> = message.descriptors().collect();
        assert_eq!((fds.len(), message.descriptors().count()), (2, 0), "{}", rig.way);
        for (fd, reader) in fds.into_iter().zip(&readers) {
            expect_writer(fd, reader, rig);
        }
    });
}

#[test]
fn descriptors_that_nobody_takes_are_closed() {
    on_each(|rig| {
        // The completion is not taken.
        let (handle, _peer, [reader]) = passed(rig);
        rig.proactor.submit(Token(0), message(handle).control_room(ROOM)).unwrap();
        rig.wait();
        drop(rig.completions.next());
        expect_end(&reader, rig.way);

        // The descriptors are not taken out of the message.
        let (handle, _peer, [reader]) = passed(rig);
        let (result, message) = receive(rig, message(handle).control_room(ROOM));
        assert_eq!(result.unwrap(), 1);
        drop(message);
        expect_end(&reader, rig.way);

        // The message is submitted once more.
        let (handle, mut peer, [first, second]) = passed(rig);
        let (_, mut message) = receive(rig, super::control::message(handle).control_room(ROOM));
        drop(message.descriptors().next().unwrap());
        peer.write_all(b"?").unwrap();
        let (result, mut message) = receive(rig, message);
        assert_eq!((result.unwrap(), message.descriptors().count()), (1, 0), "{}", rig.way);
        expect_end(&first, rig.way);
        expect_end(&second, rig.way);
    });
}

#[test]
fn descriptors_without_room_are_closed_and_those_with_room_are_not_lost() {
    on_each(|rig| {
        for (room, count) in [(0, 0), (16, 0), (20, 1), (24, 2)] {
            let (handle, _peer, readers) = passed::<3>(rig);
            let (result, mut message) = receive(rig, message(handle).control_room(room));
            assert_eq!((result.unwrap(), message.is_control_truncated()), (1, true), "{}", rig.way);
            let fds: Vec<_> = message.descriptors().collect();
            assert_eq!(fds.len(), count, "{}: room of {room}", rig.way);
            for (fd, reader) in fds.into_iter().zip(&readers) {
                expect_writer(fd, reader, rig);
            }
            readers.iter().for_each(|reader| expect_end(reader, rig.way));

            // The same, and nobody takes them.
            let (handle, _peer, readers) = passed::<3>(rig);
            drop(receive(rig, super::control::message(handle).control_room(room)));
            readers.iter().for_each(|reader| expect_end(reader, rig.way));
        }
    });
}

#[test]
fn descriptors_that_come_with_a_cancel_or_an_end_are_closed() {
    on_each(|rig| {
        for is_late in [false, true] {
            let (stream, peer) = UnixStream::pair().unwrap();
            let handle = rig.proactor.attach(stream);
            let id = rig.proactor.submit(Token(0), message(handle).control_room(ROOM)).unwrap();
            assert!(rig.is_silent(), "{}", rig.way);
            let sender = peer.try_clone().unwrap();
            let reader = pass_beside(sender);
            if is_late {
                rig.poll(Duration::ZERO);
            }
            // It comes, or stays in the socket, which is closed.
            rig.proactor.cancel(id);
            rig.proactor.close(handle);
            while rig.completions.next().is_none_or(|completion| completion.id != id) {
                rig.wait();
            }
            expect_end(&reader, rig.way);
        }
        let mut rig = std::mem::replace(rig, Rig::open(rig.way, Config::default()).unwrap());
        let (stream, peer) = UnixStream::pair().unwrap();
        let handle = rig.proactor.attach(stream);
        rig.proactor.submit(Token(0), message(handle).control_room(ROOM)).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
        let reader = pass_beside(peer);
        assert_eq!(rig.proactor.shutdown(crate::harness::PATIENCE).left, 0);
        expect_end(&reader, rig.way);
    });
}

/// A pipe whose writer is sent without the proactor.
fn pass_beside(peer: impl Into<OwnedFd>) -> File {
    let (reader, writer) = pipe();
    rustix::io::ioctl_fionbio(&reader, true).unwrap();
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = rustix::net::SendAncillaryBuffer::new(&mut space);
    let fds = [std::os::fd::AsFd::as_fd(&writer)];
    control.push(rustix::net::SendAncillaryMessage::ScmRights(&fds));
    let bytes = [std::io::IoSlice::new(b"!")];
    rustix::net::sendmsg(peer.into(), &bytes, &mut control, rustix::net::SendFlags::empty()).unwrap();
    reader
}

#[test]
fn descriptors_of_datagrams_are_taken_or_closed() {
    on_each(|rig| {
        let (socket, peer) = UnixDatagram::pair().unwrap();
        let handle = rig.proactor.attach(socket);
        let many = op::RecvMsgMany::new(handle).control_room(ROOM as u16);
        let id = rig.proactor.submit(Token(1), many).unwrap();
        let peer = || peer.try_clone().unwrap();

        let reader = pass_beside(peer());
        let mut datagram = rig.next_datagram().expect("a datagram");
        assert_eq!((datagram.data(), datagram.control().messages().count()), (&b"!"[..], 1));
        let fds: Vec<_> = datagram.descriptors().collect();
        assert_eq!((fds.len(), datagram.descriptors().count()), (1, 0), "{}", rig.way);
        let data = datagram.into_data();
        fds.into_iter().for_each(|fd| expect_writer(fd, &reader, rig));
        assert_eq!(&*data, b"!");

        // Only its data is kept.
        let reader = pass_beside(peer());
        let datagram = rig.next_datagram().expect("a datagram");
        let data = datagram.into_data();
        expect_end(&reader, rig.way);
        drop(data);

        // The completion is not taken out of the list.
        let reader = pass_beside(peer());
        rig.wait();
        rig.completions.clear();
        expect_end(&reader, rig.way);

        // Some come with a cancel.
        let readers = [pass_beside(peer()), pass_beside(peer())];
        rig.proactor.cancel(id);
        rig.proactor.close(handle);
        while rig.completions.next().is_none_or(|completion| completion.more) {
            rig.wait();
        }
        readers.iter().for_each(|reader| expect_end(reader, rig.way));

        // And with an end.
        let way = rig.way;
        let mut rig = std::mem::replace(rig, Rig::open(way, Config::default()).unwrap());
        let (socket, peer) = UnixDatagram::pair().unwrap();
        let handle = rig.proactor.attach(socket);
        let many = op::RecvMsgMany::new(handle).control_room(ROOM as u16);
        rig.proactor.submit(Token(1), many).unwrap();
        assert!(rig.is_silent());
        let reader = pass_beside(peer);
        drop(rig);
        expect_end(&reader, way);
    });
}

#[test]
fn an_empty_record_with_a_descriptor_leaves_none_open() {
    on_each(|rig| {
        use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
        let flags = SocketFlags::CLOEXEC;
        let (socket, peer) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap();
        let handle = rig.proactor.attach(socket);
        let many = op::RecvMsgMany::new(handle).control_room(ROOM as u16);
        rig.proactor.submit(Token(1), many).unwrap();
        let (reader, writer) = pipe();
        rustix::io::ioctl_fionbio(&reader, true).unwrap();
        let sender = rig.proactor.attach(peer);
        let control = Control::new().with_descriptors([OwnedFd::from(writer)]);
        let id = rig.proactor.submit(Token(0), op::SendMsg::<Vec<u8>>::new(sender, vec![]).control(control));
        let id = id.unwrap();
        let mut left = 2;
        while left > 0 {
            rig.wait();
            while let Some(completion) = rig.completions.next() {
                assert!(completion.id == id || completion.token == Token(1), "{}", rig.way);
                left -= 1;
            }
        }
        expect_end(&reader, rig.way);
    });
}

/// A socket at `ip` of which each datagram tells all that there is to tell.
fn telling(ip: IpAddr) -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(SocketAddr::new(ip, 0)).unwrap();
    socket.set_recv_local_address(true).unwrap();
    socket.set_recv_ecn(true).unwrap();
    socket.set_recv_ttl(true).unwrap();
    socket.set_recv_timestamps(true).unwrap();
    socket.set_recv_offload(true).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn expect_all(control: ReceivedControl<'_>, data: &[u8], ip: IpAddr, way: Way) {
    assert_eq!(data, [7; 250], "{}", way);
    assert_eq!(control.segment_size(), Some(100), "{}", way);
    assert_eq!(control.ecn(), Some(Ecn::Ect1), "{}", way);
    let local = control.local_address().expect("a local address");
    assert_eq!(local.address(), ip, "{}", way);
    assert!(local.interface().is_some() && control.ttl().is_some(), "{}: {control:?}", way);
    let age = SystemTime::now().duration_since(control.timestamp().expect("a time")).unwrap_or_default();
    assert!(age < crate::harness::PATIENCE, "{}: {age:?}", way);
}

#[test]
fn what_is_asked_for_a_message_is_told_of_it() {
    on_each(|rig| {
        ask_and_tell(rig, Ipv4Addr::LOCALHOST.into(), Ipv4Addr::new(127, 0, 0, 9).into());
        ask_and_tell(rig, Ipv6Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
    });
}

/// Sends datagrams to `ip` from `source`, and sees what is told of them.
fn ask_and_tell(rig: &mut Rig, ip: IpAddr, source: IpAddr) {
    let way = rig.way;
    let ((single, first), (many, second)) = (telling(ip), telling(ip));
    let sender = rig
        .proactor
        .attach(std::net::UdpSocket::bind(if ip.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }).unwrap());
    let [single, many] = [single, many].map(|socket| rig.proactor.attach(socket));
    for address in [first, second] {
        let control = Control::new().with_segment_size(100).with_ecn(Ecn::Ect1).with_source(source);
        let message = op::SendMsg::new(sender, vec![vec![7; 250]]).to(address).control(control);
        assert_eq!(send(rig, message), 250, "{}", rig.way);
    }
    let (result, message) = receive(rig, message(single).control_room(ROOM));
    assert_eq!((result.unwrap(), message.is_control_truncated()), (250, false));
    let from = message.source().and_then(|source| source.as_socket()).map(|source| source.ip());
    assert_eq!(from, Some(source), "{}", rig.way);
    let control = message.control();
    assert!(!control.is_empty() && control.messages().count() >= 5, "{control:?}");
    let (is_told, credentials) = (format!("{control:?}"), control.credentials());
    assert_eq!(credentials, None, "{is_told}");
    expect_all(message.control(), &message.buffers()[0], ip, way);

    let operation = op::RecvMsgMany::new(many).control_room(ROOM as u16);
    rig.proactor.submit(Token(1), operation).unwrap();
    let datagram = rig.next_datagram().expect("a datagram");
    assert_eq!(datagram.source().map(|source| source.ip()), Some(source), "{}", rig.way);
    expect_all(datagram.control(), datagram.data(), ip, way);
}

#[test]
fn credentials_of_the_sender_are_told() {
    on_each(|rig| {
        let (socket, peer) = UnixDatagram::pair().unwrap();
        rustix::net::sockopt::set_socket_passcred(&socket, true).unwrap();
        let [handle, sender] = [socket, peer].map(|socket| rig.proactor.attach(socket));
        let control = Control::new().with_credentials();
        assert_eq!(send(rig, op::SendMsg::new(sender, vec![b"!".to_vec()]).control(control)), 1);
        let (_, message) = receive(rig, message(handle).control_room(ROOM));
        let credentials = message.control().credentials().expect("credentials");
        let (uid, gid) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        assert_eq!((credentials.pid, credentials.uid, credentials.gid), (std::process::id(), uid, gid));
    });
}
