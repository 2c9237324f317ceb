//! Echo and broadcast as one writes them with tokio.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bench_kit::control;
use bench_kit::family;
use bench_kit::server::Relay;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};

/// The buffer of a connection.
const BUFFER: usize = 4096;
/// How many messages a slow client may lag behind.
const BACKLOG: usize = 256;

/// A message and the number of its sender.
type Message = (usize, Arc<[u8]>);

/// Serves until the program is ended.
pub(crate) async fn run(unix: Option<&Path>, relay: Relay) -> io::Result<()> {
    let hub = Hub::new(relay);
    if let Some(path) = unix {
        let listener = UnixListener::from_std(family::unix(path)?)?;
        control::start(&path.display().to_string())?;
        for number in 0.. {
            hub.take(number, listener.accept().await?.0);
        }
    } else {
        let (listener, address) = family::tcp()?;
        let listener = TcpListener::from_std(listener)?;
        control::start(&address)?;
        for number in 0.. {
            hub.take(number, listener.accept().await?.0);
        }
    }
    Ok(())
}

/// What new connections are given to.
struct Hub {
    relay: Relay,
    sender: Sender<Message>,
}

impl Hub {
    fn new(relay: Relay) -> Self {
        Self { relay, sender: broadcast::channel(BACKLOG).0 }
    }

    /// Starts the tasks of a connection. One that fails ends; the server goes on.
    fn take(&self, number: usize, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        if self.relay == Relay::Echo {
            tokio::spawn(echo(stream));
            return;
        }
        let (reader, writer) = split(stream);
        tokio::spawn(receive(number, reader, self.sender.clone()));
        tokio::spawn(send(number, writer, self.sender.subscribe()));
    }
}

async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let mut buffer = [0; BUFFER];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..length]).await?;
    }
}

async fn receive(
    number: usize,
    mut reader: impl AsyncRead + Unpin,
    sender: Sender<Message>,
) -> io::Result<()> {
    let mut buffer = [0; BUFFER];
    loop {
        let length = reader.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let message = Arc::from(&buffer[..length]);
        sender.send((number, message)).map_err(io::Error::other)?;
    }
}

async fn send(
    number: usize,
    mut writer: impl AsyncWrite + Unpin,
    mut receiver: Receiver<Message>,
) -> io::Result<()> {
    loop {
        match receiver.recv().await {
            Ok((sender, _)) if sender == number => {}
            Ok((_, message)) => writer.write_all(&message).await?,
            Err(RecvError::Lagged(_)) => return Err(io::ErrorKind::TimedOut.into()),
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}
