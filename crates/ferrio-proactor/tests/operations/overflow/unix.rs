//! A backlog that makes those wait who connect, which is that of a Unix socket.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use ferrio_poll::Token;
use ferrio_proactor::{Completions, op};

use super::narrow;
use crate::harness::{Came, on_each_setup_with};
use crate::temporary::Temporary;

#[test]
fn none_of_the_connections_that_found_no_room_is_lost() {
    const CONNECTIONS: usize = 2000;
    // More than a ring of this size has places for, from threads that wait while the backlog is full.
    on_each_setup_with(narrow(), |rig| {
        let place = Temporary::vacant();
        let listener = UnixListener::bind(place.path()).unwrap();
        let handle = rig.proactor.attach(listener);
        let id = rig.proactor.submit(Token(0), op::AcceptMany { handle }).unwrap();
        rig.completions = Completions::with_capacity(2);
        let connectors: Vec<_> = (0..4)
            .map(|_| {
                let path = place.path().to_owned();
                thread::spawn(move || {
                    for number in 0..CONNECTIONS / 4 {
                        let mut peer = UnixStream::connect(&path).unwrap();
                        peer.write_all(&[number as u8]).unwrap();
                    }
                })
            })
            .collect();
        let mut sum = 0;
        for _ in 0..CONNECTIONS {
            let (_, more, came) = rig.next();
            let Came::Accepted(stream) = came else { panic!("{came:?}") };
            let mut byte = [0];
            UnixStream::from(stream).read_exact(&mut byte).unwrap();
            sum += usize::from(byte[0]);
            assert!(more, "{}", rig.way);
        }
        assert_eq!(sum, 4 * (0..CONNECTIONS / 4).map(|number| number % 256).sum::<usize>(), "{}", rig.way);
        connectors.into_iter().for_each(|connector| connector.join().unwrap());
        assert!(rig.is_silent() && rig.proactor.cancel(id), "{}", rig.way);
        assert!(matches!(rig.next(), (_, false, Came::Ended(Err(_)))), "{}", rig.way);
    });
}
