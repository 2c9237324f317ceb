//! Echo and broadcast as one writes them with compio.

use std::io;
use std::rc::Rc;

use bench_kit::hub::{Hub, Member};
use bench_kit::server::Relay;
use bench_kit::{control, family};
use bytes::Bytes;
use compio::BufResult;
use compio::io::{AsyncRead, AsyncWriteExt};
use compio::net::{TcpListener, TcpStream};

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
            compio::runtime::spawn(echo(stream)).detach();
            continue;
        }
        let (reader, writer) = stream.into_split();
        let member = Rc::new(hub.join());
        compio::runtime::spawn(receive(reader, Rc::clone(&member))).detach();
        compio::runtime::spawn(send(writer, member)).detach();
    }
}

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = Vec::with_capacity(BUFFER);
    loop {
        let BufResult(length, read) = stream.read(buffer).await;
        if length? == 0 {
            return Ok(());
        }
        let BufResult(result, written) = stream.write_all(read).await;
        result?;
        buffer = written;
        buffer.clear();
    }
}

async fn receive(mut reader: TcpStream, member: Rc<Member<Bytes>>) -> io::Result<()> {
    loop {
        let BufResult(length, read) = reader.read(Vec::with_capacity(BUFFER)).await;
        if length? == 0 {
            return Ok(());
        }
        member.send(&Bytes::from(read));
    }
}

async fn send(mut writer: TcpStream, member: Rc<Member<Bytes>>) -> io::Result<()> {
    loop {
        let message = member.next().await?;
        writer.write_all(message).await.0?;
    }
}
