//! loom models of the records: every interleaving of handlers and the reader.

use loom::sync::Arc;
use loom::thread;

use super::Records;
use crate::sys::signal::Origin;

fn origin(pid: u32) -> Option<Origin> {
    Some(Origin::new(pid, pid))
}

/// Takes what there is, once.
fn drain(records: &Records<2>, taken: &mut Vec<(i32, Option<Origin>)>) {
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
                    records.put(first, origin(first as u32));
                    if second != 0 {
                        records.put(second, origin(second as u32));
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
        let mut signals: Vec<_> = taken.iter().map(|(signal, _)| *signal).collect();
        signals.sort_unstable();
        assert_eq!(signals, [1, 2, 3]);
        for (signal, sender) in taken {
            assert!(sender.is_none() || sender == origin(signal as u32));
        }
    });
}

/// A place that was emptied serves the next record, whichever thread is faster.
#[test]
fn loom_a_place_is_used_again_only_once_it_is_empty() {
    loom::model(|| {
        let records = Arc::new(Records::<2>::new());
        records.put(1, origin(1));
        records.put(2, origin(2));
        let writer = {
            let records = Arc::clone(&records);
            thread::spawn(move || {
                records.put(3, origin(3));
                records.put(4, origin(4));
            })
        };
        let mut taken = Vec::new();
        drain(&records, &mut taken);
        writer.join().unwrap();
        drain(&records, &mut taken);
        let mut signals: Vec<_> = taken.iter().map(|(signal, _)| *signal).collect();
        assert_eq!(signals[..2], [1, 2]);
        signals.sort_unstable();
        assert_eq!(signals, [1, 2, 3, 4]);
    });
}
