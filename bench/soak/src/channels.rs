//! Several threads send to channels of each mode and bound. The messages of each come in
//! their order, every one of them, and none twice.

use std::io;
use std::sync::Arc;
use std::thread::{self, Scope};

use ferrio_poll::user::{Receiver, TryRecvError, channel, sync_channel};
use ferrio_poll::{Events, Interest, Mode, Poll, Token};

use crate::dice::Dice;
use crate::setup::{MODES, PATIENCE, Setup};

const CHANNEL: Token = Token(0);
/// How many threads send.
const SENDERS: usize = 3;
/// How many messages each of them has.
const MESSAGES: usize = 300;
/// How many messages a channel holds; 0 is without a bound.
const BOUNDS: [usize; 4] = [1, 2, 64, 0];

/// The number of a sender, and that of its message.
type Message = (usize, usize);

/// What came.
#[derive(Debug, Default)]
struct Tally {
    messages: u64,
    double: u64,
    lost: u64,
}

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    let mut poll = setup.poll()?;
    let (mut dice, mut tally, mut channels) = (Dice::new(0), Tally::default(), 0);
    while !setup.is_over() {
        let mode = MODES[channels % MODES.len()];
        let bound = BOUNDS[channels / MODES.len() % BOUNDS.len()];
        let mut events = Events::with_capacity(1 + dice.below(64));
        thread::scope(|scope| {
            let mut receiver = senders(scope, bound);
            poll.registry().register_with(&mut receiver, CHANNEL, Interest::READABLE, mode)?;
            // Its end ends those who still send.
            receive(&mut poll, &mut events, receiver, mode, &mut dice, &mut tally)
        })?;
        channels += 1;
    }
    let Tally { messages, double, lost } = tally;
    Ok(format!("channels={channels} messages={messages} double={double} lost={lost}"))
}

/// The receiver of a channel to which threads send.
fn senders<'scope>(scope: &'scope Scope<'scope, '_>, bound: usize) -> Receiver<Message> {
    let (send, receiver): (Arc<dyn Fn(Message) -> bool + Send + Sync>, _) = if bound == 0 {
        let (sender, receiver) = channel();
        (Arc::new(move |message| sender.send(message).is_ok()), receiver)
    } else {
        let (sender, receiver) = sync_channel(bound);
        (Arc::new(move |message| sender.send(message).is_ok()), receiver)
    };
    for sender in 0..SENDERS {
        let send = Arc::clone(&send);
        scope.spawn(move || (0..MESSAGES).all(|message| send((sender, message))));
    }
    receiver
}

/// Takes all messages, as the mode asks for it.
fn receive(
    poll: &mut Poll,
    events: &mut Events,
    mut receiver: Receiver<Message>,
    mode: Mode,
    dice: &mut Dice,
    tally: &mut Tally,
) -> io::Result<()> {
    let mut next = [0; SENDERS];
    // With a timeout and without one: the clock is another way through a wait.
    let timeout = (dice.below(2) == 0).then_some(PATIENCE);
    let end = 'open: loop {
        if poll.wait(events, timeout)? == 0 {
            break TryRecvError::Empty;
        }
        // What is left makes a level ready again, and nothing else.
        let most = if mode == Mode::Level { 1 + dice.below(4) } else { usize::MAX };
        for _ in 0..most {
            match receiver.try_recv() {
                Ok((sender, message)) => {
                    tally.messages += 1;
                    tally.double += u64::from(message < next[sender]);
                    tally.lost += message.saturating_sub(next[sender]) as u64;
                    next[sender] = next[sender].max(message + 1);
                }
                Err(TryRecvError::Empty) => break,
                Err(end) => break 'open end,
            }
        }
        if mode == Mode::Oneshot {
            poll.registry().reregister_with(&mut receiver, CHANNEL, Interest::READABLE, mode)?;
        }
    };
    tally.lost += u64::from(end == TryRecvError::Empty);
    tally.lost += next.iter().map(|next| (MESSAGES - next) as u64).sum::<u64>();
    Ok(())
}
