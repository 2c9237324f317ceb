//! What the server counts, and how it says it.

use std::{fmt, fmt::Display, io, io::Write};

macro_rules! counters {
    ($($name:ident)*) => {
        /// Counters since the start. A line for another client that was there at that
        /// time is `due`, and ends as `delivered` (written in full) or `dropped`.
        #[derive(Default)]
        pub(crate) struct Statistics { $(pub(crate) $name: u64),* }

        impl Display for Statistics {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let pairs = [$(format!("{}={}", stringify!($name), self.$name)),*];
                f.write_str(&pairs.join(" "))
            }
        }
    };
}

counters! { clients accepted lines due delivered dropped bytes slow overlong pauses }

/// Prints a line. A reader that went away must not end the server.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}
