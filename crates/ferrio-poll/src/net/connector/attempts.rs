//! The attempts of a connector.

use std::io;
use std::net::SocketAddr;

/// What is being connected, and what has failed.
#[derive(Debug)]
pub(super) struct Attempts<S> {
    /// What is under way.
    running: Vec<(SocketAddr, S)>,
    /// What has failed, and how.
    failures: Vec<(SocketAddr, io::Error)>,
}

impl<S> Attempts<S> {
    /// None yet.
    pub(super) fn new() -> Attempts<S> {
        Attempts { running: Vec::new(), failures: Vec::new() }
    }

    /// Takes an attempt that was begun, or has failed to begin; false if it has failed.
    pub(super) fn add(&mut self, address: SocketAddr, attempt: io::Result<S>) -> bool {
        match attempt {
            Ok(stream) => {
                self.running.push((address, stream));
                true
            }
            Err(error) => {
                self.failures.push((address, error));
                false
            }
        }
    }

    /// Has `change` change each attempt that is under way. One for which that fails is closed, so
    /// that nothing of it is left half done, and has failed by that error. Returns how many did.
    pub(super) fn change(&mut self, mut change: impl FnMut(&mut S) -> io::Result<()>) -> usize {
        let before = self.running.len();
        let failures = &mut self.failures;
        self.running.retain_mut(|(address, stream)| {
            change(stream).map_err(|error| failures.push((*address, error))).is_ok()
        });
        before - self.running.len()
    }

    /// Takes the first attempt that is connected, as `is_connected` says, which fails for one that
    /// never will be. Returns it, and how many have failed before it.
    pub(super) fn look(&mut self, is_connected: impl Fn(&S) -> io::Result<bool>) -> (Option<S>, usize) {
        let (mut index, mut failed) = (0, 0);
        while let Some((address, stream)) = self.running.get(index) {
            match is_connected(stream) {
                Ok(false) => index += 1,
                Ok(true) => return (Some(self.running.remove(index).1), failed),
                Err(error) => {
                    self.failures.push((*address, error));
                    self.running.remove(index);
                    failed += 1;
                }
            }
        }
        (None, failed)
    }

    /// Closes what is under way, which ends its registrations.
    pub(super) fn close(&mut self) {
        self.running.clear();
    }

    /// The addresses that have not answered.
    pub(super) fn silent(&self) -> impl Iterator<Item = SocketAddr> {
        self.running.iter().map(|(address, _)| *address)
    }

    /// What has failed, and how.
    pub(super) fn failures(&self) -> &[(SocketAddr, io::Error)] {
        &self.failures
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind::{self, AddrNotAvailable, OutOfMemory};

    use super::*;

    fn address(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    #[test]
    fn an_attempt_that_cannot_be_changed_is_closed_and_the_others_are_changed() {
        let mut attempts = Attempts::new();
        for port in 1..=4 {
            assert!(attempts.add(address(port), Ok(vec![port])));
        }
        assert!(!attempts.add(address(5), Err(AddrNotAvailable.into())));
        let registered = attempts.change(|stream| match stream[0] {
            2 | 4 => Err(OutOfMemory.into()),
            _ => {
                stream.push(0);
                Ok(())
            }
        });
        assert_eq!(registered, 2);
        assert_eq!(attempts.running, [(address(1), vec![1, 0]), (address(3), vec![3, 0])]);
        let failures: Vec<_> =
            attempts.failures().iter().map(|(address, error)| (address.port(), error.kind())).collect();
        assert_eq!(failures, [(5, AddrNotAvailable), (2, OutOfMemory), (4, OutOfMemory)]);
    }

    #[test]
    fn the_first_that_is_connected_is_taken_and_those_that_failed_before_it_are_told() {
        let mut attempts = Attempts::new();
        for port in 1..=5 {
            attempts.add(address(port), Ok(port));
        }
        let look = |attempts: &mut Attempts<u16>| {
            attempts.look(|port| match port {
                1 => Ok(false),
                2 | 5 => Err(ErrorKind::ConnectionRefused.into()),
                _ => Ok(true),
            })
        };
        assert_eq!(look(&mut attempts), (Some(3), 1));
        assert_eq!(attempts.silent().map(|address| address.port()).collect::<Vec<_>>(), [1, 4, 5]);
        assert_eq!(look(&mut attempts), (Some(4), 0));
        assert_eq!(look(&mut attempts), (None, 1));
        attempts.close();
        assert_eq!((attempts.silent().count(), attempts.failures().len()), (0, 2));
    }
}
