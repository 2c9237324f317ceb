//! What is asked for, and what of it is allowed.

use std::path::{Path, PathBuf};

/// The longest request.
pub(crate) const REQUEST_MAX: usize = 4096;

/// A request that has come whole, or what is wrong with it.
pub(crate) enum Request {
    /// The rest of it is not there yet.
    Partial,
    /// A status line that says why not.
    Refused(&'static str),
    /// A path below the folder. Only the head is asked for if `is_head`.
    File { path: PathBuf, is_head: bool },
}

impl Request {
    pub(crate) fn parse(bytes: &[u8], root: &Path) -> Request {
        let is_whole = bytes.windows(4).any(|window| window == b"\r\n\r\n");
        let is_whole = is_whole || bytes.windows(2).any(|window| window == b"\n\n");
        if !is_whole {
            let is_long = bytes.len() >= REQUEST_MAX;
            return if is_long { Request::Refused("400 Bad Request") } else { Request::Partial };
        }
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let Ok(line) = std::str::from_utf8(line) else { return Request::Refused("400 Bad Request") };
        let mut words = line.split_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Request::Refused("400 Bad Request");
        };
        if !["GET", "HEAD"].contains(&method) {
            return Request::Refused("501 Not Implemented");
        }
        match below(target) {
            Some(relative) => Request::File { path: root.join(relative), is_head: method == "HEAD" },
            None => Request::Refused("404 Not Found"),
        }
    }
}

/// The path that a target names, below the folder; `None` if it leads anywhere else.
fn below(target: &str) -> Option<PathBuf> {
    let target = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let mut path = PathBuf::new();
    for part in target.split('/') {
        // Decoded first, so that `%2e%2e` and `%2f` are seen as what they are.
        let part = decoded(part)?;
        if part.is_empty() || part.starts_with('.') || part.contains(['/', '\0']) {
            return None;
        }
        path.push(part);
    }
    Some(path)
}

/// Without percent signs.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push((16 * high + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
