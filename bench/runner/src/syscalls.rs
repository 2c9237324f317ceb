//! Counting in what strace wrote.

/// The write that begins and ends what is counted.
const MARK: &str = "write(1, \"mark ";

/// What a loop calls only to wait until it goes on.
const PAUSE: &str = "clock_nanosleep";

/// How often a loop with nothing but a listener tried to accept in vain.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Accepts {
    /// The accepts that found nothing.
    pub(crate) empty: u64,
    /// The events.
    pub(crate) events: u64,
}

/// The calls between the first two marks, without pauses; none if there are no two.
pub(crate) fn count(trace: &str) -> Option<u64> {
    Some(between_marks(trace)?.iter().filter(|call| is_begin(call)).count() as u64)
}

/// The accepts between the first two marks; none if there are no two.
pub(crate) fn empty_accepts(trace: &str) -> Option<Accepts> {
    let mut accepts = Accepts::default();
    for call in between_marks(trace)? {
        let Some((begin, result)) = call.rsplit_once(" = ") else { continue };
        if begin.starts_with("accept") {
            accepts.empty += u64::from(result.starts_with("-1 EAGAIN"));
        } else if begin.starts_with("epoll_") && begin.contains("wait") {
            accepts.events += result.parse().unwrap_or(0);
        }
    }
    Some(accepts)
}

/// What stands between the first two marks, each line without its thread.
fn between_marks(trace: &str) -> Option<Vec<&str>> {
    let mut calls = trace.lines().map(call).skip_while(|call| !call.starts_with(MARK)).skip(1);
    let mut between = Vec::new();
    loop {
        let call = calls.next()?;
        if call.starts_with(MARK) {
            return Some(between);
        }
        between.push(call);
    }
}

/// A line without the number of its thread.
fn call(line: &str) -> &str {
    line.split_once(' ').map_or("", |(_, call)| call.trim_start())
}

/// True where a call begins: not its end after others, not a signal.
fn is_begin(call: &str) -> bool {
    let name = call.split('(').next().unwrap_or_default();
    !name.is_empty()
        && name != PAUSE
        && name.len() < call.len()
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{Accepts, count, empty_accepts};

    const TRACE: &str = "\
7  epoll_wait(3,  <unfinished ...>
8  <... read resumed>\"mark\\n\", 64)   = 5
8  write(1, \"mark 22\\n\", 8 <unfinished ...>
7  <... epoll_wait resumed>[], 1024, -1) = 1
8  <... write resumed>)                = 8
7  recvfrom(5, \"(\", 65536, 0, NULL, NULL) = 64
7  sendto(5, \"mark\", 64, MSG_NOSIGNAL, NULL, 0) = 64
7  clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=2000000}, 0x7ff) = 0
7  --- SIGCHLD {si_signo=SIGCHLD} ---
17 clock_gettime(1,  <unfinished ...>
8  write(1, \"mark 22\\n\", 8)          = 8
7  close(3)                            = 0
";

    #[test]
    fn only_calls_that_begin_between_the_marks_count() {
        assert_eq!(count(TRACE), Some(3));
    }

    #[test]
    fn accepts_in_vain_are_counted_beside_events() {
        let accepts = "\
7  write(1, \"mark 0\\n\", 7)            = 7
7  epoll_pwait2(3, [{events=EPOLLIN, data=0}], 64, {tv_sec=0}, NULL, 8) = 1
7  accept4(4, {sa_family=AF_INET}, [128 => 16], SOCK_CLOEXEC) = 5
7  accept4(4, 0x7ff, [128], SOCK_CLOEXEC) = -1 EAGAIN (Resource temporarily unavailable)
7  epoll_pwait2(3, [], 64, {tv_sec=0}, NULL, 8) = 0
7  accept4(4, 0x7ff, [128], SOCK_CLOEXEC) = -1 EAGAIN (Resource temporarily unavailable)
7  recvfrom(5, 0x7ff, 8, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
7  write(1, \"mark 0\\n\", 7)            = 7
";
        assert_eq!(empty_accepts(accepts), Some(Accepts { empty: 2, events: 1 }));
        assert_eq!(empty_accepts("7  accept4(4) = 5"), None);
    }

    #[test]
    fn a_trace_that_is_cut_off_counts_nothing() {
        let cut = TRACE.rsplit_once("8  write").expect("the second mark").0;
        assert_eq!(count(cut), None);
        assert_eq!(count(""), None);
    }
}
