//! What other threads ask for.

use std::io::{ErrorKind, Read, Write};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use ferrio_poll::Token;
use ferrio_proactor::{Chunk, Completions, Config, Handle, Kind, OpId, Remote, is_cancelled, op};

use crate::harness::system::BAD_HANDLE;
use crate::harness::{Came, PATIENCE, Rig, on_each};

/// Sees that the next completion is the end of a cancelled operation with this token.
fn expect_cancelled(rig: &mut Rig, token: Token) {
    let (of, more, came) = rig.next();
    assert!(matches!(&came, Came::Ended(Err(error)) if is_cancelled(error)), "{}: {came:?}", rig.way);
    assert_eq!((of, more), (token, false), "{}", rig.way);
}

/// Does something by a remote in another thread, after a while.
fn later(remote: &Remote, act: impl FnOnce(&Remote) + Send + 'static) {
    let remote = remote.clone();
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(20));
        act(&remote);
    });
}

#[test]
fn what_other_threads_may_have_is_send_and_sync() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Chunk>();
    is_send_and_sync::<Handle>();
    is_send_and_sync::<OpId>();
    is_send_and_sync::<Remote>();
    is_send_and_sync::<op::Datagram>();
}

#[test]
fn a_wake_ends_a_wait_each_time() {
    on_each(|rig| {
        let remote = rig.proactor.remote().unwrap();
        for number in 0..3 {
            later(&remote, move |remote| remote.wake(Token(number)).unwrap());
            let (token, more, came) = rig.next();
            assert!(matches!(came, Came::Woken), "{came:?}");
            assert_eq!((token, more), (Token(number), false));
        }
        remote.wake(Token(7)).unwrap();
        remote.wake(Token(7)).unwrap();
        assert_eq!((rig.next().0, rig.next().0), (Token(7), Token(7)), "each is one");
        assert!(rig.is_silent(), "{}", rig.way);
    });
}

#[test]
fn a_letter_of_a_remote_that_is_gone_is_read() {
    on_each(|rig| {
        let remote = rig.proactor.remote().unwrap();
        remote.wake(Token(1)).unwrap();
        drop(remote);
        assert!(matches!(rig.next(), (Token(1), false, Came::Woken)), "{}", rig.way);

        // The last one goes while the proactor sleeps.
        let remote = rig.proactor.remote().unwrap();
        later(&remote, |remote| remote.wake(Token(2)).unwrap());
        drop(remote);
        assert!(matches!(rig.next(), (Token(2), false, Came::Woken)), "{}", rig.way);
    });
}

#[test]
fn operations_are_submitted_and_cancelled_from_another_thread() {
    on_each(|rig| {
        let (handle, mut peer) = rig.connection();
        let (other, _other_peer) = rig.connection();
        let remote = rig.proactor.remote().unwrap();
        later(&remote, move |remote| remote.submit(Token(1), op::RecvMany { handle }).unwrap());
        rig.poll(Duration::from_millis(100));
        peer.write_all(b"data").unwrap();
        let (token, more, came) = rig.next();
        assert!(matches!(&came, Came::Received(bytes) if bytes == b"data"), "{}: {came:?}", rig.way);
        assert_eq!((token, more), (Token(1), true));

        let id = rig.proactor.submit(Token(2), op::RecvMany { handle: other }).unwrap();
        later(&remote, move |remote| remote.cancel(id).unwrap());
        expect_cancelled(rig, Token(2));
        later(&remote, move |remote| remote.cancel_handle(handle).unwrap());
        expect_cancelled(rig, Token(1));

        rig.proactor.submit(Token(3), op::RecvMany { handle: other }).unwrap();
        rig.proactor.submit(Token(4), op::RecvMany { handle }).unwrap();
        later(&remote, |remote| remote.cancel_token(Token(4)).unwrap());
        expect_cancelled(rig, Token(4));
        assert!(rig.is_silent(), "{}: another was cancelled too", rig.way);
        peer.write_all(b"kept").unwrap();
        let id = rig.proactor.submit(Token(5), op::Recv::new(handle, Vec::with_capacity(8))).unwrap();
        assert_eq!(rig.done::<op::Recv<Vec<u8>>>(id).1.buf, b"kept");
    });
}

#[test]
fn what_is_not_accepted_is_told_by_a_completion() {
    on_each(|rig| {
        let (handle, _peer) = rig.connection();
        rig.proactor.close(handle);
        let remote = rig.proactor.remote().unwrap();
        later(&remote, move |remote| remote.submit(Token(1), op::Send::new(handle, "lost")).unwrap());
        let (token, more, came) = rig.next();
        let Came::Ended(Err(error)) = came else { panic!("{came:?}") };
        assert_eq!((token, more, error.raw_os_error()), (Token(1), false, Some(BAD_HANDLE)));
        // What names nothing does nothing.
        remote.cancel_handle(handle).unwrap();
        remote.cancel_token(Token(1)).unwrap();
        assert!(rig.is_silent(), "{}", rig.way);
    });
}

#[test]
fn no_letter_of_two_threads_is_lost() {
    const LETTERS: usize = 50_000;
    on_each(|rig| {
        let remote = rig.proactor.remote().unwrap();
        let start = Barrier::new(3);
        thread::scope(|scope| {
            for thread in 0..2 {
                let (remote, start) = (remote.clone(), &start);
                scope.spawn(move || {
                    start.wait();
                    for number in 0..LETTERS {
                        remote.wake(Token(2 * number + thread)).unwrap();
                        // So that the proactor falls asleep now and then.
                        if number % 1000 == 0 {
                            thread::sleep(Duration::from_millis(1));
                        }
                    }
                });
            }
            start.wait();
            let began = Instant::now();
            // Each thread's letters come in its order.
            let mut next = [0; 2];
            while next != [LETTERS; 2] {
                assert!(began.elapsed() < PATIENCE, "{}: {next:?} of {LETTERS}", rig.way);
                rig.poll(Duration::from_secs(5));
                while let Some(completion) = rig.completions.next() {
                    assert!(matches!(completion.kind, Kind::Woken));
                    let (thread, number) = (completion.token.0 % 2, completion.token.0 / 2);
                    assert_eq!(number, next[thread], "{}", rig.way);
                    next[thread] += 1;
                }
                assert!(rig.events.is_empty(), "{}: an event of a letter", rig.way);
            }
        });
        let most = rig.proactor.stats().letters_max;
        assert!((1..=2 * LETTERS).contains(&most), "{most}");
        assert!(rig.is_silent(), "{}", rig.way);
    });
}

#[test]
fn a_flood_of_letters_does_not_hold_up_completions() {
    const LETTERS: usize = 10_000;
    on_each(|rig| {
        for capacity in [1, 2, 64] {
            rig.completions = Completions::with_capacity(capacity);
            let (stale, _) = rig.connection();
            rig.proactor.close(stale);
            let (handle, mut peer) = rig.connection();
            let remote = rig.proactor.remote().unwrap();
            peer.write_all(b"data").unwrap();
            let id = rig.proactor.submit(Token(usize::MAX), op::RecvMany { handle }).unwrap();
            for number in 0..LETTERS {
                match number % 2 {
                    0 => remote.wake(Token(number)).unwrap(),
                    _ => remote.submit(Token(number), op::Send::new(stale, "refused")).unwrap(),
                }
            }
            let (mut polls, mut next, mut arrived_at) = (0, 0, None);
            while next < LETTERS || arrived_at.is_none() {
                // None of them sleeps.
                rig.poll(PATIENCE);
                polls += 1;
                assert!(rig.completions.len() <= capacity && !rig.completions.is_empty(), "{}", rig.way);
                while let Some(completion) = rig.completions.next() {
                    if completion.id == id {
                        arrived_at.get_or_insert(polls);
                    } else {
                        assert_eq!(completion.token, Token(next), "{}", rig.way);
                        next += 1;
                    }
                }
            }
            assert!(arrived_at <= Some(8), "{}, {capacity}: after {arrived_at:?} of {polls}", rig.way);
            assert!(rig.proactor.stats().completions_max <= 64, "{}: {:?}", rig.way, rig.proactor.stats());
            rig.proactor.close(handle);
            expect_cancelled(rig, Token(usize::MAX));
        }
    });
}

#[test]
fn the_most_letters_that_waited_are_counted() {
    on_each(|rig| {
        let remote = rig.proactor.remote().unwrap();
        (0..5).for_each(|number| remote.wake(Token(number)).unwrap());
        assert_eq!(rig.proactor.stats().letters_max, 5);
        (0..5).for_each(|number| assert_eq!(rig.next().0, Token(number)));
        remote.wake(Token(9)).unwrap();
        assert_eq!(rig.proactor.stats().letters_max, 5);
    });
}

#[test]
fn a_remote_outlives_its_proactor_and_says_so() {
    on_each(|rig| {
        let mut gone = Rig::open(rig.way, Config::default()).unwrap();
        let remote = gone.proactor.remote().unwrap();
        let (handle, mut peer) = gone.connection();
        // Nobody reads this one: its operation is dropped, and not done.
        remote.submit(Token(0), op::Send::new(handle, "unsent")).unwrap();
        drop(gone);
        let id = rig.proactor.submit(Token(0), op::Timeout::at(Instant::now())).unwrap();
        let errors = [
            remote.wake(Token(0)),
            remote.submit(Token(0), op::RecvMany { handle }),
            remote.cancel(id),
            remote.cancel_handle(handle),
            remote.cancel_token(Token(0)),
        ];
        for error in errors {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::BrokenPipe, "{}", rig.way);
        }
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"", "{}", rig.way);
    });
}
