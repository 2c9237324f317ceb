//! Which calls failed, and whose they were, as strace wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// Calls that failed.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// How many.
    pub(crate) count: usize,
    /// The other ends of the sockets that they were made on.
    pub(crate) clients: BTreeSet<SocketAddr>,
}

impl Hits {
    /// The calls of `trace` whose last line `is_hit` names.
    pub(crate) fn of(trace: &str, is_hit: impl Fn(&str) -> bool) -> Self {
        let mut hits = Self::default();
        // By thread: the beginning of a call that others came between.
        let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
        for line in trace.lines() {
            let (thread, call) = line.split_once(' ').unwrap_or((line, ""));
            let is_rest = call.trim_start().starts_with("<... ");
            let start = if is_rest { begun.get(thread).copied().unwrap_or_default() } else { call };
            begun.insert(thread, start);
            if is_hit(line) {
                hits.count += 1;
                hits.clients.extend(peer(start));
            }
        }
        hits
    }
}

/// The other end of the first socket of a call: `7<TCP:[OWN->PEER]>`. What follows may
/// be data of a client.
fn peer(call: &str) -> Option<SocketAddr> {
    let (_, socket) = call.split_once("<TCP:[")?;
    let (ends, _) = socket.split_once("]>")?;
    ends.split_once("->")?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::Hits;

    fn ports(trace: &str) -> (usize, Vec<u16>) {
        let hits = Hits::of(trace, |line| line.ends_with("(INJECTED)"));
        (hits.count, hits.clients.iter().map(SocketAddr::port).collect())
    }

    #[test]
    fn whose_call_failed_is_told_by_its_socket() {
        let trace = "\
7  sendmsg(13<TCP:[127.0.0.1:1->127.0.0.1:20]>, {msg_iov=[{iov_base=\"a\"}]}, MSG_NOSIGNAL) = 1
7  sendmsg(14<TCP:[127.0.0.1:1->127.0.0.1:30]>, {}, MSG_NOSIGNAL) = -1 EPIPE (Broken pipe) (INJECTED)
7  epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 9<TCP:[127.0.0.1:1->127.0.0.1:40]>, {}) = -1 ENOSPC (INJECTED)
7  accept4(4<TCP:[127.0.0.1:1]>, NULL, NULL, SOCK_CLOEXEC) = -1 EMFILE (Too many) (INJECTED)
";
        assert_eq!(ports(trace), (3, vec![30, 40]));
    }

    #[test]
    fn a_call_that_others_came_between_is_put_together() {
        let trace = "\
7  sendmsg(13<TCP:[127.0.0.1:1->127.0.0.1:20]>, {} <unfinished ...>
18 sendmsg(14<TCP:[127.0.0.1:1->127.0.0.1:30]>, {}, MSG_NOSIGNAL) = 1
7  <... sendmsg resumed>, MSG_NOSIGNAL) = -1 EPIPE (Broken pipe) (INJECTED)
";
        assert_eq!(ports(trace), (1, vec![20]));
    }
}
