//! The options of a pipe.

use std::ffi::{OsStr, OsString};
use std::io;

use crate::error::windows as error;
use crate::sys::pipe::{self, Descriptor, INSTANCES_MAX, Options};
use crate::windows::named_pipe::NamedPipe;

/// Makes an instance of a named pipe; by [`NamedPipe::builder`].
///
/// # Examples
///
/// ```
/// # extern crate ferrio_poll as ferrio;
/// # fn main() -> std::io::Result<()> {
/// use ferrio::windows::NamedPipe;
///
/// let name = format!(r"\\.\pipe\ferrio-builder-{}", std::process::id());
/// let first = NamedPipe::builder(&name).message_mode(true).instances(2).create()?;
/// // A server waits for its next client by another instance of the same pipe.
/// let next = NamedPipe::builder(&name).message_mode(true).instances(2).first_instance(false).create()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a builder makes nothing until `create`"]
pub struct NamedPipeBuilder {
    name: OsString,
    options: Options,
    /// The text of the descriptor, until the pipe is made.
    security: Option<String>,
}

impl NamedPipeBuilder {
    pub(super) fn new(name: &OsStr) -> NamedPipeBuilder {
        let options = Options {
            messages: false,
            instances: None,
            is_first: true,
            allows_remote: false,
            in_buffer: BUFFER,
            out_buffer: BUFFER,
            security: None,
        };
        NamedPipeBuilder { name: name.to_owned(), options, security: None }
    }

    /// Whether what is written stays in messages. They are read by
    /// [`NamedPipe::read_message`]; a client that wants to see them turns
    /// [`set_message_mode`](NamedPipe::set_message_mode) on. Off without this.
    pub fn message_mode(mut self, on: bool) -> NamedPipeBuilder {
        self.options.messages = on;
        self
    }

    /// How many instances of this name there may be, from 1 to 254; no limit without this. The
    /// first instance sets it.
    pub fn instances(mut self, instances: u8) -> NamedPipeBuilder {
        self.options.instances = Some(instances);
        self
    }

    /// Whether this has to be the first instance of the name. On without this, so that a program
    /// which has taken the name before is noticed; turn it off for the further instances.
    pub fn first_instance(mut self, on: bool) -> NamedPipeBuilder {
        self.options.is_first = on;
        self
    }

    /// Whether clients on other machines may connect. Off without this.
    pub fn remote_clients(mut self, on: bool) -> NamedPipeBuilder {
        self.options.allows_remote = on;
        self
    }

    /// How many bytes the kernel keeps of what a client writes; 64 KiB without this. Windows takes
    /// it as advice.
    pub fn in_buffer_size(mut self, bytes: u32) -> NamedPipeBuilder {
        self.options.in_buffer = bytes;
        self
    }

    /// How many bytes the kernel keeps of what is written to a client; 64 KiB without this.
    /// Windows takes it as advice.
    pub fn out_buffer_size(mut self, bytes: u32) -> NamedPipeBuilder {
        self.options.out_buffer = bytes;
        self
    }

    /// Sets which users may use the pipe, as a security descriptor in the text form of Windows (SDDL), such as
    /// `D:(A;;GA;;;SY)(A;;GA;;;BA)` for the system and the administrators. Without this it is the
    /// default of the process. No child process inherits the handle in either case.
    #[doc(alias = "SECURITY_ATTRIBUTES")]
    pub fn security_descriptor(mut self, sddl: &str) -> NamedPipeBuilder {
        self.security = Some(sddl.to_owned());
        self
    }

    /// Makes the instance.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a number of instances that no pipe can have, and for a security
    /// descriptor or a name that is none; `PermissionDenied` if it is not the first instance and
    /// has to be. Otherwise what Windows says, as for more instances than the first one allows.
    pub fn create(mut self) -> io::Result<NamedPipe> {
        if let Some(instances) = self.options.instances {
            if !(1..=INSTANCES_MAX).contains(&instances) {
                return Err(error::instances_out_of_range(instances));
            }
        }
        if let Some(text) = &self.security {
            self.options.security = Some(Descriptor::parse(text)?);
        }
        Ok(NamedPipe::of(pipe::create(&self.name, &self.options)?, self.options.messages))
    }
}

/// The size of a buffer, as mio has it.
const BUFFER: u32 = 64 * 1024;
