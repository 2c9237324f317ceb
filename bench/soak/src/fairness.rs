//! Sources that are always ready, and a list with room for one event: each has its share.

use std::collections::VecDeque;
use std::io;

use ferrio_poll::{Events, Interest, Mode, Registry, Token};

use crate::lure::{KINDS, Lure};
use crate::setup::{MODES, PATIENCE, Setup};

/// How many sources there are.
const SOURCES: usize = 3;
/// How many polls each would have, and by how many it may have more or less.
const SHARE: u64 = 100;
const MARGIN: u64 = 20;

pub(crate) fn run(setup: &Setup) -> io::Result<String> {
    let (mut sets, mut lost, mut unfair, mut least) = (0, 0, 0, SHARE);
    while !setup.is_over() {
        let (kind, rest) = (sets % KINDS, sets / KINDS);
        let (mode, lag) = (MODES[rest % MODES.len()], rest / MODES.len() % SOURCES);
        let shares = shares(setup, kind, mode, lag)?;
        let is_unfair = shares.iter().any(|share| share.abs_diff(SHARE) > MARGIN);
        // Once for each set.
        if is_unfair && sets < KINDS * MODES.len() * SOURCES {
            eprintln!(
                "{mode:?}, kind {kind}, {lag} polls late: {shares:?} of {} polls",
                SHARE * SOURCES as u64
            );
        }
        lost += SHARE * SOURCES as u64 - shares.iter().sum::<u64>();
        unfair += u64::from(is_unfair);
        least = least.min(shares.into_iter().min().unwrap_or_default());
        sets += 1;
    }
    Ok(format!("sets={sets} least={least} lost={lost} unfair={unfair}"))
}

/// How many polls each source has. One that was reported is served `lag` polls later, as by
/// another thread.
fn shares(setup: &Setup, kind: usize, mode: Mode, lag: usize) -> io::Result<[u64; SOURCES]> {
    let mut poll = setup.poll()?;
    let mut events = Events::with_capacity(1);
    let mut lures = Vec::new();
    for place in 0..SOURCES {
        let mut lure = Lure::new(kind)?;
        lure.fire()?;
        poll.registry().register_with(lure.source(), Token(place), Interest::READABLE, mode)?;
        lures.push(lure);
    }
    let (mut shares, mut reported) = ([0; SOURCES], VecDeque::new());
    for _ in 0..SHARE * SOURCES as u64 {
        if poll.wait(&mut events, Some(PATIENCE))? == 0 {
            break;
        }
        let Token(place) = events[0].token();
        shares[place] += 1;
        reported.push_back(place);
        if reported.len() > lag {
            let place = reported.pop_front().expect("there is one");
            again(poll.registry(), &mut lures[place], Token(place), mode)?;
        }
    }
    Ok(shares)
}

/// Serves a source that was reported and is ready again at once.
fn again(registry: &Registry, lure: &mut Lure, token: Token, mode: Mode) -> io::Result<()> {
    match mode {
        Mode::Edge => {
            lure.drain()?;
            lure.fire()
        }
        Mode::Level => Ok(()),
        Mode::Oneshot => registry.reregister_with(lure.source(), token, Interest::READABLE, mode),
    }
}
