//! A broadcast server on tokio, for `cargo xtask faults`: each line of a client goes
//! to all others, byte for byte.
//!
//! It says `listening on ADDR`, serves until SIGTERM, and ends with its ledger, in the
//! words of Ferrio's own broadcast server.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// A line with its newline, shared by all its receivers.
type Line = Arc<[u8]>;

#[derive(Default)]
struct Hub {
    members: HashMap<u64, UnboundedSender<Line>>,
    accepted: u64,
    lines: u64,
    due: u64,
    delivered: u64,
    dropped: u64,
    bytes: u64,
    pauses: u64,
}

type Shared = Arc<Mutex<Hub>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let mut end = signal(SignalKind::terminate())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    let hub = Shared::default();
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(clients.spawn(serve(Arc::clone(&hub), stream))),
                // Whatever it is, it may pass: descriptors and memory come back.
                Err(_) => pause(&hub).await,
            },
            Some(_) = clients.join_next() => {}
            _ = end.recv() => break,
        }
    }
    drop(listener);
    // The queues are written to their ends, then the clients go.
    lock(&hub).members.clear();
    let _ = timeout(DRAIN_MAX, async { while clients.join_next().await.is_some() {} }).await;
    let Hub { accepted, lines, due, delivered, dropped, bytes, pauses, .. } = &*lock(&hub);
    println!(
        "final: accepted={accepted} lines={lines} due={due} delivered={delivered} dropped={dropped} \
         bytes={bytes} pauses={pauses}"
    );
    Ok(())
}

async fn pause(hub: &Shared) {
    lock(hub).pauses += 1;
    sleep(ACCEPT_PAUSE).await;
}

/// Serves a client until either of its directions ends.
async fn serve(hub: Shared, stream: TcpStream) {
    let (sender, mut queue) = unbounded_channel();
    let id = {
        let mut hub = lock(&hub);
        hub.accepted += 1;
        let id = hub.accepted;
        hub.members.insert(id, sender);
        id
    };
    let (reader, writer) = stream.into_split();
    tokio::select! {
        // An error ends the connection, as the end of the stream does.
        _ = relay(&hub, id, reader) => {}
        _ = write(&hub, &mut queue, writer) => {}
    }
    lock(&hub).members.remove(&id);
    queue.close();
    while queue.recv().await.is_some() {
        lock(&hub).dropped += 1;
    }
}

async fn relay(hub: &Shared, id: u64, reader: impl AsyncRead + Unpin) -> io::Result<()> {
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).await? > 0 {
        // A last line without a newline is not relayed.
        if line.ends_with(b"\n") {
            lock(hub).push(id, &Line::from(&*line));
        }
        line.clear();
    }
    Ok(())
}

async fn write(
    hub: &Shared,
    queue: &mut UnboundedReceiver<Line>,
    mut writer: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    while let Some(line) = queue.recv().await {
        let result = writer.write_all(&line).await;
        let mut hub = lock(hub);
        if result.is_err() {
            hub.dropped += 1;
            return result;
        }
        hub.delivered += 1;
        hub.bytes += line.len() as u64;
    }
    Ok(())
}

impl Hub {
    fn push(&mut self, from: u64, line: &Line) {
        self.lines += 1;
        for (_, sender) in self.members.iter().filter(|(id, _)| **id != from) {
            self.due += 1;
            self.dropped += u64::from(sender.send(Arc::clone(line)).is_err());
        }
    }
}

fn lock(hub: &Shared) -> MutexGuard<'_, Hub> {
    hub.lock().unwrap_or_else(PoisonError::into_inner)
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const DRAIN_MAX: Duration = Duration::from_secs(20);
