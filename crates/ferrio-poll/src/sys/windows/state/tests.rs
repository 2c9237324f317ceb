//! The state of a registration against a model, in any order of what can happen to it.

use proptest::prelude::*;

use super::fake::Fake;
use super::world::{Step, run};
use super::{Outcome, Return, State};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::windows::event::Flags;
use crate::token::Token;

fn conditions() -> impl Strategy<Value = Flags> {
    let each = [Flags::RECEIVE, Flags::SEND, Flags::DISCONNECT, Flags::ABORT, Flags::CONNECT_FAIL];
    let more = [Flags::ACCEPT, Flags::RECEIVE_EXPEDITED, Flags::RECEIVE | Flags::SEND];
    prop::sample::select([each.as_slice(), &more].concat())
}

fn interests() -> impl Strategy<Value = Interest> {
    let both = Interest::READABLE | Interest::WRITABLE;
    prop::sample::select(vec![
        Interest::READABLE,
        Interest::WRITABLE,
        both,
        Interest::HANGUP,
        both | Interest::PRIORITY,
    ])
}

fn modes() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![Mode::Edge, Mode::Level, Mode::Oneshot])
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let registration = || (interests(), modes());
    let step = prop_oneof![
        4 => registration().prop_map(|(interest, mode)| Step::Register { interest, mode }),
        3 => registration().prop_map(|(interest, mode)| Step::Reregister { interest, mode }),
        6 => interests().prop_map(Step::Rearm),
        2 => Just(Step::Deregister),
        6 => conditions().prop_map(Step::Raise),
        4 => conditions().prop_map(Step::Clear),
        6 => (0..4_usize).prop_map(Step::Wait),
        1 => (0..3_usize).prop_map(Step::TakePlace),
        1 => (0..3_usize).prop_map(Step::Fail),
        1 => any::<bool>().prop_map(Step::Refuse),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_steps_reports_what_is_true_and_nothing_else(steps in steps()) {
        run::<3>(&steps);
    }

    #[test]
    fn the_same_holds_with_one_operation_which_has_to_be_cancelled(steps in steps()) {
        run::<1>(&steps);
    }
}

#[test]
fn what_would_block_arms_its_own_direction_anew() {
    let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
    let start = [Step::Register { interest, mode: Mode::Edge }];
    for (direction, condition) in [
        (Interest::WRITABLE, Flags::SEND),
        (Interest::READABLE, Flags::RECEIVE),
        (Interest::READABLE, Flags::ACCEPT),
        (Interest::READABLE, Flags::RECEIVE_EXPEDITED),
    ] {
        let told = [Step::Raise(condition), Step::Wait(3), Step::Clear(condition)];
        let again = [Step::Rearm(direction), Step::Wait(3), Step::Raise(condition)];
        run::<3>(&[&start[..], &told, &again].concat());
        run::<1>(&[&start[..], &told, &again].concat());
    }
}

#[test]
fn an_end_is_told_once_however_often_a_read_would_block() {
    for end in [Flags::DISCONNECT, Flags::ABORT] {
        let start = [Step::Register { interest: Interest::READABLE, mode: Mode::Edge }, Step::Raise(end)];
        let again = [Step::Wait(3), Step::Rearm(Interest::READABLE), Step::Wait(3)];
        run::<3>(&[&start[..], &again, &again].concat());
        run::<1>(&[&start[..], &again, &again].concat());
    }
}

#[test]
fn after_a_failure_an_operation_that_would_block_arms_all() {
    for direction in [Interest::READABLE, Interest::WRITABLE] {
        let interest = Interest::READABLE | Interest::WRITABLE;
        let failure = [Step::Register { interest, mode: Mode::Edge }, Step::Fail(0), Step::Wait(3)];
        let end = [Step::Rearm(direction), Step::Wait(3), Step::Raise(Flags::DISCONNECT)];
        run::<3>(&[&failure[..], &end].concat());
    }
}

/// A registration for both directions whose room was reported.
fn connected<const OPS: usize>() -> (State<OPS>, Fake<OPS>) {
    let (mut state, mut kernel) = (State::new(), Fake::new());
    let both = Interest::READABLE | Interest::WRITABLE;
    kernel.raise(Flags::SEND);
    state.open(Token(1), both, Mode::Edge, Flags::asked_by(both), &mut kernel).unwrap();
    let (op, outcome) = kernel.port.pop_front().unwrap();
    assert!(matches!(state.came_back(op, outcome), Return::Event(Token(1), _)));
    assert!(state.list());
    state.ask_listed(state.generation(), &mut kernel).unwrap();
    (state, kernel)
}

/// A message after another, each read by a worker until nothing is left while the poller
/// sleeps; how many polls and cancels each took.
fn costs_per_message<const OPS: usize>() -> (f64, f64) {
    let (mut state, mut kernel) = connected::<OPS>();
    let (started, cancelled) = (kernel.started, kernel.cancelled);
    for _ in 0..100 {
        kernel.raise(Flags::RECEIVE);
        while let Some((op, outcome)) = kernel.port.pop_front() {
            state.came_back(op, outcome);
            if state.list() {
                state.ask_listed(state.generation(), &mut kernel).unwrap();
            }
        }
        kernel.conditions -= Flags::RECEIVE;
        state.rearm(Interest::READABLE, &mut kernel).unwrap();
        while let Some((op, outcome)) = kernel.port.pop_front() {
            state.came_back(op, outcome);
            state.list();
            state.ask_listed(state.generation(), &mut kernel).unwrap();
        }
    }
    ((kernel.started - started) as f64 / 100.0, (kernel.cancelled - cancelled) as f64 / 100.0)
}

#[test]
fn a_message_costs_one_poll_and_no_cancel() {
    let (polls, cancels) = costs_per_message::<3>();
    assert!(polls <= 1.05 && cancels == 0.0, "{polls} polls, {cancels} cancels");
    // That is what several operations are for.
    let (polls, cancels) = costs_per_message::<1>();
    assert!(polls > 1.5 && cancels > 0.5, "{polls} polls, {cancels} cancels");
}

#[test]
fn an_entry_of_a_former_registration_asks_for_nothing() {
    let (mut state, mut kernel) = connected::<3>();
    kernel.raise(Flags::RECEIVE);
    let (op, outcome) = kernel.port.pop_front().unwrap();
    state.came_back(op, outcome);
    assert!(state.list());
    let former = state.generation();
    state.close(&mut kernel);
    while let Some((op, outcome)) = kernel.port.pop_front() {
        state.came_back(op, outcome);
    }
    let want = Flags::asked_by(Interest::READABLE);
    state.open(Token(2), Interest::READABLE, Mode::Level, want, &mut kernel).unwrap();
    let (op, outcome) = kernel.port.pop_front().unwrap();
    assert!(matches!(state.came_back(op, outcome), Return::Event(Token(2), _)));
    assert!(state.list(), "the list has no entry of this registration");
    let started = kernel.started;
    state.ask_listed(former, &mut kernel).unwrap();
    assert_eq!(kernel.started, started);
}

#[test]
fn a_poll_that_fails_by_itself_is_an_event_and_is_not_begun_anew() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        let (mut state, mut kernel) = (State::<3>::new(), Fake::<3>::new());
        let want = Flags::asked_by(Interest::READABLE);
        state.open(Token(1), Interest::READABLE, mode, want, &mut kernel).unwrap();
        kernel.end(0, Outcome::Failed);
        let (op, outcome) = kernel.port.pop_front().unwrap();
        let Return::Event(Token(1), flags) = state.came_back(op, outcome) else { panic!("no event") };
        assert!(flags.contains(Flags::CONNECT_FAIL | Flags::READABLE));
        assert!(!state.list(), "it would fail again, and again");
        // The user acts, and it is tried once more.
        state.set(Token(1), Interest::READABLE, mode, want, &mut kernel).unwrap();
        assert_eq!(kernel.started, 2);
    }
}

#[test]
fn a_socket_that_was_closed_behind_its_registration_is_silent() {
    let (mut state, mut kernel) = connected::<3>();
    kernel.raise(Flags::LOCAL_CLOSE | Flags::RECEIVE);
    while let Some((op, outcome)) = kernel.port.pop_front() {
        assert_eq!(state.came_back(op, outcome), Return::Silent);
        assert!(!state.list());
    }
    state.rearm(Interest::READABLE, &mut kernel).unwrap();
    assert!(kernel.is_idle() && !state.is_live());
    assert!(state.close(&mut kernel), "nothing of it is under way");
}
