//! A server that sends what it gets from one client to all others.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;

/// Starts the server and returns its address.
pub async fn tcp() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (sender, _) = broadcast::channel(4096);
    tokio::spawn(async move {
        for id in 0_usize.. {
            let Ok((stream, _)) = listener.accept().await else { return };
            tokio::spawn(serve(id, stream, sender.clone(), sender.subscribe()));
        }
    });
    Ok(address)
}

type Line = (usize, String);

async fn serve(
    id: usize,
    stream: TcpStream,
    sender: broadcast::Sender<Line>,
    mut receiver: broadcast::Receiver<Line>,
) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line? {
                Some(line) => drop(sender.send((id, line))),
                None => return Ok(()),
            },
            Ok((from, line)) = receiver.recv() => {
                if from != id {
                    writer.write_all(format!("{line}\n").as_bytes()).await?;
                }
            }
        }
    }
}
