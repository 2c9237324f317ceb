//! Packets that are none of ours, and memory that the kernel has.

use std::os::windows::io::OwnedHandle;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::{FlightId, Landing, Memory, Operation, Owner, leaked};
use crate::sys::event;
use crate::sys::windows::CANDIDATES;
use crate::sys::windows::pipe::{self, Options};
use crate::sys::windows::port::{Key, Packet};
use crate::sys::windows::selector::{Scratch, Selector};

/// Counts what has landed.
#[derive(Debug, Default)]
struct Count(AtomicUsize);

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Owner for Count {
    fn landed(self: Arc<Count>, _: Landing) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn selector() -> Selector {
    Selector::new(CANDIDATES[0]).unwrap()
}

/// A pipe without a client, of a name that no other has.
fn server() -> Arc<OwnedHandle> {
    static NAMES: AtomicUsize = AtomicUsize::new(0);
    let number = NAMES.fetch_add(1, Ordering::Relaxed);
    let name = format!(r"\\.\pipe\ferrio-flight-{}-{number}", process::id());
    let options = Options {
        messages: false,
        instances: None,
        is_first: true,
        allows_remote: false,
        in_buffer: 0,
        out_buffer: 0,
        security: None,
    };
    Arc::new(pipe::create(name.as_ref(), &options).unwrap())
}

/// Waits for a client of `file`, with memory that is all the number 165.
fn start(selector: &Selector, file: &Arc<OwnedHandle>, count: &Arc<Count>) -> FlightId {
    let owner: Weak<Count> = Arc::downgrade(count);
    let mut memory = Memory::default();
    memory.bytes = vec![165; 64];
    selector.start(Operation::Connect, file, owner, memory).map_err(|(error, _)| error).unwrap()
}

/// Takes what is in the port, waiting for the first of it.
fn wait(selector: &Selector, timeout: Duration) {
    selector.wait(&mut Scratch::default(), &mut [event::EMPTY; 8], Some(timeout)).unwrap();
}

#[test]
fn a_packet_of_a_foreign_operation_frees_no_memory_of_ours() {
    let (selector, count) = (selector(), Arc::new(Count::default()));
    let files = [server(), server()];
    let ids = files.each_ref().map(|file| {
        selector.adopt(file).unwrap();
        start(&selector, file, &count)
    });
    // What an operation of others on such a file leaves: its address, which is even.
    for address in [0, 2, 4, 0x1000] {
        selector.shared.port.post(Packet::new(Key::Flight, address, 0)).unwrap();
    }
    wait(&selector, Duration::ZERO);
    assert_eq!((count.get(), selector.flights()), (0, (2, 0)), "they are still under way");
    for id in ids {
        selector.cancel(id);
    }
    while count.get() < 2 {
        wait(&selector, Duration::from_secs(5));
    }
    assert_eq!(selector.flights(), (2, 2));
}

#[test]
fn to_print_a_selector_reads_no_memory_that_the_kernel_has() {
    let (selector, count) = (selector(), Arc::new(Count::default()));
    let file = server();
    selector.adopt(&file).unwrap();
    start(&selector, &file, &count);
    let text = format!("{selector:?}");
    assert!(text.contains("Memory") && !text.contains("165"), "{text}");
}

#[test]
fn what_the_kernel_does_not_give_back_is_leaked_with_its_file() {
    let (selector, count, before) = (selector(), Arc::new(Count::default()), leaked());
    let file = server();
    // Its packet goes nowhere, for the file was not adopted.
    start(&selector, &file, &count);
    drop(selector);
    assert_eq!((leaked() - before, count.get()), (1, 0));
    assert_eq!(Arc::strong_count(&file), 2, "the file stays open");
}

#[test]
fn what_is_under_way_at_the_end_of_a_selector_is_given_back() {
    let (selector, count, before) = (selector(), Arc::new(Count::default()), leaked());
    let file = server();
    selector.adopt(&file).unwrap();
    start(&selector, &file, &count);
    drop(selector);
    assert_eq!((leaked() - before, count.get()), (0, 1));
    assert_eq!(Arc::strong_count(&file), 1);
}
