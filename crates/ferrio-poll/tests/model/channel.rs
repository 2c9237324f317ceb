//! Random sequences on a channel, judged by a queue.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use ferrio_poll::user::{self, Receiver, Room, SyncSender, TryRecvError, TrySendError};
use ferrio_poll::{Backend, Events, Interest, Mode, Poll, Token};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{TestCaseError, TestRunner};

const LENGTH_MAX: usize = 60;

const RECEIVER: Token = Token(1);
const ROOM: Token = Token(2);

#[derive(Copy, Clone, Debug)]
enum Operation {
    Send,
    /// Takes at most so many messages.
    Receive(usize),
    DropSender,
    CloneSender,
    Register(bool),
    Deregister,
    /// Makes a room, registered, in place of the one there was.
    MakeRoom,
    DropRoom,
    Poll,
}

#[derive(Copy, Clone, Debug, Default)]
struct Tally {
    received: usize,
    full: usize,
    closed: usize,
    events: usize,
    rooms: usize,
}

#[test]
fn every_sequence_on_a_channel_is_that_of_a_queue() {
    for backend in Backend::candidates() {
        let tally = RefCell::new(Tally::default());
        let sequences = (1..6_usize, vec(strategy(), 1..=LENGTH_MAX));
        let result = TestRunner::new(crate::config()).run(&sequences, |(bound, operations)| {
            run(*backend, bound, &operations, &mut tally.borrow_mut()).map_err(TestCaseError::fail)
        });
        if let Err(error) = result {
            panic!("{backend:?}: {error}");
        }
        let tally = tally.into_inner();
        println!("{backend:?}: {tally:?}");
        let Tally { received, full, closed, events, rooms } = tally;
        assert!([received, full, closed, events, rooms].iter().all(|count| *count > 0), "{tally:?}");
    }
}

fn strategy() -> impl Strategy<Value = Operation> {
    prop_oneof![
        8 => Just(Operation::Send),
        6 => (0..8_usize).prop_map(Operation::Receive),
        1 => Just(Operation::DropSender),
        1 => Just(Operation::CloneSender),
        3 => any::<bool>().prop_map(Operation::Register),
        1 => Just(Operation::Deregister),
        1 => Just(Operation::MakeRoom),
        1 => Just(Operation::DropRoom),
        6 => Just(Operation::Poll),
    ]
}

/// A channel and a queue that should agree with it.
struct World {
    poll: Poll,
    events: Events,
    senders: Vec<SyncSender<usize>>,
    receiver: Receiver<usize>,
    bound: usize,
    queue: VecDeque<usize>,
    /// The next message.
    next: usize,
    mode: Option<Mode>,
    /// An event must come: something is there that the loop was not told of since it last
    /// found the receiver empty, or since the registration.
    is_due: bool,
    room: Option<Room>,
    /// The channel was found full since the room was last told.
    is_wanted: bool,
    /// The room was told, and that was not reported yet.
    is_room_due: bool,
}

fn run(backend: Backend, bound: usize, operations: &[Operation], tally: &mut Tally) -> Result<(), String> {
    let (sender, receiver) = user::sync_channel(bound);
    let mut world = World {
        poll: Poll::builder().backend(backend).build().unwrap(),
        events: Events::with_capacity(4),
        senders: vec![sender],
        receiver,
        bound,
        queue: VecDeque::new(),
        next: 0,
        mode: None,
        is_due: false,
        room: None,
        is_wanted: false,
        is_room_due: false,
    };
    for (step, operation) in operations.iter().enumerate() {
        world.run(*operation, tally).map_err(|error| format!("step {step}, {operation:?}: {error}"))?;
    }
    Ok(())
}

impl World {
    fn run(&mut self, operation: Operation, tally: &mut Tally) -> Result<(), String> {
        match operation {
            Operation::Send => self.send(tally)?,
            Operation::Receive(limit) => {
                for _ in 0..limit {
                    self.receive(tally)?;
                }
            }
            Operation::DropSender => {
                self.is_due |= self.senders.pop().is_some() && self.senders.is_empty();
            }
            Operation::CloneSender => self.senders.extend(self.senders.last().cloned()),
            Operation::Register(level) => self.register(if level { Mode::Level } else { Mode::Edge })?,
            Operation::Deregister if self.mode.is_some() => {
                let result = self.poll.registry().deregister(&mut self.receiver);
                result.map_err(|error| error.to_string())?;
                self.mode = None;
            }
            Operation::Deregister => {}
            Operation::MakeRoom => self.make_room()?,
            Operation::DropRoom => (self.room, self.is_wanted) = (None, false),
            Operation::Poll => self.poll(tally)?,
        }
        Ok(())
    }

    /// True if a reader would find a message, or the end.
    fn has_something(&self) -> bool {
        !self.queue.is_empty() || self.senders.is_empty()
    }

    fn send(&mut self, tally: &mut Tally) -> Result<(), String> {
        let Some(sender) = self.senders.last() else { return Ok(()) };
        match sender.try_send(self.next) {
            Ok(()) if self.queue.len() < self.bound => {
                self.is_due |= self.queue.is_empty();
                self.queue.push_back(self.next);
            }
            Err(TrySendError::Full(message)) if message == self.next && self.queue.len() == self.bound => {
                tally.full += 1;
                (self.is_wanted, self.is_room_due) = (self.room.is_some(), false);
            }
            result => return Err(format!("{result:?} with {} of {}", self.queue.len(), self.bound)),
        }
        self.next += 1;
        Ok(())
    }

    fn receive(&mut self, tally: &mut Tally) -> Result<(), String> {
        let expected = match self.queue.pop_front() {
            Some(message) => Ok(message),
            None if self.senders.is_empty() => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        };
        let seen = self.receiver.try_recv();
        if seen != expected {
            return Err(format!("{seen:?} instead of {expected:?}"));
        }
        match seen {
            Ok(_) => {
                tally.received += 1;
                self.is_room_due |= mem::take(&mut self.is_wanted);
            }
            Err(TryRecvError::Empty) => self.is_due = false,
            Err(TryRecvError::Disconnected) => tally.closed += 1,
        }
        Ok(())
    }

    fn make_room(&mut self) -> Result<(), String> {
        let Some(sender) = self.senders.last() else { return Ok(()) };
        let mut room = sender.room();
        let result = self.poll.registry().register(&mut room, ROOM, Interest::WRITABLE);
        // What the former one waited for this one is told, too.
        self.is_room_due = true;
        self.room = Some(room);
        result.map_err(|error| error.to_string())
    }

    fn register(&mut self, mode: Mode) -> Result<(), String> {
        let (registry, receiver) = (self.poll.registry(), &mut self.receiver);
        let result = match self.mode {
            None => registry.register_with(receiver, RECEIVER, Interest::READABLE, mode),
            Some(_) => registry.reregister_with(receiver, RECEIVER, Interest::READABLE, mode),
        };
        self.mode = Some(mode);
        self.is_due |= self.has_something();
        result.map_err(|error| error.to_string())
    }

    fn poll(&mut self, tally: &mut Tally) -> Result<(), String> {
        self.poll.poll(&mut self.events, Some(Duration::ZERO)).map_err(|error| error.to_string())?;
        let must = match self.mode {
            None => false,
            Some(Mode::Level) => self.has_something(),
            Some(_) => self.is_due && self.has_something(),
        };
        let room_count = self.events.iter().filter(|event| event.token() == ROOM).count();
        let count = self.events.len() - room_count;
        if room_count != usize::from(self.is_room_due && self.room.is_some()) {
            return Err(format!("{:?}, room due: {}", self.events, self.is_room_due));
        }
        if room_count > 0 {
            self.is_room_due = false;
            tally.rooms += 1;
        }
        if (must && count == 0) || (self.mode.is_none() && count > 0) || count > 1 {
            let Self { events, mode, is_due, queue, .. } = self;
            return Err(format!("{events:?} in {mode:?}, due: {is_due}, queue: {queue:?}"));
        }
        tally.events += count;
        self.is_due &= count == 0;
        Ok(())
    }
}
