//! What only Unix has: pipes, and sources made of descriptors.

pub mod pipe;

mod embedding;
mod fd_source;
mod source_fd;

pub use crate::os::unix::fd_source::FdSource;
pub use crate::os::unix::source_fd::SourceFd;
