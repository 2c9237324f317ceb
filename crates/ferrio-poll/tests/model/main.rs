//! Random sequences of what a user may do, judged by a model of the contract.
//!
//! A sequence opens, duplicates, registers, fills, drains and closes sockets and
//! polls in between. The [model](crate::model) says which tokens must, may and must
//! not be reported, with which flags, and which calls are refused. A failure prints
//! the shortest sequence that shows it. `PROPTEST_CASES` sets how many are tried. The
//! [wheel](crate::wheel) of timers, the [modes](crate::modes) and the
//! [channel](crate::channel) have sequences and models of their own, and the
//! [twins](crate::twins) compare the two backends.

mod channel;
mod file;
mod model;
mod modes;
mod operation;
mod registration;
mod twins;
mod wheel;
mod world;

use std::cell::RefCell;

use ferrio_poll::Backend;
use proptest::collection::vec;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::operation::Operation;
use crate::world::{Tally, World};

/// The longest sequence.
const LENGTH_MAX: usize = 60;

/// How many sequences each test tries unless the environment says.
const CASES: u32 = 1024;

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

/// How many sequences are tried, and that none is kept in a file.
pub(crate) fn config() -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    config
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
