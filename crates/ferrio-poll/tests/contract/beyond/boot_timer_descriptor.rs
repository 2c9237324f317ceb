//! The descriptor of a timer that counts suspends. None can be had in a test: the clock that it
//! goes by is asked of the kernel instead.

use std::io;
use std::os::fd::AsFd;

use mio::time::BootTimer;
use mio::{Interest, Poll, Token};

use crate::harness::system::open_handles;
use crate::harness::{assert_kind, in_own_process};
use crate::subject::{self, Hint};

const TIMER: Token = Token(6);

#[test]
fn a_boot_timer_costs_one_descriptor_that_is_close_on_exec() {
    in_own_process(
        "beyond::boot_timer_descriptor::a_boot_timer_costs_one_descriptor_that_is_close_on_exec",
        || {
            let before = open_handles();
            let mut timer = BootTimer::new().unwrap();
            if subject::gives(Hint::SpecialDescriptors) {
                assert_eq!(open_handles(), before + 1);
            }
            assert!(rustix::io::fcntl_getfd(timer.as_fd()).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
            let poll = Poll::new().unwrap();
            poll.registry().register(&mut timer, TIMER, Interest::READABLE).unwrap();
            assert_kind(
                poll.registry().register(&mut timer, TIMER, Interest::READABLE),
                io::ErrorKind::AlreadyExists,
            );
            drop((timer, poll));
            assert_eq!(open_handles(), before);
        },
    );
}
