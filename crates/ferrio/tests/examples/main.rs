//! The examples, each run as its user runs it: as a program of its own. And the documents, which
//! name only what exists.

mod book;
mod broadcast;
mod broadcast_drain;
mod broadcast_fairness;
mod broadcast_limits;
mod broadcast_options;
mod broadcast_pause;
mod features;
mod harness;
mod http;
mod load;
mod loops;
mod proxy;
mod registrations;
mod small;
mod supervisor;
mod threads;
mod timers;
mod udp_requests;
mod worker_pool;
