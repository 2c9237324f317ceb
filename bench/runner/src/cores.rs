//! The cores that server and clients are bound to.

use anyhow::{Result, bail};
use rustix::thread::{CpuSet, sched_getaffinity};

/// The cores that this process may use.
#[derive(Debug)]
pub(crate) struct Cores {
    all: Vec<usize>,
}

/// The cores of the server and of its clients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layout {
    /// The core of the server.
    pub(crate) server: usize,
    /// The core of the clients, or of the second thread of a loop.
    pub(crate) other: usize,
}

impl Layout {
    /// True if there are two cores.
    pub(crate) fn is_two_cores(self) -> bool {
        self.server != self.other
    }
}

impl Cores {
    /// Asks the kernel.
    pub(crate) fn of_this_process() -> Result<Self> {
        let set = sched_getaffinity(None)?;
        Ok(Self { all: (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect() })
    }

    /// The layout of a mode.
    pub(crate) fn layout(&self, is_two_cores: bool) -> Result<Layout> {
        match self.all[..] {
            [server, ..] if !is_two_cores => Ok(Layout { server, other: server }),
            [server, other, ..] => Ok(Layout { server, other }),
            _ => bail!("this process may use {} cores, too few for this mode", self.all.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cores, Layout};

    #[test]
    fn two_cores_need_two() {
        let two = Cores { all: vec![2, 5] };
        assert_eq!(two.layout(false).expect("one"), Layout { server: 2, other: 2 });
        assert_eq!(two.layout(true).expect("two"), Layout { server: 2, other: 5 });
        assert!(Cores { all: vec![2] }.layout(true).is_err());
        assert!(Cores::of_this_process().expect("on Linux").layout(false).is_ok());
    }
}
