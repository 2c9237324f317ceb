//! What only Unix has: pipes, and sources made of descriptors.

pub mod pipe;

mod fd_source;
mod source_fd;

pub use crate::unix::fd_source::FdSource;
pub use crate::unix::source_fd::SourceFd;
