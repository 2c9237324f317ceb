//! loom models of the records: every interleaving of handlers and the reader.

use loom::sync::Arc;
use loom::thread;

use super::Records;
use crate::sys::arrival::{Arrival, Datum, Origin};

/// A record whose parts all say which signal they belong to.
fn sent(signal: i32) -> Arrival {
    let origin = Some(Origin::new(signal as u32, signal as u32));
    Arrival { signal, origin, code: Some(-signal), datum: Some(Datum::Value(signal)) }
}

/// Takes what there is, once.
fn drain(records: &Records<2>, taken: &mut Vec<Arrival>) {
    while let Some(record) = records.take() {
        taken.push(record);
    }
}

/// Three records for two places: no number is lost, and no record is mixed of two.
#[test]
fn loom_no_number_is_lost_when_the_places_run_out() {
    loom::model(|| {
        let records = Arc::new(Records::<2>::new());
        let writers: Vec<_> = [(1, 2), (3, 0)]
            .into_iter()
            .map(|(first, second)| {
                let records = Arc::clone(&records);
                thread::spawn(move || {
                    records.put(sent(first));
                    if second != 0 {
                        records.put(sent(second));
                    }
                })
            })
            .collect();
        let mut taken = Vec::new();
        drain(&records, &mut taken);
        for writer in writers {
            writer.join().unwrap();
        }
        drain(&records, &mut taken);
        let mut signals: Vec<_> = taken.iter().map(|arrival| arrival.signal).collect();
        signals.sort_unstable();
        assert_eq!(signals, [1, 2, 3]);
        for arrival in taken {
            let signal = arrival.signal;
            assert!(arrival == Arrival::of_number(signal) || arrival == sent(signal), "{arrival:?}");
        }
    });
}

/// A place that was emptied serves the next record, whichever thread is faster.
#[test]
fn loom_a_place_is_used_again_only_once_it_is_empty() {
    loom::model(|| {
        let records = Arc::new(Records::<2>::new());
        records.put(sent(1));
        records.put(sent(2));
        let writer = {
            let records = Arc::clone(&records);
            thread::spawn(move || {
                records.put(sent(3));
                records.put(sent(4));
            })
        };
        let mut taken = Vec::new();
        drain(&records, &mut taken);
        writer.join().unwrap();
        drain(&records, &mut taken);
        let mut signals: Vec<_> = taken.iter().map(|arrival| arrival.signal).collect();
        assert_eq!(signals[..2], [1, 2]);
        signals.sort_unstable();
        assert_eq!(signals, [1, 2, 3, 4]);
    });
}
