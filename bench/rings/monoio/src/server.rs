//! Echo and broadcast as one writes them with monoio.

use std::io;
use std::rc::Rc;

use bench_kit::hub::{Hub, Member};
use bench_kit::server::Relay;
use bench_kit::{control, family};
use bytes::Bytes;
use monoio::io::{AsyncReadRent, AsyncWriteRentExt, OwnedReadHalf, OwnedWriteHalf, Splitable};
use monoio::net::{TcpListener, TcpStream};

/// The buffer of a connection.
const BUFFER: usize = 4096;

/// Serves until the program is ended.
pub(crate) async fn run(relay: Relay) -> io::Result<()> {
    let (listener, address) = family::tcp()?;
    let listener = TcpListener::from_std(listener)?;
    control::start(&address)?;
    let hub = Hub::new();
    loop {
        let (stream, _address) = listener.accept().await?;
        // A task that fails ends, and the server goes on.
        if relay == Relay::Echo {
            monoio::spawn(echo(stream));
            continue;
        }
        let (reader, writer) = stream.into_split();
        let member = Rc::new(hub.join());
        monoio::spawn(receive(reader, Rc::clone(&member)));
        monoio::spawn(send(writer, member));
    }
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(BUFFER);
    loop {
        let (length, read) = stream.read(buffer).await;
        if length? == 0 {
            return Ok(());
        }
        let (result, written) = stream.write_all(read).await;
        result?;
        buffer = written;
    }
}

async fn receive(mut reader: OwnedReadHalf<TcpStream>, member: Rc<Member<Bytes>>) -> io::Result<()> {
    loop {
        let (length, read) = reader.read(Vec::with_capacity(BUFFER)).await;
        if length? == 0 {
            return Ok(());
        }
        member.send(&Bytes::from(read));
    }
}

async fn send(mut writer: OwnedWriteHalf<TcpStream>, member: Rc<Member<Bytes>>) -> io::Result<()> {
    loop {
        let message = member.next().await?;
        writer.write_all(message).await.0?;
    }
}
