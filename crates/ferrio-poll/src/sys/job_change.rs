//! Stops of a child.

/// What happened to a child that goes on to live; made by
/// [`ChildExit::take_job_change`](crate::process::ChildExit::take_job_change).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobChange {
    /// It was continued by SIGCONT.
    #[doc(alias = "CLD_CONTINUED")]
    Continued,
    /// It was stopped by the signal of this number.
    #[doc(alias = "CLD_STOPPED")]
    Stopped(i32),
}
