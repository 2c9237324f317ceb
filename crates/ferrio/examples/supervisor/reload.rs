//! What a new configuration changes, and how services are stopped.

use std::time::Instant;

use ferrio::Token;
use rustix::process::Signal;

use crate::config::Config;
use crate::service::Service;
use crate::supervisor::{Deadline, Supervisor, say};

impl Supervisor {
    /// Makes what runs what `config` says: starts what is new, stops what is gone, and starts
    /// anew what has changed. All others go on.
    pub(crate) fn apply(&mut self, mut config: Config) {
        for token in self.services.iter().map(|(token, _)| token).collect::<Vec<_>>() {
            let Some(service) = self.services.get_mut(token) else { continue };
            match config.remove(&service.name) {
                Some(command) if service.is_wanted && command == service.command => {}
                Some(command) => {
                    (service.command, service.is_wanted, service.is_restarted) = (command, true, true);
                    service.forget_delay();
                    self.stop(token);
                }
                None => {
                    service.is_wanted = false;
                    self.stop(token);
                }
            }
        }
        for (name, command) in config {
            let token = self.services.insert(Service::new(name, command));
            self.start(token);
        }
    }

    /// Asks a service to end. What is to become of it follows when it has.
    pub(crate) fn stop(&mut self, token: Token) {
        let Some(service) = self.services.get_mut(token) else { return };
        if service.running.is_none() {
            return self.follow(token);
        }
        service.signal(Signal::TERM);
        if service.deadline.is_none() {
            let until = Instant::now() + self.options.stop_max;
            service.deadline = Some(self.deadlines.insert(until, Deadline::Kill(token)));
        }
    }

    /// Decides what becomes of a service that does not run: it is forgotten, or started now or
    /// later.
    pub(crate) fn follow(&mut self, token: Token) {
        let Some(service) = self.services.get_mut(token) else { return };
        if let Some(key) = service.deadline.take() {
            self.deadlines.remove(key);
        }
        if !service.is_wanted || self.is_stopping {
            self.services.remove(token);
        } else if service.is_restarted {
            service.is_restarted = false;
            self.start(token);
        } else {
            let delay = service.back_off();
            say(&format!("{} starts again in {delay:?}", service.name));
            service.deadline = Some(self.deadlines.insert(Instant::now() + delay, Deadline::Start(token)));
        }
    }

    /// Starts a service; one that cannot be started is tried again later.
    pub(crate) fn start(&mut self, token: Token) {
        let Some(service) = self.services.get_mut(token) else { return };
        match service.start(self.poll.registry(), token) {
            Ok(pid) => say(&format!("{} started as {pid}", service.name)),
            Err(error) => {
                say(&format!("{} cannot be started: {error}", service.name));
                self.follow(token);
            }
        }
    }

    /// Stops everything; at the second time, at once.
    pub(crate) fn stop_all(&mut self) {
        let is_second = std::mem::replace(&mut self.is_stopping, true);
        for token in self.services.iter().map(|(token, _)| token).collect::<Vec<_>>() {
            self.stop(token);
            if let Some(service) = self.services.get(token).filter(|_| is_second) {
                service.signal(Signal::KILL);
            }
        }
    }
}
