//! A WebSocket server on tungstenite. Nothing here knows of Ferrio.

use std::io;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::{Message, Result};

/// How many messages wait for a slow client.
const QUEUE: usize = 1024;

/// Starts a server that gives every message to all clients, also to its sender;
/// returns its address.
pub async fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (messages, _) = broadcast::channel(QUEUE);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(client(stream, messages.clone()));
        }
    });
    Ok(address)
}

async fn client(stream: TcpStream, messages: broadcast::Sender<Message>) -> Result<()> {
    // Before the handshake ends: who is connected misses nothing.
    let mut others = messages.subscribe();
    let (mut sink, mut stream) = accept_async(stream).await?.split();
    let sender = tokio::spawn(async move {
        while let Ok(message) = others.recv().await {
            if sink.send(message).await.is_err() {
                return;
            }
        }
    });
    while let Some(message) = stream.next().await {
        match message {
            Ok(message) if message.is_text() || message.is_binary() => drop(messages.send(message)),
            Ok(message) if message.is_close() => break,
            Ok(_) => {}
            Err(_) => break,
        }
    }
    sender.abort();
    Ok(())
}
