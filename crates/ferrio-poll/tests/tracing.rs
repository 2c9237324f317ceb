//! A registration is an event of the `tracing` crate, where that feature is on.
#![cfg(feature = "tracing")]

use std::fmt::{self, Write};
#[cfg(all(debug_assertions, unix))]
use std::net;
use std::sync::{Arc, Mutex};

use ferrio_poll::net::UdpSocket;
use ferrio_poll::{Interest, Poll, Token};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down each event.
#[derive(Clone, Default)]
struct Notebook(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{field}={value:?};").unwrap();
    }
}

impl Subscriber for Notebook {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("ferrio_poll")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line(&mut self.0.lock().unwrap()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

// Windows does not tell whether a socket blocks.
#[test]
#[cfg(all(debug_assertions, unix))]
fn a_blocking_source_is_a_warning_once() {
    let notebook = Notebook::default();
    tracing::subscriber::with_default(notebook.clone(), || {
        let poll = Poll::new().unwrap();
        for token in 0..3 {
            let mut source = UdpSocket::from_std(net::UdpSocket::bind("127.0.0.1:0").unwrap());
            poll.registry().register(&mut source, Token(token), Interest::READABLE).unwrap();
        }
    });
    let text = notebook.0.lock().unwrap();
    assert_eq!(text.matches("set_nonblocking(true)").count(), 1, "{text}");
}

#[test]
fn a_registration_is_an_event_with_its_token() {
    let notebook = Notebook::default();
    tracing::subscriber::with_default(notebook.clone(), || {
        let poll = Poll::new().unwrap();
        let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        poll.registry().register(&mut socket, Token(17), Interest::READABLE).unwrap();
        poll.registry().reregister(&mut socket, Token(18), Interest::WRITABLE).unwrap();
        poll.registry().deregister(&mut socket).unwrap();
    });
    let text = notebook.0.lock().unwrap();
    for part in ["token=17", "interest=READABLE", "token=18", "reregister", "deregister"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}
