//! Servers that give back what they get.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UdpSocket, UnixListener};

/// Starts a TCP echo server and returns its address.
pub async fn tcp() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(give_back(stream));
        }
    });
    Ok(address)
}

/// Starts an echo server on a Unix socket at `path`.
pub async fn unix(path: &Path) -> io::Result<()> {
    let listener = UnixListener::bind(path)?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(give_back(stream));
        }
    });
    Ok(())
}

/// Starts a UDP echo server and returns its address.
pub async fn udp() -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    let address = socket.local_addr()?;
    tokio::spawn(async move {
        let mut buf = vec![0; 65536];
        while let Ok((len, peer)) = socket.recv_from(&mut buf).await {
            if socket.send_to(&buf[..len], peer).await.is_err() {
                return;
            }
        }
    });
    Ok(address)
}

async fn give_back(stream: impl AsyncRead + AsyncWrite) -> io::Result<u64> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    tokio::io::copy(&mut reader, &mut writer).await
}
