//! Counting in what strace wrote.

/// The write that begins and ends what is counted.
const MARK: &str = "write(1, \"mark ";

/// What a loop calls only to wait until it goes on.
const PAUSE: &str = "clock_nanosleep";

/// The calls between the first two marks, without pauses; none if there are no two.
pub(crate) fn count(trace: &str) -> Option<u64> {
    let mut calls = trace.lines().map(call).skip_while(|call| !call.starts_with(MARK)).skip(1);
    let mut count = 0;
    loop {
        let call = calls.next()?;
        if call.starts_with(MARK) {
            return Some(count);
        }
        count += u64::from(is_begin(call));
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
    use super::count;

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
    fn a_trace_that_is_cut_off_counts_nothing() {
        let cut = TRACE.rsplit_once("8  write").expect("the second mark").0;
        assert_eq!(count(cut), None);
        assert_eq!(count(""), None);
    }
}
