//! A channel from each to all others, for the tasks of one thread: for runtimes that bring
//! none, and whose tasks need not be sent between threads.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::slab::Slab;

/// How many messages may wait for one who is slow.
const BACKLOG: usize = 256;

/// All clients that have joined.
#[derive(Debug)]
pub struct Hub<M> {
    mailboxes: RefCell<Slab<Mailbox<M>>>,
}

/// A client that has joined; dropping this makes it leave.
#[derive(Debug)]
pub struct Member<M> {
    hub: Rc<Hub<M>>,
    key: usize,
}

/// What waits for one of them.
#[derive(Debug)]
struct Mailbox<M> {
    messages: VecDeque<M>,
    /// A message was left out.
    has_lagged: bool,
    waker: Option<Waker>,
}

impl<M: Clone> Hub<M> {
    /// A hub without members.
    pub fn new() -> Rc<Self> {
        Rc::new(Self { mailboxes: RefCell::default() })
    }

    /// Joins it: what others send from now on will come.
    pub fn join(self: &Rc<Self>) -> Member<M> {
        let mailbox = Mailbox { messages: VecDeque::new(), has_lagged: false, waker: None };
        Member { hub: Rc::clone(self), key: self.mailboxes.borrow_mut().insert(mailbox) }
    }
}

impl<M: Clone> Member<M> {
    /// Sends a message to all others.
    pub fn send(&self, message: &M) {
        for (key, mailbox) in self.hub.mailboxes.borrow_mut().iter_mut() {
            if key == self.key {
                continue;
            }
            if mailbox.messages.len() < BACKLOG {
                mailbox.messages.push_back(message.clone());
            } else {
                mailbox.has_lagged = true;
            }
            if let Some(waker) = mailbox.waker.take() {
                waker.wake();
            }
        }
    }

    /// The next message; an error once too many wait. One task may ask for it at a time.
    pub async fn next(&self) -> io::Result<M> {
        poll_fn(|context| {
            let mut mailboxes = self.hub.mailboxes.borrow_mut();
            let mailbox = mailboxes.get_mut(self.key).expect("it stays as long as its member");
            if mailbox.has_lagged {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            match mailbox.messages.pop_front() {
                Some(message) => Poll::Ready(Ok(message)),
                None => {
                    mailbox.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl<M> Drop for Member<M> {
    fn drop(&mut self) {
        self.hub.mailboxes.borrow_mut().remove(self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::{BACKLOG, Hub, Member};

    fn next(member: &Member<u32>) -> Option<Result<u32, String>> {
        match pin!(member.next()).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result.map_err(|error| error.to_string())),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_message_goes_to_all_but_its_sender() {
        let hub = Hub::new();
        let members: Vec<_> = (0..3).map(|_| hub.join()).collect();
        members[1].send(&7);
        assert_eq!(members.iter().map(next).collect::<Vec<_>>(), [Some(Ok(7)), None, Some(Ok(7))]);
        assert_eq!(next(&members[0]), None);
    }

    #[test]
    fn one_who_is_too_slow_is_told() {
        let hub = Hub::new();
        let (fast, slow) = (hub.join(), hub.join());
        (0..BACKLOG as u32).for_each(|number| fast.send(&number));
        assert_eq!(next(&slow), Some(Ok(0)));
        (0..2).for_each(|_| fast.send(&9));
        assert!(next(&slow).is_some_and(|result| result.is_err()));
    }
}
