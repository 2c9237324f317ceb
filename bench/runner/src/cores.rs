//! The cores that server and clients are bound to.

use std::fs;

use anyhow::{Context, Result, bail};

/// The cores that this process may use.
#[derive(Debug)]
pub(crate) struct Cores {
    all: Vec<usize>,
}

/// Who runs where.
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
        let text = fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
        let list = text.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        Ok(Self { all: list.and_then(|list| parse(list.trim())).context("no Cpus_allowed_list")? })
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

/// Reads a list as `0-2,5`.
fn parse(list: &str) -> Option<Vec<usize>> {
    let mut cores = Vec::new();
    for part in list.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cores.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(cores)
}

#[cfg(test)]
mod tests {
    use super::{Cores, Layout, parse};

    #[test]
    fn lists_of_the_kernel_are_read() {
        assert_eq!(parse("0-2,5"), Some(vec![0, 1, 2, 5]));
        assert_eq!(parse("3"), Some(vec![3]));
        assert_eq!(parse("x"), None);
        assert!(Cores::of_this_process().expect("on Linux").layout(false).is_ok());
    }

    #[test]
    fn two_cores_need_two() {
        let two = Cores { all: vec![2, 5] };
        assert_eq!(two.layout(false).expect("one"), Layout { server: 2, other: 2 });
        assert_eq!(two.layout(true).expect("two"), Layout { server: 2, other: 5 });
        assert!(Cores { all: vec![2] }.layout(true).is_err());
    }
}
