//! Random sequences of what a user may do with sockets, on each backend of a Unix.

use std::cell::RefCell;

use ferrio_poll::Backend;
use proptest::collection::vec;
use proptest::test_runner::{TestCaseError, TestRunner};

use crate::config;
use crate::operation::{self, Operation};
use crate::world::{Tally, World};

/// The longest sequence.
const LENGTH_MAX: usize = 60;

#[test]
fn every_sequence_on_epoll_keeps_the_contract() {
    keeps_the_contract(Backend::Epoll);
}

#[test]
fn every_sequence_on_poll2_keeps_the_contract() {
    keeps_the_contract(Backend::Poll2);
}

fn keeps_the_contract(backend: Backend) {
    if !Backend::candidates().contains(&backend) {
        println!("SKIPPED: this build has no {backend:?}");
        return;
    }
    let tally = RefCell::new(Tally::default());
    let sequences = vec(operation::strategy(), 1..=LENGTH_MAX);
    let result = TestRunner::new(config()).run(&sequences, |operations| {
        let seen = run(backend, &operations).map_err(TestCaseError::fail)?;
        tally.borrow_mut().add(seen);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{backend:?}: {error}");
    }
    // Sequences in which nothing happens would prove nothing.
    let tally = tally.into_inner();
    println!("{backend:?}: {tally:?}");
    assert!(tally.is_full(), "{backend:?}: {tally:?}");
}

/// Does all of `operations` on a new Poll.
fn run(backend: Backend, operations: &[Operation]) -> Result<Tally, String> {
    let mut world = World::new(backend);
    for (step, operation) in operations.iter().enumerate() {
        world.run(*operation).map_err(|error| format!("step {step}, {operation:?}: {error}"))?;
    }
    world.settle()?;
    Ok(world.tally())
}
