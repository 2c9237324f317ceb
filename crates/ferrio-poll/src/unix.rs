//! What only Unix has: pipes, and sources made of raw descriptors.

pub mod pipe;

mod fd_source;
mod source_fd;

pub use fd_source::FdSource;
pub use source_fd::SourceFd;
