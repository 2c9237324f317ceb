//! A worker that arms a direction while the poller takes a packet and the peer sends, in every
//! order.

use loom::sync::{Arc, Mutex};
use loom::thread;

use super::fake::Fake;
use super::{Return, State};
use crate::interest::Interest;
use crate::mode::Mode;
use crate::sys::windows::event::Flags;
use crate::token::Token;

/// A slot and its kernel. Each has a lock of its own, as in the real one: the kernel ends an
/// operation whatever is locked here.
struct World<const OPS: usize> {
    state: Mutex<State<OPS>>,
    kernel: Mutex<Fake<OPS>>,
}

/// Reaches the kernel as an operation does.
struct Calls<'a, const OPS: usize>(&'a Mutex<Fake<OPS>>);

impl<const OPS: usize> super::Operations for Calls<'_, OPS> {
    fn start(&mut self, op: usize, conditions: Flags) -> std::io::Result<()> {
        self.0.lock().unwrap().start(op, conditions)
    }

    fn cancel(&mut self, op: usize) -> bool {
        self.0.lock().unwrap().cancel(op)
    }
}

impl<const OPS: usize> World<OPS> {
    /// One wait that does not sleep; true if there was an event.
    fn wait(&self, listed: &mut Vec<u32>) -> bool {
        for generation in listed.drain(..) {
            self.state.lock().unwrap().ask_listed(generation, &mut Calls(&self.kernel)).unwrap();
        }
        let mut is_event = false;
        while let Some((op, outcome)) = { self.kernel.lock().unwrap().port.pop_front() } {
            let mut state = self.state.lock().unwrap();
            is_event |= matches!(state.came_back(op, outcome), Return::Event(..));
            if state.list() {
                listed.push(state.generation());
            }
        }
        is_event
    }
}

/// The worker reads what there is and arms the direction, while the peer sends once more: what it
/// sent is an event, or the worker has read it.
fn nothing_is_lost<const OPS: usize>() {
    loom::model(|| {
        let mut kernel = Fake::<OPS>::new();
        kernel.raise(Flags::RECEIVE);
        let mut state = State::new();
        let want = Flags::asked_by(Interest::READABLE);
        state.open(Token(1), Interest::READABLE, Mode::Edge, want, &mut kernel).unwrap();
        let world = Arc::new(World { state: Mutex::new(state), kernel: Mutex::new(kernel) });
        let mut listed = Vec::new();
        assert!(world.wait(&mut listed));

        let worker = thread::spawn({
            let world = Arc::clone(&world);
            move || {
                world.kernel.lock().unwrap().conditions -= Flags::RECEIVE;
                // A read found nothing left.
                let is_empty = !world.kernel.lock().unwrap().conditions.contains(Flags::RECEIVE);
                if is_empty {
                    let mut calls = Calls(&world.kernel);
                    world.state.lock().unwrap().rearm(Interest::READABLE, &mut calls).unwrap();
                }
                is_empty
            }
        });
        let peer = thread::spawn({
            let world = Arc::clone(&world);
            move || world.kernel.lock().unwrap().raise(Flags::RECEIVE)
        });
        let mut is_event = world.wait(&mut listed);
        peer.join().unwrap();
        let was_armed = worker.join().unwrap();
        for _ in 0..3 {
            is_event |= world.wait(&mut listed);
        }
        let is_left = world.kernel.lock().unwrap().conditions.contains(Flags::RECEIVE);
        assert!(is_event || !is_left || !was_armed, "what the peer sent is lost");
    });
}

#[test]
fn loom_what_comes_while_a_worker_arms_is_an_event() {
    nothing_is_lost::<3>();
}

#[test]
fn loom_what_comes_while_a_worker_arms_with_one_operation_is_an_event() {
    nothing_is_lost::<1>();
}

/// The source is deregistered while the poller takes a packet: after that it is silent, and
/// its slot comes back once.
#[test]
fn loom_a_registration_that_ends_during_a_wait_is_silent_and_frees_its_slot_once() {
    loom::model(|| {
        let mut kernel = Fake::<3>::new();
        let mut state = State::new();
        let want = Flags::asked_by(Interest::READABLE);
        state.open(Token(1), Interest::READABLE, Mode::Edge, want, &mut kernel).unwrap();
        let world = Arc::new(World { state: Mutex::new(state), kernel: Mutex::new(kernel) });
        let peer = thread::spawn({
            let world = Arc::clone(&world);
            move || world.kernel.lock().unwrap().raise(Flags::RECEIVE)
        });
        let owner = thread::spawn({
            let world = Arc::clone(&world);
            move || world.state.lock().unwrap().close(&mut Calls(&world.kernel))
        });
        let mut listed = Vec::new();
        world.wait(&mut listed);
        peer.join().unwrap();
        let was_free_at_once = owner.join().unwrap();
        // From here on the registration is over.
        let mut freed = usize::from(was_free_at_once);
        while let Some((op, outcome)) = { world.kernel.lock().unwrap().port.pop_front() } {
            match world.state.lock().unwrap().came_back(op, outcome) {
                Return::Event(token, _) => panic!("{token:?} is stale"),
                Return::Freed => freed += 1,
                Return::Silent => {}
            }
        }
        assert!(freed <= 1 && !world.state.lock().unwrap().is_closing());
        assert!(world.kernel.lock().unwrap().is_idle());
    });
}
