//! Random sequences of operations, cancels, closes and actions of peers against a model, which
//! each driver has to obey alike.

mod asked;
mod connection;
mod expected;
mod world;

use std::cell::Cell;
use std::env;
use std::str::FromStr;
use std::time::Instant;

use ferrio_proactor::Config;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config as Cases, TestRunner};

use crate::harness::system::WAIT_COST;
use crate::harness::{Rig, setups};
use crate::model::expected::What;
use crate::model::world::{Ledger, World};

/// How many connections a sequence has at once.
const CONNECTIONS: usize = 4;

/// How many operations are submitted on all drivers together, if nobody asks for more.
const OPERATIONS: usize = 10_000;

/// Asks for more.
const VARIABLE: &str = "FERRIO_MODEL_OPERATIONS";

/// How many sequences are made at a time.
const SEQUENCES: u32 = 16;

/// One step. The number chooses the connection or the operation.
#[derive(Clone, Copy, Debug)]
enum Step {
    Submit(usize, What),
    Cancel(usize),
    Close(usize),
    Detach(usize),
    Open(usize),
    PeerWrites(usize, u16),
    PeerEnds(usize),
    /// Polls until all is quiet.
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    let number = any::<usize>;
    let submit = |n, what| Step::Submit(n, what);
    prop_oneof![
        3 => (number(), 1..2000_usize).prop_map(move |(n, len)| submit(n, What::Recv(len))),
        2 => number().prop_map(move |n| submit(n, What::RecvMany)),
        4 => (number(), 1..5000_usize).prop_map(move |(n, len)| submit(n, What::Send(len))),
        3 => number().prop_map(Step::Cancel),
        1 => number().prop_map(Step::Close),
        1 => number().prop_map(Step::Detach),
        2 => number().prop_map(Step::Open),
        4 => (number(), 1..5000_u16).prop_map(|(n, len)| Step::PeerWrites(n, len)),
        1 => number().prop_map(Step::PeerEnds),
        6 => number().prop_map(|_| Step::Settle),
    ]
}

fn run(rig: &mut Rig, steps: &[Step]) -> Ledger {
    let mut world = World::new(rig);
    steps.iter().for_each(|step| world.take(*step));
    world.finish()
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn every_operation_ends_once_as_the_model_says_and_alike_on_each_driver() {
    let start = Instant::now();
    let wanted = variable(VARIABLE).unwrap_or(OPERATIONS / WAIT_COST);
    let (accepted, asked, decided) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let add = |cell: &Cell<usize>, count| cell.set(cell.get() + count);
    let ways = setups();
    while accepted.get() < wanted {
        let config =
            Cases { cases: SEQUENCES, max_shrink_iters: 2000, failure_persistence: None, ..Cases::default() };
        let sequences = proptest::collection::vec(step(), 1..200);
        let result = TestRunner::new(config).run(&sequences, |steps| {
            let mut first: Option<Ledger> = None;
            for way in &ways {
                // Fewer places than a sequence needs of each.
                let config = Config { entries: 8, buffers: 8, buffer_len: 512, ..Config::default() };
                let ledger = run(&mut Rig::open(*way, config).unwrap(), &steps);
                add(&accepted, ledger.accepted);
                add(&asked, ledger.outcomes.len());
                add(&decided, ledger.outcomes.iter().flatten().count());
                let first = first.get_or_insert_with(|| ledger.clone());
                assert_eq!(*first, ledger, "{} and {way}", ways[0]);
            }
            Ok(())
        });
        result.unwrap();
    }
    let share = 100 * decided.get() / accepted.get();
    println!(
        "{} operations, {share} % of them decided by the model, in {:?}",
        accepted.get(),
        start.elapsed()
    );
    assert!(share > 50, "only {share} % of the operations were decided by their sequences");
}
