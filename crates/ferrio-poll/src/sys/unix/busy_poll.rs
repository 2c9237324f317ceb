//! The parameters of busy polling.

/// How the kernel polls network devices before a wait sleeps: the parameters of
/// ioctl_eventpoll(2).
///
/// For sockets of one device queue that are worth a processor; on loopback it does nothing.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct BusyPoll {
    /// For how many microseconds a wait polls; 0 turns it off. At most `i32::MAX`.
    pub micros: u32,
    /// How many packets one look takes at most. More than 64 needs `CAP_NET_ADMIN`.
    pub budget: u16,
    /// Whether interrupts are put off while it polls.
    pub prefer: bool,
}
