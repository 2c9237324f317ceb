//! The suites of others: which, how they are built and what they need.

/// A published crate whose tests run on the façade. Its version stands in
/// `compat/peers/Cargo.toml`.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Its name in the registry.
    pub(crate) name: &'static str,
    /// What is built: features and kinds of tests.
    pub(crate) build: &'static [&'static str],
    /// Which tests `--fast` builds.
    pub(crate) fast: Fast,
    /// How many of its tests run at once: one, if they share what a process has once.
    pub(crate) threads: &'static str,
    /// A program that its tests start.
    pub(crate) needs: Option<&'static str>,
    /// What its tests ask of mio.
    pub(crate) drives: Drives,
    /// What its package lacks.
    pub(crate) mend: Option<Mend>,
}

/// The part of a suite that `--fast` runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fast {
    /// Nothing.
    No,
    /// All of it.
    Whole,
    /// The test files of these names; a `*` at the end stands for anything. Only
    /// such a suite runs on poll(2) and under wine too.
    Files(&'static [&'static str]),
}

/// How much of mio a suite uses: an equal result of one that uses none is no proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Drives {
    /// Its tests wait for sockets, pipes or descriptors.
    Sockets,
    /// It is built on mio, but its tests hardly wait.
    Hardly,
}

/// How the copy of a manifest is mended so that its tests can be built.
#[derive(Debug)]
pub(crate) struct Mend {
    /// What its tests need no more.
    pub(crate) without: &'static str,
    /// A crate that its tests need and its package does not hold: its name, and the
    /// folder of ours that stands in.
    pub(crate) helper: (&'static str, &'static str),
}

/// All peers, the ones that `--fast` runs first.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        build: &["--features", "full", "--lib", "--tests"],
        fast: Fast::Files(&[
            "tcp_*",
            "udp",
            "uds_*",
            "net_*",
            "io_async_fd",
            "io_driver*",
            "signal_*",
            "process_*",
        ]),
        ..peer("tokio")
    },
    Peer { fast: Fast::Whole, ..peer("notify") },
    Peer { build: &["--all-features", "--lib"], fast: Fast::Whole, ..peer("netlink-sys") },
    Peer { build: &["--all-features", "--lib", "--tests"], ..peer("tokio-util") },
    Peer { build: &["--features", "full", "--tests"], drives: Drives::Hardly, ..peer("tokio-stream") },
    Peer {
        build: &["--features", "support-v1_0", "--test", "mio_1_0"],
        threads: "1",
        mend: Some(Mend {
            // The mio of 2020, for the tests of another feature.
            without: "mio-0_7",
            helper: ("serial_test", "compat/serial-test"),
        }),
        ..peer("signal-hook-mio")
    },
    Peer { build: &["--tests"], needs: Some("socat"), threads: "1", ..peer("mio-serial") },
    Peer { build: &["--lib"], ..peer("mio-pidfd") },
    Peer { build: &["--tests"], ..peer("tokio-seqpacket") },
    Peer { build: &["--features", "full", "--lib", "--tests"], ..peer("hyper-util") },
    Peer { build: &["--tests"], ..peer("mini-redis") },
    Peer {
        build: &["--features", "event-stream", "--lib"],
        drives: Drives::Hardly,
        // One of its tests switches colours off for the whole process while others expect them.
        threads: "1",
        ..peer("crossterm")
    },
];

/// A peer with nothing special.
const fn peer(name: &'static str) -> Peer {
    Peer {
        name,
        build: &["--lib", "--tests"],
        fast: Fast::No,
        threads: "2",
        needs: None,
        drives: Drives::Sockets,
        mend: None,
    }
}

impl Peer {
    /// The arguments for cargo that choose what is built.
    pub(crate) fn arguments(&self, is_fast: bool) -> Vec<&'static str> {
        match self.fast {
            Fast::Files(files) if is_fast => {
                let kinds = ["--lib", "--tests"];
                let features = self.build.iter().copied().filter(|word| !kinds.contains(word));
                features.chain(files.iter().flat_map(|file| ["--test", *file])).collect()
            }
            _ => self.build.to_vec(),
        }
    }

    /// True if `--fast`, or the whole, builds the test file `binary`.
    pub(crate) fn includes(&self, binary: &str, is_fast: bool) -> bool {
        match self.fast {
            Fast::Files(files) if is_fast => files.iter().any(|file| match file.strip_suffix('*') {
                Some(start) => binary.starts_with(start),
                None => binary == *file,
            }),
            _ => true,
        }
    }

    /// True if `--fast` runs anything of it.
    pub(crate) fn is_fast(&self) -> bool {
        !matches!(self.fast, Fast::No)
    }

    /// True if it runs elsewhere than on epoll too.
    pub(crate) fn is_everywhere(&self) -> bool {
        matches!(self.fast, Fast::Files(_))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::PEERS;

    #[test]
    fn the_fast_part_of_tokio_is_its_files_of_sockets_signals_and_processes() {
        let tokio = &PEERS[0];
        for file in ["tcp_stream", "udp", "uds_cred", "net_bind_resource", "io_async_fd", "process_arg0"] {
            assert!(tokio.includes(file, true), "{file}");
        }
        assert_eq!(tokio.arguments(true)[..4], ["--features", "full", "--test", "tcp_*"]);
        for file in ["lib", "udp_more", "fs_file", "io_async_fd_memory_leak"] {
            assert!(!tokio.includes(file, true), "{file}");
            assert!(tokio.includes(file, false), "{file}");
        }
    }

    #[test]
    fn each_peer_is_pinned_once() {
        let manifest = include_str!("../../peers/Cargo.toml");
        let pinned: BTreeSet<_> = manifest
            .lines()
            .filter_map(|line| line.split_once(" = { version = \"=").map(|(name, _)| name))
            .collect();
        assert_eq!(pinned, PEERS.iter().map(|peer| peer.name).collect());
        assert_eq!(pinned.len(), PEERS.len());
    }
}
