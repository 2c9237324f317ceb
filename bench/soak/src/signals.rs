//! Another process sends real-time signals, fewer at a time than are kept. Each of them is
//! reported, and none twice.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use ferrio_poll::signal::{Signals, real_time};
use ferrio_poll::{Events, Interest, Mode, Poll, Token};

use crate::dice::Dice;
use crate::setup::{MODES, PATIENCE, Setup};

const SIGNALS: Token = Token(0);

/// Sends the signals that a line of its input names, and answers by a line after that.
const SENDER: &str = "\
while read -r signals; do
    for signal in $signals; do kill -$signal $PPID || exit 1; done
    echo
done";

/// How many signals there are, and how often at most they come before the sender waits:
/// no more than the 64 that are kept.
const NUMBERS: usize = 3;
const ROUNDS: usize = 20;

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    let mut poll = setup.poll()?;
    let numbers: Vec<i32> = real_time().take(NUMBERS).collect();
    let mut signals = Signals::new(numbers.iter().copied())?;
    poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
    let mut command = Command::new("sh");
    command.args(["-c", SENDER]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut sender = command.spawn()?;
    let missing = || io::Error::other("a pipe of the sender is missing");
    let mut orders = sender.stdin.take().ok_or_else(missing)?;
    let mut answers = BufReader::new(sender.stdout.take().ok_or_else(missing)?).lines();
    let (mut dice, mut sent, mut double, mut lost) = (Dice::new(0), 0, 0, 0);
    while !setup.is_over() {
        let rounds = 1 + dice.below(ROUNDS);
        let mode = MODES[dice.below(MODES.len())];
        poll.registry().reregister_with(&mut signals, SIGNALS, Interest::READABLE, mode)?;
        let round: String = numbers.iter().map(|number| format!("{number} ")).collect();
        writeln!(orders, "{}", round.repeat(rounds))?;
        let mut left = [rounds as i64; NUMBERS];
        take(&mut poll, &mut signals, mode, |number| {
            if let Some(place) = numbers.iter().position(|known| *known == number) {
                left[place] -= 1;
            }
            left.iter().any(|left| *left > 0)
        })?;
        answers.next().ok_or_else(|| io::Error::other("the sender is gone"))??;
        // All have been sent: whatever comes now comes twice.
        while signals.take().is_some() {
            double += 1;
        }
        sent += rounds * NUMBERS;
        lost += left.iter().filter(|left| **left > 0).sum::<i64>() as u64;
        double += left.iter().filter(|left| **left < 0).map(|left| left.unsigned_abs()).sum::<u64>();
    }
    drop(orders);
    sender.wait()?;
    Ok(format!("signals={sent} double={double} lost={lost}"))
}

/// Takes signals until `enter` says that it was the last one, or nothing comes.
fn take(
    poll: &mut Poll,
    signals: &mut Signals,
    mode: Mode,
    mut enter: impl FnMut(i32) -> bool,
) -> io::Result<()> {
    let mut events = Events::with_capacity(1);
    let mut is_open = true;
    while is_open && poll.wait(&mut events, Some(PATIENCE))? > 0 {
        while let Some(received) = signals.take() {
            is_open = enter(received.signal());
        }
        if mode == Mode::Oneshot {
            poll.registry().reregister_with(signals, SIGNALS, Interest::READABLE, mode)?;
        }
    }
    Ok(())
}
