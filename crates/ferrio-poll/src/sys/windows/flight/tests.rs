//! Packets that are none of ours, and memory that the kernel has.

use std::os::windows::io::OwnedHandle;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use super::{Landing, Memory, Operation, Owner};
use crate::sys::windows::CANDIDATES;
use crate::sys::windows::pipe::{self, Options};
use crate::sys::windows::selector::Selector;

/// Counts what has landed.
#[derive(Debug, Default)]
struct Count(AtomicUsize);

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
fn start(selector: &Selector, file: &Arc<OwnedHandle>, count: &Arc<Count>) {
    let owner: Weak<Count> = Arc::downgrade(count);
    let mut memory = Memory::default();
    memory.bytes = vec![165; 64];
    selector.start(Operation::Connect, file, owner, memory).map_err(|(error, _)| error).unwrap();
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
