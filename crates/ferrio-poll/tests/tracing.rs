//! A registration is an event of the `tracing` crate, where that feature is on.
#![cfg(feature = "tracing")]

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use ferrio_poll::net::UnixStream;
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

#[test]
#[cfg(debug_assertions)]
fn a_blocking_source_is_a_warning_once() {
    let notebook = Notebook::default();
    tracing::subscriber::with_default(notebook.clone(), || {
        let poll = Poll::new().unwrap();
        for token in 0..3 {
            let (blocking, _peer) = std::os::unix::net::UnixStream::pair().unwrap();
            let mut source = UnixStream::from_std(blocking);
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
        let (mut reader, _writer) = UnixStream::pair().unwrap();
        poll.registry().register(&mut reader, Token(17), Interest::READABLE).unwrap();
        poll.registry().reregister(&mut reader, Token(18), Interest::WRITABLE).unwrap();
        poll.registry().deregister(&mut reader).unwrap();
    });
    let text = notebook.0.lock().unwrap();
    for part in ["token=17", "interest=READABLE", "token=18", "reregister", "deregister"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}
