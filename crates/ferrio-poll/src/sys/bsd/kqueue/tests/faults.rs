//! What a kernel refuses.

use super::*;

fn refuse(case: &Case, filter: Filter, errno: Errno) {
    case.state(|state| state.faults.add = Some((filter, errno.raw_os_error())));
}

#[test]
fn a_registration_that_is_refused_in_part_leaves_nothing_behind() {
    for errno in [Errno::NOMEM, Errno::INVAL, Errno::ACCESS] {
        let mut case = Case::new(1);
        refuse(&case, Filter::Write, errno);
        let error = case.register(FD, 1, both(), Mode::Edge).unwrap_err();
        assert_eq!(error.kind(), refusal::of(errno, borrowed(FD), false).kind(), "{error}");
        assert_eq!(case.state(|state| state.count(FD)), 0);
        case.alter(FD, Filter::Read, |file| file.is_readable = true);
        assert!(case.tokens(4).is_empty());
        case.state(|state| state.faults.add = None);
        case.register(FD, 2, both(), Mode::Edge).unwrap();
        assert_eq!(case.tokens(4), [2]);
    }
}

#[test]
fn a_change_that_is_refused_in_part_ends_the_registration() {
    let mut case = Case::new(1);
    case.register(FD, 1, Interest::READABLE, Mode::Edge).unwrap();
    refuse(&case, Filter::Write, Errno::NOMEM);
    let error = case.reregister(FD, 2, both(), Mode::Edge).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::OutOfMemory);
    assert_eq!(case.state(|state| state.count(FD)), 0);
    assert!(case.tokens(4).is_empty());
}

#[test]
fn what_is_not_registered_or_not_open_is_told_apart() {
    let case = Case::new(1);
    let kind = |result: io::Result<()>| result.unwrap_err().kind();
    assert_eq!(kind(case.reregister(FD, 1, both(), Mode::Edge)), io::ErrorKind::NotFound);
    assert_eq!(case.state(|state| state.count(FD)), 0, "the additions are taken back");
    assert_eq!(kind(case.kqueue.deregister(borrowed(FD))), io::ErrorKind::NotFound);
    case.register(FD, 1, both(), Mode::Edge).unwrap();
    assert_eq!(kind(case.register(FD, 1, Interest::READABLE, Mode::Edge)), io::ErrorKind::AlreadyExists);
    let closed = FD + 1;
    for result in [
        case.register(closed, 1, both(), Mode::Edge),
        case.reregister(closed, 1, both(), Mode::Edge),
        case.kqueue.deregister(borrowed(closed)),
    ] {
        assert_eq!(result.unwrap_err().raw_os_error(), Some(libc::EBADF));
    }
}

#[test]
fn an_interest_that_there_is_no_filter_for_is_unsupported() {
    let case = Case::new(1);
    for interest in [Interest::AIO, Interest::LIO, both() | Interest::AIO] {
        let error = case.register(FD, 1, interest, Mode::Edge).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    }
    assert_eq!(case.state(|state| state.count(FD)), 0);
}

#[test]
fn a_pipe_without_a_reader_is_told_from_a_descriptor_that_is_closed_by_the_same_error() {
    let mut case = Case::new(0);
    // One that is open, for that is looked at.
    let (_reader, writer) = rustix::pipe::pipe().unwrap();
    let open = writer.as_raw_fd() as usize;
    case.state(|state| state.open(open));
    refuse(&case, Filter::Write, Errno::BADF);
    case.register(open, 1, Interest::WRITABLE, Mode::Edge).unwrap();
    let events = case.wait(4);
    assert!(events.len() == 1 && event::is_write_closed(&events[0].1), "{events:?}");
    let error = case.register(FD, 2, Interest::WRITABLE, Mode::Edge).unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::EBADF));
    assert!(case.tokens(4).is_empty());
}

#[test]
fn a_descriptor_that_was_closed_and_used_again_has_no_stale_token() {
    for mode in [Mode::Edge, Mode::Level, Mode::Oneshot] {
        for (interest, is_broken) in [(both(), false), (Interest::HANGUP, false), (Interest::WRITABLE, true)]
        {
            let mut case = Case::new(1);
            case.state(|state| state.files.get_mut(&FD).unwrap().is_broken = is_broken);
            case.register(FD, 1, interest, mode).unwrap();
            case.state(|state| state.close(FD));
            case.state(|state| state.open(FD));
            case.register(FD, 2, Interest::READABLE, mode).unwrap();
            assert!(case.tokens(4).is_empty(), "{interest:?} {mode:?}");
            case.alter(FD, Filter::Read, |file| file.is_readable = true);
            assert_eq!(case.tokens(4), [2], "{interest:?} {mode:?}");
        }
    }
}

#[test]
fn an_interrupted_wait_says_so_and_loses_nothing() {
    let mut case = Case::new(1);
    case.register(FD, 1, Interest::WRITABLE, Mode::Edge).unwrap();
    case.state(|state| state.faults.is_interrupted = true);
    let mut events = [event::EMPTY; 4];
    let result = case.kqueue.wait(&mut case.scratch, &mut events, Some(Duration::ZERO));
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::Interrupted);
    assert_eq!(case.tokens(4), [1]);
}

#[test]
fn a_kernel_without_receipts_is_unsupported() {
    let queue = Queue::new().unwrap();
    queue.state().faults.has_no_receipts = true;
    let error = Wake::new(&queue).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    assert!(error.to_string().contains("NetBSD"), "{error}");
}

#[test]
fn a_kernel_without_events_of_its_own_process_is_woken_by_a_pipe() {
    let queue = Queue::new().unwrap();
    queue.state().faults.add = Some((Filter::User, libc::EINVAL));
    // The model knows no descriptor, so it is told of the next two.
    (0..4096).for_each(|fd| queue.state().open(fd));
    let wake = Wake::new(&queue).unwrap();
    let Wake::Pipe(pipe) = &wake else { panic!("{wake:?}") };
    let reader = pipe.reader().as_raw_fd() as usize;
    wake.signal(&queue).unwrap();
    let kevent = Kevent::new(reader, Filter::Read, 0);
    assert!(wake.is_meant(&kevent));
    assert!(!wake.is_meant(&Kevent { ident: reader + 1, ..kevent }));
    wake.taken();
    let mut byte = [0];
    assert_eq!(rustix::io::read(pipe.reader(), &mut byte), Err(Errno::AGAIN), "it was drained");
}
