//! The examples, each run as its user runs it: as a program of its own. And the documents, which
//! name only what exists.

mod book;
#[cfg(unix)]
mod broadcast;
#[cfg(unix)]
mod broadcast_drain;
#[cfg(unix)]
mod broadcast_fairness;
#[cfg(unix)]
mod broadcast_limits;
mod broadcast_lines;
#[cfg(unix)]
mod broadcast_options;
#[cfg(unix)]
mod broadcast_pause;
#[cfg(all(feature = "proactor", any(unix, windows)))]
mod completion;
mod features;
mod gso;
#[cfg(unix)]
mod handing_over;
mod harness;
mod http;
#[cfg(unix)]
mod load;
mod loops;
mod proxy;
mod registrations;
mod small;
#[cfg(unix)]
mod supervisor;
mod threads;
mod timers;
mod udp_requests;
#[cfg(unix)]
mod unix;
mod worker_pool;
