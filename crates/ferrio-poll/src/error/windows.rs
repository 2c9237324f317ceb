//! What pipes and queues of packets refuse, in words.

use std::fmt::Debug;
use std::io::{self, ErrorKind};

use crate::error::new;

/// Begins with the words of mio, whose users may look for them, as the two below.
#[cold]
pub(crate) fn pipe_registered() -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        "I/O source already registered with a `Registry`: use reregister to change its token or interest, or \
         deregister it first",
    )
}

#[cold]
pub(crate) fn pipe_of_other_poll() -> io::Error {
    new(
        ErrorKind::AlreadyExists,
        "I/O source already registered with a different `Registry`: a pipe stays with the first Poll that it \
         was registered with, since Windows never releases it from there",
    )
}

#[cold]
pub(crate) fn pipe_not_registered() -> io::Error {
    new(
        ErrorKind::NotFound,
        "I/O source not registered with `Registry`: register the pipe before it is used, since its operations \
         end in a Poll",
    )
}

/// A handle that the completion port does not take.
#[cold]
pub(crate) fn not_overlapped(cause: &io::Error) -> io::Error {
    new(
        cause.kind(),
        format!(
            "the handle cannot report to this Poll: {cause}; open it with FILE_FLAG_OVERLAPPED, and have no \
             other completion port nor Poll use it"
        ),
    )
}

#[cold]
pub(crate) fn pipe_name_with_zero(name: impl Debug) -> io::Error {
    new(ErrorKind::InvalidInput, format!("{name:?} has a zero in it, which no name of a pipe can have"))
}

#[cold]
pub(crate) fn name_of_no_pipe(name: impl Debug) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("{name:?} is the name of something that is no pipe: those of pipes begin with \\\\.\\pipe\\"),
    )
}

#[cold]
pub(crate) fn pipe_busy(name: impl Debug) -> io::Error {
    new(
        ErrorKind::ResourceBusy,
        format!(
            "each instance of the pipe {name:?} has a client: try again later, or have the server make more \
             instances"
        ),
    )
}

#[cold]
pub(crate) fn instances_out_of_range(instances: u8) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("a pipe with at most {instances} instances: give 1 to 254, or leave it out for no limit"),
    )
}

#[cold]
pub(crate) fn pipe_without_messages() -> io::Error {
    new(
        ErrorKind::InvalidInput,
        "the pipe is read as bytes and has no messages: make it with `message_mode`, or turn \
         `set_message_mode` on if its server made it so",
    )
}

#[cold]
pub(crate) fn security_descriptor(text: &str, cause: &io::Error) -> io::Error {
    new(
        ErrorKind::InvalidInput,
        format!("{text:?} describes no security descriptor: {cause}; one looks like \"D:(A;;GA;;;SY)\""),
    )
}

#[cold]
pub(crate) fn queue_not_registered() -> io::Error {
    new(
        ErrorKind::NotFound,
        "the queue is not registered yet: register it with the Poll to which its handles are to report",
    )
}

#[cold]
pub(crate) fn inboxes_used_up(max: u32) -> io::Error {
    new(
        ErrorKind::StorageFull,
        format!("this Poll has had {max} queues of packets, and has no numbers for more: make a new Poll"),
    )
}
