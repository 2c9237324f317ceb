//! The seeded faults.

mod sources;

use crate::mutants::table::sources::SOURCES;

/// A fault, where it is made and who must notice it.
#[derive(Debug)]
pub(super) struct Mutant {
    /// A few words, unique.
    pub(super) name: &'static str,
    /// What no longer holds, as a sentence.
    pub(super) breaks: &'static str,
    /// The file, from the root of the repository.
    pub(super) file: &'static str,
    /// The text that is replaced; it stands in the file exactly once.
    pub(super) from: &'static str,
    /// What it is replaced with.
    pub(super) to: &'static str,
    /// How the tests are built and run.
    pub(super) suite: &'static Suite,
    /// Parts of the names of the tests that are to notice; one failure is enough.
    pub(super) filters: &'static [&'static str],
}

/// How tests are built and run.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Suite {
    /// Which tests, as an option of `cargo test`.
    pub(super) tests: &'static str,
    /// The folder of the build: that of another stage with the same flags, which
    /// has built the dependencies already.
    pub(super) folder: &'static str,
    /// `RUSTFLAGS`.
    pub(super) flags: &'static str,
    /// `FERRIO_BACKEND`.
    pub(super) backend: &'static str,
    /// Whether the build is optimised.
    pub(super) release: bool,
}

/// The contract suite on epoll.
pub(super) const EPOLL: Suite = Suite {
    tests: "--test=contract",
    folder: "contract-eventfd",
    flags: "",
    backend: "epoll",
    release: false,
};

/// The contract suite on poll(2).
pub(super) const POLL2: Suite = Suite { backend: "poll2", ..EPOLL };

/// The models of the wake protocol.
pub(super) const LOOM: Suite =
    Suite { tests: "--lib", folder: "loom", flags: "--cfg ferrio_loom", release: true, ..EPOLL };

/// The tests inside the crate.
pub(super) const UNIT: Suite = Suite { tests: "--lib", ..EPOLL };

/// All of them, those of one suite together as far as they stand in one table.
pub(super) fn all() -> impl Iterator<Item = &'static Mutant> {
    MUTANTS.iter().chain(SOURCES)
}

/// Those of sockets, pipes and wakers.
const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "level instead of edge",
        breaks: "An event that was not acted on is repeated.",
        file: "crates/ferrio-poll/src/sys/linux/epoll.rs",
        from: "Mode::Edge => EventFlags::ET,",
        to: "Mode::Edge => EventFlags::empty(),",
        suite: &EPOLL,
        filters: &["an_event_that_was_not_acted_on_is_not_repeated"],
    },
    Mutant {
        name: "token kept by reregister",
        breaks: "Reregistering leaves a token that is not the new one.",
        file: "crates/ferrio-poll/src/sys/linux/epoll.rs",
        from: "epoll::modify(&self.epoll, fd, data(token), flags)",
        to: "epoll::modify(&self.epoll, fd, data(Token(0)), flags)",
        suite: &EPOLL,
        filters: &["reregister_replaces_the_token"],
    },
    Mutant {
        name: "interest kept by reregister",
        breaks: "Reregistering adds to the interest instead of replacing it.",
        file: "crates/ferrio-poll/src/sys/linux/epoll.rs",
        from: "epoll::modify(&self.epoll, fd, data(token), flags)",
        to: "epoll::modify(&self.epoll, fd, data(token), flags | EventFlags::IN | EventFlags::OUT)",
        suite: &EPOLL,
        filters: &["reregister_replaces_the_interest"],
    },
    Mutant {
        name: "stale token after dup",
        breaks: "Deregistering leaves it to the close, which a duplicate delays.",
        file: "crates/ferrio-poll/src/sys/linux/epoll.rs",
        from: "epoll::delete(&self.epoll, fd).map_err(refusal::explain)",
        to: "{ let _ = fd; Ok(()) }",
        suite: &EPOLL,
        filters: &[
            "a_deregistered_socket_is_silent_even_if_a_duplicate_of_it_lives",
            "a_deregistered_stream_is_silent",
        ],
    },
    Mutant {
        name: "half-close not watched",
        breaks: "The end of what the peer writes is no longer told apart from data.",
        file: "crates/ferrio-poll/src/sys/linux/flags.rs",
        from: "flags |= EventFlags::IN | EventFlags::RDHUP;",
        to: "flags |= EventFlags::IN;",
        suite: &EPOLL,
        filters: &["tcp_closing", "unix_stream"],
    },
    Mutant {
        name: "read closed by hang-up only",
        breaks: "A half-closed stream is not reported as read closed.",
        file: "crates/ferrio-poll/src/sys/linux/event.rs",
        from: "flags(event).intersects(EventFlags::HUP.union(EventFlags::RDHUP))",
        to: "has(event, EventFlags::HUP)",
        suite: &EPOLL,
        filters: &["tcp_closing", "unix_stream"],
    },
    Mutant {
        name: "signal on a broken pipe",
        breaks: "A write to a closed peer raises SIGPIPE.",
        file: "crates/ferrio-poll/src/sys/linux/socket.rs",
        from: "Ok(send_to_peer(socket, buf, SendFlags::NOSIGNAL)?)",
        to: "Ok(send_to_peer(socket, buf, SendFlags::empty())?)",
        suite: &EPOLL,
        filters: &["sigpipe"],
    },
    Mutant {
        name: "descriptors pass to children",
        breaks: "A new socket stays open in a program that is executed.",
        file: "crates/ferrio-poll/src/sys/linux/socket.rs",
        from: "SocketFlags::NONBLOCK.union(SocketFlags::CLOEXEC)",
        to: "SocketFlags::NONBLOCK",
        suite: &EPOLL,
        filters: &["close_on_exec"],
    },
    Mutant {
        name: "address in time-wait",
        breaks: "A listener cannot come back after a restart.",
        file: "crates/ferrio-poll/src/sys/linux/socket.rs",
        from: "sockopt::set_socket_reuseaddr(&socket, true)?;",
        to: "",
        suite: &EPOLL,
        filters: &["an_address_in_time_wait_can_be_bound_again", "may_reuse_its_address"],
    },
    Mutant {
        name: "kernel takes every place",
        breaks: "A full batch of the kernel leaves no place for a wake.",
        file: "crates/ferrio-poll/src/waiter.rs",
        from: "return capacity - 1;",
        to: "return capacity;",
        suite: &EPOLL,
        filters: &["with_room_for_two_each_side_has_a_place"],
    },
    Mutant {
        name: "timeout cut short",
        breaks: "A timeout is rounded down to the millisecond.",
        file: "crates/ferrio-poll/src/sys/linux/timeout.rs",
        from: "timeout.subsec_nanos().div_ceil(NANOS_PER_MILLI)",
        to: "timeout.subsec_nanos() / NANOS_PER_MILLI",
        suite: &UNIT,
        filters: &["timeouts_are_rounded_up"],
    },
    Mutant {
        name: "full counter",
        breaks: "A wake on a full eventfd makes no edge.",
        file: "crates/ferrio-poll/src/sys/linux/wake_fd.rs",
        from: "(Err(Errno::AGAIN), WakeFd::Eventfd(_)) => self.drain(),",
        to: "(Err(Errno::AGAIN), WakeFd::Eventfd(_)) => return Err(Errno::AGAIN.into()),",
        suite: &UNIT,
        filters: &["a_full_counter_still_signals"],
    },
    Mutant {
        name: "no edge from poll(2)",
        breaks: "An event that was not acted on is repeated.",
        file: "crates/ferrio-poll/src/sys/linux/poll2/table.rs",
        from: "entry.armed.remove(found);",
        to: "",
        suite: &POLL2,
        filters: &["an_event_that_was_not_acted_on_is_not_repeated"],
    },
    Mutant {
        name: "no re-arm after peek",
        breaks: "A peek or an accept that would block does not arm the next event.",
        file: "crates/ferrio-poll/src/io_source.rs",
        from: "self.report_failure(Interest::READABLE, operation(&self.inner))",
        to: "operation(&self.inner)",
        suite: &POLL2,
        filters: &["a_peek_that_would_block_arms_the_next_event", "each_client_after_a_drained_accept_queue"],
    },
    Mutant {
        name: "close keeps the sleeper",
        breaks: "A dropped socket ends for its peer only when the sleeper wakes.",
        file: "crates/ferrio-poll/src/sys/linux/hooks.rs",
        from: "owners::for_each(fd.as_raw_fd(), |owner| owner.forget(fd));",
        to: "",
        suite: &POLL2,
        filters: &["a_dropped_stream_ends_its_peer_while_the_loop_sleeps"],
    },
    Mutant {
        name: "re-arm without a kick",
        breaks: "A sleeper does not hear that a direction was armed again.",
        file: "crates/ferrio-poll/src/sys/linux/poll2.rs",
        from: "if table.rearm(fd, direction) {",
        to: "if table.rearm(fd, direction) && !table.asleep {",
        suite: &POLL2,
        filters: &["a_read_in_one_thread_arms_the_loop_that_sleeps_in_another"],
    },
    Mutant {
        name: "register without a kick",
        breaks: "A sleeper does not hear of a new registration.",
        file: "crates/ferrio-poll/src/sys/linux/poll2.rs",
        from: "let result = change(&mut table);\n        self.kick(&mut table);",
        to: "let result = change(&mut table);",
        suite: &POLL2,
        filters: &["a_stream_that_registers_while_the_loop_sleeps_is_heard"],
    },
    Mutant {
        name: "hang-up for ever",
        breaks: "A hung-up stream is reported by each poll.",
        file: "crates/ferrio-poll/src/sys/linux/poll2/table.rs",
        from: "entry.parked = found.intersects(PollFlags::HUP | PollFlags::ERR);",
        to: "entry.parked = false;",
        suite: &POLL2,
        filters: &["a_reset_is_readable_and_closed_and_then_silent"],
    },
    Mutant {
        name: "hang-up forgets",
        breaks: "A hung-up stream is no longer registered.",
        file: "crates/ferrio-poll/src/sys/linux/poll2/table.rs",
        from: "let report = (entry.token, found);\n        if entry.parked {",
        to: "let report = (entry.token, found);\n        if entry.parked {\n            self.remove(fd);",
        suite: &POLL2,
        filters: &["a_hung_up_stream_can_still_be_reregistered_and_deregistered"],
    },
    Mutant {
        name: "no re-arm after a short read",
        breaks: "A read that ran short does not arm the next event.",
        file: "crates/ferrio-poll/src/io_source.rs",
        from: "0 < count && count < len",
        to: "count > len",
        suite: &POLL2,
        filters: &["a_short_read_is_as_good_as_would_block"],
    },
    Mutant {
        name: "wake taken for a kick",
        breaks: "A wake ends the wait of poll(2) without being seen.",
        file: "crates/ferrio-poll/src/sys/linux/poll2.rs",
        from: "scratch.woken |= self.signalled.swap(false, Ordering::AcqRel);",
        to: "self.signalled.store(false, Ordering::Release);",
        suite: &POLL2,
        filters: &["a_wait_that_no_clock_can_measure_is_ended_by_a_wake"],
    },
    Mutant {
        name: "late signal forgotten",
        breaks: "A signal for what was given out already ends a wait.",
        file: "crates/ferrio-poll/src/late_signal.rs",
        from: "(true, false) => self.until = Instant::now().checked_add(PATIENCE),",
        to: "(true, false) => self.until = None,",
        suite: &UNIT,
        filters: &["a_late_signal_does_not_cut_a_wait_short"],
    },
    Mutant {
        name: "announced signal forgotten",
        breaks: "The poller does not learn that a waker is about to signal.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "announced: !is_empty(before) && before & ASLEEP != 0",
        to: "announced: false",
        suite: &UNIT,
        filters: &["a_late_signal_does_not_cut_a_wait_short"],
    },
    Mutant {
        name: "wake mark not claimed",
        breaks: "A user's token that is the wake descriptor's mark is swallowed.",
        file: "crates/ferrio-poll/src/sys/linux/epoll.rs",
        from: "if place < u64::from(MARKS) { self.claim_mark(place as u32) } else { Ok(()) }",
        to: "{ let _ = place; Ok(()) }",
        suite: &UNIT,
        filters: &["a_user_may_take_every_mark_but_one", "reregistration_claims_a_mark_as_well"],
    },
    Mutant {
        name: "wake in the last place",
        breaks: "The wake descriptor takes the kernel's only place in a batch.",
        file: "crates/ferrio-poll/src/sys/linux/epoll.rs",
        from: "if count + 1 == events.len() {",
        to: "if count + 1 == events.len() && count == usize::MAX {",
        suite: &EPOLL,
        filters: &["with_room_for_one_the_queue_and_the_kernel_take_turns"],
    },
    Mutant {
        name: "scan turned while it runs",
        breaks: "A wait reports only some of what is ready.",
        file: "crates/ferrio-poll/src/sys/linux/poll2.rs",
        from: "let place = (first + step) % total;",
        to: "let place = (scratch.start + step + 0 * first) % total;",
        suite: &POLL2,
        filters: &["one_poll_reports_every_source_that_is_ready"],
    },
    Mutant {
        name: "association overwritten",
        breaks: "A failed registration with a second Poll takes the source from the first.",
        file: "crates/ferrio-poll/src/association.rs",
        from: "match self.poll.compare_exchange(0, name(registry), Ordering::AcqRel, Ordering::Acquire) {",
        to: "match Some(self.poll.swap(name(registry), Ordering::AcqRel)).filter(|old| *old != 0).map_or(Ok(0), Err::<usize, usize>) {",
        suite: &EPOLL,
        filters: &["a_failed_second_register_leaves_the_first"],
    },
    Mutant {
        name: "load before the read-modify-write",
        breaks: "A redundant wake publishes nothing.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "let was_set = word.fetch_or(bit, Ordering::AcqRel) & bit != 0;",
        to: "let was_set = word.load(Ordering::Acquire) & bit != 0 || word.fetch_or(bit, Ordering::AcqRel) & bit != 0;",
        suite: &LOOM,
        filters: &["loom_"],
    },
    Mutant {
        name: "waker in two steps",
        breaks: "A waker may miss that the poller goes to sleep.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "let before = self.state.fetch_or(summary_bit(slot / WORD_BITS), Ordering::AcqRel);",
        to: "let before = self.state.load(Ordering::SeqCst);\n        self.state.fetch_or(summary_bit(slot / WORD_BITS), Ordering::SeqCst);",
        suite: &LOOM,
        filters: &["loom_"],
    },
    Mutant {
        name: "poller in two steps",
        breaks: "A poller may overwrite a wake when it goes to sleep.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "self.state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, announce).is_err()",
        to: "announce(self.state.load(Ordering::SeqCst)).map(|state| self.state.store(state, Ordering::SeqCst)).is_none()",
        suite: &LOOM,
        filters: &["loom_"],
    },
    Mutant {
        name: "awake at first",
        breaks: "A Poll that sleeps when its first source is made is not woken.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "state: AtomicU64::new(ASLEEP),",
        to: "state: AtomicU64::new(0),",
        suite: &LOOM,
        filters: &["loom_"],
    },
    Mutant {
        name: "descriptor handed out too late",
        breaks: "An outer loop is not told of a wake that came before it.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "if is_empty(before) { Ok(()) } else { signal() }",
        to: "{ let _ = (before, signal); Ok(()) }",
        suite: &LOOM,
        filters: &["loom_"],
    },
    Mutant {
        name: "outer loop forgotten",
        breaks: "An outer loop is told of the first wake only.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "self.state.fetch_and(EMBEDDED, Ordering::AcqRel)",
        to: "self.state.swap(0, Ordering::AcqRel)",
        suite: &LOOM,
        filters: &["loom_"],
    },
    Mutant {
        name: "wake lost at capacity",
        breaks: "What did not fit into the events is forgotten.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "let before = self.state.fetch_or(rest, Ordering::AcqRel);",
        to: "let before = self.state.load(Ordering::Acquire);",
        suite: &LOOM,
        filters: &["loom_"],
    },
    Mutant {
        name: "slot recycled too early",
        breaks: "The last wake of a dropped source carries the token of another.",
        file: "crates/ferrio-poll/src/queue.rs",
        from: "slots.close(slot);",
        to: "slots.free(slot);",
        suite: &LOOM,
        filters: &["loom_"],
    },
];
