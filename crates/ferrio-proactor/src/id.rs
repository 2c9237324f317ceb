//! What names a descriptor and an operation of a proactor.

/// A descriptor that a [`Proactor`](crate::Proactor) owns.
///
/// It is a number and a generation: once the descriptor was closed or detached, the handle is
/// stale. A stale handle does no harm: an operation on it is
/// [`Rejected`](crate::Rejected), and everything else says `None` or an error. A handle of
/// another proactor is not told apart from one of this.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Handle {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

/// An operation that was submitted: to cancel it, and to know its completions again.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct OpId {
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl OpId {
    /// As the kernel carries it from an operation to its completions.
    #[allow(dead_code, reason = "only a ring carries it")]
    pub(crate) fn to_user_data(self) -> u64 {
        u64::from(self.generation) << 32 | u64::from(self.slot)
    }

    #[allow(dead_code, reason = "only a ring carries it")]
    pub(crate) fn from_user_data(user_data: u64) -> OpId {
        OpId { slot: user_data as u32, generation: (user_data >> 32) as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::OpId;

    #[test]
    fn an_operation_comes_back_as_it_went() {
        for (slot, generation) in [(0, 0), (7, u32::MAX), (u32::MAX - 1, 1)] {
            let id = OpId { slot, generation };
            assert_eq!(OpId::from_user_data(id.to_user_data()), id);
        }
    }
}
