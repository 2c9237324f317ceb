//! What the kernel tells of a timer, and what it asks of a process.

use std::fs;
use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::net::UnixStream;
use mio::os::linux::{EpollFlags, RegistryExt};
use mio::time::BootTimer;
use mio::{Support, Token};

use crate::harness::poll_with_events;
use crate::subject::{self, Hint};

const SOURCE: Token = Token(6);

#[test]
fn keeping_the_system_awake_needs_a_capability() {
    let (poll, _) = poll_with_events();
    if poll.capabilities().raw_flags == Support::Absent {
        return;
    }
    let (reader, _writer) = UnixStream::pair().unwrap();
    let flags = EpollFlags::IN | EpollFlags::WAKEUP;
    let sets = rustix::thread::capabilities(None).unwrap();
    let may = sets.effective.contains(rustix::thread::CapabilitySet::BLOCK_SUSPEND);
    let result = poll.registry().register_flags(&reader, SOURCE, flags);
    assert_eq!(result.is_ok(), may, "{result:?}");
    if let Err(error) = result {
        assert!(error.to_string().contains("CAP_BLOCK_SUSPEND"), "{error}");
    }
}

#[test]
fn the_clock_is_that_of_the_time_since_the_boot() {
    if !subject::gives(Hint::SpecialDescriptors) {
        return println!("SKIPPED: the descriptor does not show its clock");
    }
    let timer = BootTimer::new().unwrap();
    timer.set(Duration::from_secs(1000)).unwrap();
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", timer.as_raw_fd())).unwrap();
    assert!(info.contains(&format!("clockid: {}\n", libc::CLOCK_BOOTTIME)), "{info}");
    // By the span, and not by an absolute time.
    assert!(info.contains("it_value: (99"), "{info}");
}
