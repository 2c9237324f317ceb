use std::sync::atomic::AtomicBool;
use std::thread;

use super::*;

fn origin(pid: u32, uid: u32) -> Option<Origin> {
    Some(Origin::new(pid, uid))
}

/// A signal that was sent by `origin`, and brings a value that belongs to it.
fn sent(signal: i32, origin: Option<Origin>) -> Arrival {
    let value = origin.map_or(0, |origin| origin.uid as i32);
    Arrival { signal, origin, code: Some(-signal), datum: Some(Datum::Value(value)) }
}

/// `pack` and back.
fn packed(arrival: Arrival) -> Arrival {
    let (first, second) = pack(arrival);
    assert_ne!(first, 0);
    unpack(first, second)
}

#[test]
fn a_record_survives_its_words_at_all_ends() {
    let ends = [i32::MIN, -1, 0, 1, i32::MAX];
    for signal in [1, 2, 31, 34, 64] {
        for origin in [None, origin(0, 0), origin(1, u32::MAX), origin((1 << 22) - 1, 0), origin(4711, 1000)]
        {
            for (code, datum) in ends.iter().flat_map(|code| ends.iter().map(move |datum| (*code, *datum))) {
                for datum in [None, Some(Datum::Status(datum)), Some(Datum::Value(datum))] {
                    let arrival = Arrival { signal, origin, code: Some(code), datum };
                    assert_eq!(packed(arrival), arrival);
                }
            }
        }
    }
    // A number that does not fit is none, instead of another process.
    assert_eq!(
        packed(sent(15, origin(1 << 22, 1000))),
        Arrival { origin: None, ..sent(15, origin(1, 1000)) }
    );
}

#[test]
fn records_come_in_their_order_round_after_round() {
    let records = Records::<4>::new();
    assert_eq!(records.take(), None);
    for round in 0..10 {
        for n in 0..4 {
            records.put(sent(n + 1, origin(round, n as u32)));
        }
        for n in 0..4 {
            assert_eq!(records.take(), Some(sent(n + 1, origin(round, n as u32))));
        }
        assert_eq!(records.take(), None);
    }
}

#[test]
fn what_finds_no_place_keeps_its_number() {
    let records = Records::<2>::new();
    for signal in [10, 12, 1, 64, 1, 64, 33] {
        records.put(sent(signal, origin(7, 7)));
    }
    assert_eq!(records.take(), Some(sent(10, origin(7, 7))));
    // There is a place again, and it is used; what is in the set waits its turn.
    records.put(sent(5, origin(8, 8)));
    let rest: Vec<_> = std::iter::from_fn(|| records.take()).collect();
    let numbers = [1, 33, 64].map(Arrival::of_number);
    assert_eq!(rest[..2], [sent(12, origin(7, 7)), sent(5, origin(8, 8))]);
    assert_eq!(rest[2..], numbers);
}

#[test]
fn tickets_go_on_where_their_number_wraps_around() {
    let records = Records::<4>::new();
    records.head.store(usize::MAX - 1, Ordering::Relaxed);
    records.tail.store(usize::MAX - 1, Ordering::Relaxed);
    for signal in 1..=6 {
        records.put(sent(signal, None));
    }
    let taken: Vec<_> = std::iter::from_fn(|| records.take()).map(|arrival| arrival.signal).collect();
    assert_eq!(taken, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn many_writers_lose_no_number_and_mix_no_records() {
    let records = Records::<8>::new();
    let is_over = AtomicBool::new(false);
    let mut seen = [0_u32; 5];
    thread::scope(|scope| {
        let writers: Vec<_> = (1..=4)
            .map(|signal: i32| {
                let records = &records;
                scope.spawn(move || {
                    for n in 0..20_000 {
                        records.put(sent(signal, origin(signal as u32, n)));
                    }
                })
            })
            .collect();
        let waiting = scope.spawn(|| {
            for writer in writers {
                writer.join().unwrap();
            }
            is_over.store(true, Ordering::Release);
        });
        let mut last = [None; 5];
        loop {
            // Asked before it is emptied: what is there then is all there is.
            let was_over = is_over.load(Ordering::Acquire);
            while let Some(arrival) = records.take() {
                let signal = arrival.signal;
                seen[signal as usize] += 1;
                if let Some(Origin { pid, uid, .. }) = arrival.origin {
                    assert_eq!(arrival, sent(signal, origin(signal as u32, uid)));
                    assert_eq!(pid, signal as u32);
                    let before = last[signal as usize].replace(uid);
                    assert!(before < Some(uid), "{before:?} came before {uid}");
                }
            }
            if was_over {
                break;
            }
        }
        waiting.join().unwrap();
    });
    assert!(seen[1..].iter().all(|count| (1..=20_000).contains(count)), "{seen:?}");
}
