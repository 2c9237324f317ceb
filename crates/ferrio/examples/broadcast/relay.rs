//! From one client to all others, and who waits for whom under `--slow pause`.
//!
//! A line goes to all others at once or to none. If it does not fit into the queue of one of
//! them, its sender is *held up* by that one: nothing is read of it until the other has taken a
//! line, or is closed because it took none in time.

use std::mem;
use std::time::Instant;

use ferrio::Token;

use crate::client::{Client, Line};
use crate::options::Slow;
use crate::server::{Deadline, Server};

impl Server {
    /// Queues what `sender` sent for all other clients.
    pub(crate) fn relay(&mut self, sender: Token) {
        let Some(client) = self.clients.get_mut(sender) else { return };
        if client.held_up_by.is_some() || client.sent_lines.is_empty() {
            return;
        }
        let mut lines = mem::take(&mut client.sent_lines);
        let (count, full) = self.room_for(sender, &lines);
        self.statistics.lines += count as u64;
        for (token, client) in self.clients.iter_mut().filter(|(token, _)| *token != sender) {
            for line in &lines[..count] {
                client.push(line, &self.options, &mut self.statistics);
            }
            self.ready.push(token);
        }
        if let Some(slow) = full {
            lines.drain(..count);
            self.hold_up(sender, lines, slow);
        }
    }

    /// How many of `lines` may be relayed now, and the client that has no room for more.
    fn room_for(&mut self, sender: Token, lines: &[Line]) -> (usize, Option<Token>) {
        let (mut count, mut full) = (lines.len(), None);
        // At the end there is no later: what was read goes beyond the limit.
        if self.options.slow == Slow::Pause && self.drain_until.is_none() {
            for (token, client) in self.clients.iter_mut().filter(|(token, _)| *token != sender) {
                let room = client.room_for(&lines[..count], &self.options, &mut self.statistics);
                if room < count {
                    (count, full) = (room, Some(token));
                }
            }
        }
        (count, full)
    }

    /// Has `sender` wait with `lines` until `slow` has room.
    fn hold_up(&mut self, sender: Token, lines: Vec<Line>, slow: Token) {
        let Some((sender_client, slow_client)) = self.clients.get_two_mut(sender, slow) else { return };
        sender_client.sent_lines = lines;
        sender_client.held_up_by = Some(slow);
        slow_client.hold_up(sender);
        let until = Instant::now() + self.options.pause_max;
        slow_client.hold.get_or_insert_with(|| self.deadlines.insert(until, Deadline::Hold(slow)));
        self.statistics.held += 1;
    }

    /// Gives the clients that wait for `slow` a turn, if it has taken a line.
    pub(crate) fn let_others_go_on(&mut self, slow: Token) {
        let Some(client) = self.clients.get_mut(slow) else { return };
        let waiting = client.release();
        if !waiting.is_empty() {
            client.hold.take().and_then(|key| self.deadlines.remove(key));
            self.go_on(&waiting);
        }
    }

    fn go_on(&mut self, waiting: &[Token]) {
        for token in waiting {
            if let Some(client) = self.clients.get_mut(*token) {
                client.held_up_by = None;
                self.ready.push(*token);
            }
        }
    }

    /// Ends all waiting for `client`, and its own: it is closed.
    pub(crate) fn forget(&mut self, token: Token, client: &Client) {
        client.hold.and_then(|key| self.deadlines.remove(key));
        self.go_on(&client.holds_up);
        let Some(slow) = client.held_up_by.and_then(|slow| self.clients.get_mut(slow)) else { return };
        slow.holds_up.retain(|waiting| *waiting != token);
        if slow.holds_up.is_empty() {
            slow.hold.take().and_then(|key| self.deadlines.remove(key));
        }
    }

    /// Relays all that still waits for slow clients.
    pub(crate) fn relay_all(&mut self) {
        for token in self.clients.iter().map(|(token, _)| token).collect::<Vec<_>>() {
            let Some(client) = self.clients.get_mut(token) else { continue };
            client.held_up_by = None;
            client.holds_up.clear();
            client.hold.take().and_then(|key| self.deadlines.remove(key));
            self.relay(token);
        }
    }
}
