//! loom models of the mailbox: every interleaving of a few letters.
//!
//! `RUSTFLAGS="--cfg ferrio_loom" cargo test -p ferrio-proactor --lib --release loom`

use std::collections::VecDeque;

use ferrio_poll::Token;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use crate::driver::ring::signals::models::Kernel;
use crate::proactor::mailbox::{Letter, Mailbox};

/// A mailbox, and the sleep of its reader. A model in which nobody ends the sleep stops there, and
/// loom calls it a deadlock.
#[derive(Default)]
struct Model {
    mailbox: Mailbox,
    is_nudged: Mutex<bool>,
    nudges: Condvar,
}

impl Model {
    /// As a remote does it.
    fn post(&self, number: usize) {
        if self.mailbox.post(Letter::Wake(Token(number))) {
            *self.is_nudged.lock().unwrap() = true;
            self.nudges.notify_one();
        }
    }

    /// As a wait of the proactor does it: the letters that are there, else those after a nudge.
    fn read(&self, max: usize) -> Vec<usize> {
        let mut letters = VecDeque::new();
        self.mailbox.take(&mut letters, max);
        if letters.is_empty() {
            let mut is_nudged = self.is_nudged.lock().unwrap();
            while !*is_nudged {
                is_nudged = self.nudges.wait(is_nudged).unwrap();
            }
            *is_nudged = false;
            drop(is_nudged);
            self.mailbox.take(&mut letters, max);
        }
        let number = |letter| match letter {
            Letter::Wake(Token(number)) => number,
            other => panic!("{other:?}"),
        };
        letters.into_iter().map(number).collect()
    }
}

/// Two threads with `each` letters apiece, and a reader that takes at most `max` at a time and has them
/// all in the end.
fn every_letter_is_read(each: usize, max: usize) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        let model = Arc::new(Model::default());
        let posters: Vec<_> = (0..2)
            .map(|poster| {
                let model = Arc::clone(&model);
                thread::spawn(move || (0..each).for_each(|number| model.post(2 * number + poster)))
            })
            .collect();
        let mut read = Vec::new();
        while read.len() < 2 * each {
            read.extend(model.read(max));
        }
        posters.into_iter().for_each(|poster| poster.join().unwrap());
        for poster in 0..2 {
            let of = read.iter().filter(|number| *number % 2 == poster);
            assert!(of.copied().eq((0..each).map(|number| 2 * number + poster)), "{read:?}");
        }
        assert!(!model.mailbox.has_letters());
    });
}

#[test]
fn loom_a_letter_of_each_of_two_threads_is_read() {
    every_letter_is_read(1, usize::MAX);
}

#[test]
fn loom_letters_of_one_thread_are_read_in_its_order() {
    every_letter_is_read(2, usize::MAX);
}

#[test]
fn loom_letters_that_are_left_are_read_without_a_nudge() {
    every_letter_is_read(1, 1);
}

/// The eventfd that a ring signals is that which a nudge signals: a letter and a completion, each
/// of which may come when the other is on its way.
#[test]
fn loom_a_letter_and_a_completion_end_the_same_sleep() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let (mailbox, kernel) = (Arc::new(Mailbox::default()), Arc::new(Kernel::new()));
        let (poster, nudged) = (Arc::clone(&mailbox), Arc::clone(&kernel));
        let post = thread::spawn(move || {
            if poster.post(Letter::Wake(Token(0))) {
                nudged.signal();
            }
        });
        let completing = Arc::clone(&kernel);
        let complete = thread::spawn(move || completing.complete());
        let (mut letters, mut completions) = (VecDeque::new(), 0);
        while letters.is_empty() || completions == 0 {
            let mut more = VecDeque::new();
            mailbox.take(&mut more, usize::MAX);
            completions += kernel.park(!more.is_empty());
            letters.append(&mut more);
            mailbox.take(&mut more, usize::MAX);
            letters.append(&mut more);
        }
        assert_eq!((letters.len(), completions), (1, 1));
        post.join().unwrap();
        complete.join().unwrap();
    });
}
