//! The loop: it waits, and serves signals, the file, outputs, exits, deadlines and requests.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use ferrio::fs::{Kind, Kinds, Watch};
use ferrio::net::{AcceptError, TcpListener, TcpStream, accept_error};
use ferrio::signal::{SIGHUP, SIGINT, SIGTERM, Signals};
use ferrio::time::Wheel;
use ferrio::{Events, Interest, Poll, ReadyList, Sources, Token};
use rustix::process::Signal;

use crate::options::Options;
use crate::scrape::Scrape;
use crate::service::{EXIT, STDERR, Service, describe};
use crate::{config, metrics};

pub(crate) struct Supervisor {
    pub(crate) options: Options,
    pub(crate) poll: Poll,
    signals: Signals,
    /// The directory of the file, and the file's name in it.
    watch: Option<(Watch, OsString)>,
    /// Where /metrics is asked for.
    listener: Option<TcpListener>,
    pub(crate) services: Sources<Service>,
    scrapes: Sources<Scrape>,
    /// Outputs that may have more.
    ready: ReadyList,
    pub(crate) deadlines: Wheel<Deadline>,
    pub(crate) is_stopping: bool,
}

pub(crate) enum Deadline {
    /// Accepting may work again.
    Accept,
    /// This service has not ended in time.
    Kill(Token),
    /// This request has taken too long.
    Scrape(Token),
    /// This service is to be started again.
    Start(Token),
}

/// Small tokens are never those of a `Sources` table.
const SIGNALS: Token = Token(0);
const WATCH: Token = Token(1);
const LISTENER: Token = Token(2);
/// Two tables may give the same token. This tag, above those of a service, tells them apart.
const SCRAPE: u8 = STDERR + 1;

const SCRAPES_MAX: usize = 32;
const SCRAPE_TIME: Duration = Duration::from_secs(5);
/// How long to wait when no connection can be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl Supervisor {
    pub(crate) fn new(options: Options) -> Result<Supervisor, Box<dyn Error>> {
        let config = config::read(&options)?;
        if config.is_empty() && options.config.is_none() {
            return Err("there is nothing to run: give NAME=COMMAND or --config".into());
        }
        let poll = Poll::new()?;
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
        poll.registry().register(&mut signals, SIGNALS, Interest::READABLE)?;
        let mut watch = options.config.as_deref().map(watch_file).transpose()?;
        if let Some((watch, _)) = &mut watch {
            poll.registry().register(watch, WATCH, Interest::READABLE)?;
        }
        let mut listener = options.metrics.as_deref().map(TcpListener::bind_to).transpose()?;
        if let Some(listener) = &mut listener {
            let address = listener.local_addr()?;
            if !address.ip().is_loopback() {
                return Err(format!("--metrics {address}: give an address of loopback").into());
            }
            poll.registry().register(listener, LISTENER, Interest::READABLE)?;
            say(&format!("listening on {address}"));
        }
        let mut supervisor = Supervisor {
            options,
            poll,
            signals,
            watch,
            listener,
            services: Sources::new(),
            scrapes: Sources::new(),
            ready: ReadyList::new(),
            deadlines: Wheel::new(Instant::now()),
            is_stopping: false,
        };
        supervisor.apply(config);
        Ok(supervisor)
    }

    /// Runs until all services have been stopped.
    pub(crate) fn run(mut self) -> io::Result<()> {
        let result = self.serve();
        if result.is_err() {
            // What was started must not go on with nobody to watch it.
            self.services.iter().for_each(|(_, service)| service.signal(Signal::KILL));
        }
        result
    }

    fn serve(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(64);
        while !self.is_stopping || !self.services.is_empty() {
            self.poll.poll_until(&mut events, self.ready.deadline(self.deadlines.next_deadline()))?;
            for event in &events {
                match (event.token(), event.token().tag()) {
                    (SIGNALS, _) => self.take_signals(),
                    (WATCH, _) => self.take_changes()?,
                    (LISTENER, _) => self.accept()?,
                    (token, SCRAPE) => self.serve_scrape(token.untagged()),
                    (token, EXIT) => self.take_exit(token)?,
                    (token, _) => self.ready.push(token),
                }
            }
            for _ in 0..self.ready.len() {
                let Some(token) = self.ready.pop() else { break };
                // An output of a service that was forgotten meanwhile finds none.
                let Some(service) = self.services.get_mut(token) else { continue };
                if service.take_turn(token.tag())? {
                    self.ready.push(token);
                }
            }
            self.expire()?;
        }
        say("everything is stopped");
        Ok(())
    }

    fn take_signals(&mut self) {
        while let Some(received) = self.signals.take() {
            match received.signal() {
                SIGHUP => self.reload(),
                _ => self.stop_all(),
            }
        }
    }

    fn take_changes(&mut self) -> io::Result<()> {
        let mut is_changed = false;
        if let Some((watch, name)) = &mut self.watch {
            while let Some(change) = watch.take()? {
                // After an overflow it is not known what has changed.
                is_changed |= change.kind() == Kind::Overflow || change.name() == Some(name);
            }
        }
        if is_changed {
            self.reload();
        }
        Ok(())
    }

    /// Reads the configuration anew; a wrong one changes nothing.
    fn reload(&mut self) {
        if self.is_stopping {
            return;
        }
        match config::read(&self.options) {
            Ok(config) => {
                say("reloaded");
                self.apply(config);
            }
            Err(error) => say(&format!("not reloaded: {error}")),
        }
    }

    fn take_exit(&mut self, token: Token) -> io::Result<()> {
        let Some(service) = self.services.get_mut(token) else { return Ok(()) };
        if let Some(status) = service.take_exit()? {
            say(&format!("{} {}", service.name, describe(status)));
            self.follow(token);
        }
        Ok(())
    }

    fn expire(&mut self) -> io::Result<()> {
        let now = Instant::now();
        while let Some((_, deadline)) = self.deadlines.expire(now) {
            match deadline {
                Deadline::Accept => self.accept()?,
                Deadline::Kill(token) => {
                    if let Some(service) = self.services.get_mut(token) {
                        say(&format!("{} does not end: it is killed", service.name));
                        service.deadline = None;
                        service.signal(Signal::KILL);
                    }
                }
                Deadline::Scrape(token) => _ = self.scrapes.remove(token),
                Deadline::Start(token) => {
                    if let Some(service) = self.services.get_mut(token) {
                        service.deadline = None;
                    }
                    self.start(token);
                }
            }
        }
        Ok(())
    }

    fn accept(&mut self) -> io::Result<()> {
        let Some(listener) = self.listener.take() else { return Ok(()) };
        loop {
            match listener.accept() {
                // One too many is closed, and an error of one client ends that client.
                Ok((stream, _)) if self.scrapes.len() < SCRAPES_MAX => _ = self.add_scrape(stream),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => match accept_error(&error) {
                    AcceptError::Retry => {}
                    AcceptError::Pause => {
                        self.deadlines.insert(Instant::now() + ACCEPT_PAUSE, Deadline::Accept);
                        break;
                    }
                    _ => return Err(error),
                },
            }
        }
        self.listener = Some(listener);
        Ok(())
    }

    fn add_scrape(&mut self, mut stream: TcpStream) -> io::Result<()> {
        let entry = self.scrapes.vacant_entry();
        let token = entry.token();
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, token.tagged(SCRAPE), interest)?;
        let deadline = self.deadlines.insert(Instant::now() + SCRAPE_TIME, Deadline::Scrape(token));
        entry.insert(Scrape::new(stream, deadline));
        Ok(())
    }

    fn serve_scrape(&mut self, token: Token) {
        let Some(scrape) = self.scrapes.get_mut(token) else { return };
        let stats = self.poll.stats();
        if scrape.serve(|| metrics::text(&self.services, stats)).unwrap_or(true) {
            self.deadlines.remove(scrape.deadline);
            self.scrapes.remove(token);
        }
    }
}

/// Watches the directory of a file: editors replace a file instead of writing to it.
fn watch_file(path: &Path) -> io::Result<(Watch, OsString)> {
    let name = path.file_name().ok_or_else(|| io::Error::other("--config: this is no file"))?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let whole = Kinds::CLOSED_AFTER_WRITE | Kinds::MOVED_TO;
    // Not every system tells of a close. There a file that was replaced is new, or was moved there.
    let kinds = if Kinds::ALL.contains(whole) { whole } else { Kinds::CREATED | Kinds::MOVED_TO };
    let mut watch = Watch::new()?;
    watch.add(directory.unwrap_or_else(|| Path::new(".")), kinds)?;
    Ok((watch, name.to_owned()))
}

/// Writes a line of the supervisor's own.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
