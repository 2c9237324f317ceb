//! What a socket can be asked for before it is bound or connected.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::error;

/// An option of a socket, with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SocketOption {
    ReuseAddress(bool),
    ReusePort(bool),
    OnlyV6(bool),
    Device(String),
    TypeOfService(u8),
    KeepAlive(KeepAlive),
    Linger(Duration),
    ReceiveBuffer(usize),
    SendBuffer(usize),
    NoDelay(bool),
    QuickAck(bool),
    /// How many connections may have sent data before they are accepted. For one that is being
    /// connected any number allows it.
    FastOpen(u32),
    UserTimeout(Duration),
    FreeBind(bool),
    Transparent(bool),
    BindAddressNoPort(bool),
    Mark(u32),
    Priority(u32),
}

/// When the system asks whether a silent peer is still there.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeepAlive {
    /// After how long a silence it asks for the first time.
    pub(crate) idle: Duration,
    /// How long it waits for an answer before it asks again; the system's own if not given.
    pub(crate) interval: Option<Duration>,
    /// After how many questions without an answer the connection is lost; the system's own if
    /// not given.
    pub(crate) probes: Option<u32>,
}

/// What a socket is made for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// TCP connections are accepted by it.
    Listener,
    /// It is connected by TCP.
    Stream,
    /// UDP.
    Datagram,
    /// A Unix socket that is bound.
    #[allow(dead_code, reason = "not every system has them")]
    Local,
    /// A Unix socket that is connected.
    #[allow(dead_code, reason = "not every system has them")]
    LocalStream,
}

/// How a socket is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Each kind of option once.
    pub(crate) options: Vec<SocketOption>,
    /// How many connections may wait to be accepted; as many as the system allows if not given.
    pub(crate) backlog: Option<u32>,
    /// The address that a connection is made from.
    pub(crate) local: Option<SocketAddr>,
    /// The mode of the file that a Unix socket is bound to; what the umask leaves if not given.
    pub(crate) file_mode: Option<u32>,
}

impl Settings {
    /// Those of a listener with such a queue, and nothing else set.
    pub(crate) fn with_backlog(backlog: Option<u32>) -> Settings {
        Settings { backlog, ..Settings::default() }
    }

    /// Those of a Unix socket whose file has such a mode, and nothing else set.
    #[allow(dead_code, reason = "not every system has them")]
    pub(crate) fn with_file_mode(mode: u32) -> Settings {
        Settings { file_mode: Some(mode), ..Settings::default() }
    }

    /// Takes `option` in the place of an earlier one of its kind.
    pub(crate) fn set(&mut self, option: SocketOption) {
        self.options.retain(|other| other.name() != option.name());
        // On Linux it changes the priority too, so that one comes after it.
        let place = if matches!(option, SocketOption::TypeOfService(_)) { 0 } else { self.options.len() };
        self.options.insert(place, option);
    }

    /// True unless `reuse_address(false)` was asked for.
    #[allow(dead_code, reason = "on Windows what it asks for holds in any case")]
    pub(crate) fn reuses_address(&self) -> bool {
        !self.options.contains(&SocketOption::ReuseAddress(false))
    }

    /// Has `set` set each option that is one of a socket with this `purpose`.
    ///
    /// # Errors
    ///
    /// One that names the option and its value, and what `set` said. After it the
    /// socket is of no use.
    pub(crate) fn apply(
        &self,
        purpose: Purpose,
        mut set: impl FnMut(&SocketOption) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(mode) = self.file_mode.filter(|_| purpose != Purpose::Local) {
            let mode = format!("the mode {mode:#o} of a file");
            return Err(error::socket_option_misplaced(mode, purpose.name()));
        }
        for option in &self.options {
            if !option.fits(purpose) {
                return Err(error::socket_option_misplaced(option, purpose.name()));
            }
            set(option).map_err(|error| error::socket_option_refused(option, &error))?;
        }
        Ok(())
    }
}

impl SocketOption {
    /// What manuals call it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            SocketOption::ReuseAddress(_) => "SO_REUSEADDR",
            SocketOption::ReusePort(_) => "SO_REUSEPORT",
            SocketOption::OnlyV6(_) => "IPV6_V6ONLY",
            SocketOption::Device(_) => "SO_BINDTODEVICE",
            SocketOption::TypeOfService(_) => "IP_TOS",
            SocketOption::KeepAlive(_) => "SO_KEEPALIVE",
            SocketOption::Linger(_) => "SO_LINGER",
            SocketOption::ReceiveBuffer(_) => "SO_RCVBUF",
            SocketOption::SendBuffer(_) => "SO_SNDBUF",
            SocketOption::NoDelay(_) => "TCP_NODELAY",
            SocketOption::QuickAck(_) => "TCP_QUICKACK",
            SocketOption::FastOpen(_) => "TCP_FASTOPEN",
            SocketOption::UserTimeout(_) => "TCP_USER_TIMEOUT",
            SocketOption::FreeBind(_) => "IP_FREEBIND",
            SocketOption::Transparent(_) => "IP_TRANSPARENT",
            SocketOption::BindAddressNoPort(_) => "IP_BIND_ADDRESS_NO_PORT",
            SocketOption::Mark(_) => "SO_MARK",
            SocketOption::Priority(_) => "SO_PRIORITY",
        }
    }

    /// True if a socket with this `purpose` has it.
    fn fits(&self, purpose: Purpose) -> bool {
        match self {
            SocketOption::ReceiveBuffer(_) | SocketOption::SendBuffer(_) => true,
            SocketOption::NoDelay(_)
            | SocketOption::QuickAck(_)
            | SocketOption::FastOpen(_)
            | SocketOption::UserTimeout(_)
            | SocketOption::KeepAlive(_)
            | SocketOption::Linger(_) => matches!(purpose, Purpose::Listener | Purpose::Stream),
            _ => !matches!(purpose, Purpose::Local | Purpose::LocalStream),
        }
    }
}

impl Display for SocketOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            SocketOption::ReuseAddress(value)
            | SocketOption::ReusePort(value)
            | SocketOption::OnlyV6(value)
            | SocketOption::NoDelay(value)
            | SocketOption::QuickAck(value)
            | SocketOption::FreeBind(value)
            | SocketOption::Transparent(value)
            | SocketOption::BindAddressNoPort(value) => write!(f, "{name}={value}"),
            SocketOption::Device(value) => write!(f, "{name}={value:?}"),
            SocketOption::TypeOfService(value) => write!(f, "{name}={value}"),
            SocketOption::KeepAlive(value) => write!(f, "{name}={value:?}"),
            SocketOption::Linger(value) | SocketOption::UserTimeout(value) => write!(f, "{name}={value:?}"),
            SocketOption::ReceiveBuffer(value) | SocketOption::SendBuffer(value) => {
                write!(f, "{name}={value}")
            }
            SocketOption::FastOpen(value) | SocketOption::Mark(value) | SocketOption::Priority(value) => {
                write!(f, "{name}={value}")
            }
        }
    }
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Listener => "TCP listener",
            Purpose::Stream => "TCP stream",
            Purpose::Datagram => "UDP socket",
            Purpose::Local => "Unix socket",
            Purpose::LocalStream => "Unix socket that is connected",
        }
    }
}
