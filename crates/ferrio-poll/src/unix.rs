//! What only Unix has: pipes, and sources made of raw descriptors.

pub mod pipe;

mod source_fd;

pub use source_fd::SourceFd;
