//! The program does on Ferrio what it does on mio.

use std::any::TypeId;
use std::env;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::process::{self, Stdio};
use std::time::Duration;

use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UdpSocket, UnixDatagram, UnixStream};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_program::{echo, fan_out};

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn the_mio_in_this_tree_is_ferrio() {
    assert_eq!(TypeId::of::<mio::Poll>(), TypeId::of::<ferrio_poll::Poll>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tcp_clients_get_their_bytes_back() {
    let address = echo::tcp().await.unwrap();
    let mut clients = JoinSet::new();
    for id in 0..50_u8 {
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            let sent = vec![id; 100_000];
            let (mut reader, mut writer) = stream.split();
            let mut got = vec![0; sent.len()];
            let (read, written) = tokio::join!(reader.read_exact(&mut got), writer.write_all(&sent));
            read?;
            written?;
            assert!(got == sent, "client {id} got other bytes back");
            io::Result::Ok(())
        });
    }
    for result in timeout(PATIENCE, clients.join_all()).await.expect("the clients finish") {
        result.unwrap();
    }
}

#[tokio::test]
async fn a_refused_connection_is_an_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = timeout(PATIENCE, TcpStream::connect(address)).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn udp_datagrams_come_back() {
    let address = echo::udp().await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(address).await.unwrap();
    for len in [0, 1, 1000, 20_000] {
        socket.send(&vec![7; len]).await.unwrap();
        let mut buf = vec![0; 65536];
        let got = timeout(PATIENCE, socket.recv(&mut buf)).await.unwrap().unwrap();
        assert_eq!(got, len);
    }
}

#[tokio::test]
async fn unix_streams_and_datagrams_work() {
    let path = env::temp_dir().join(format!("ferrio-tokio-program-{}", process::id()));
    echo::unix(&path).await.unwrap();
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"over a path").await.unwrap();
    let mut got = [0; 11];
    timeout(PATIENCE, stream.read_exact(&mut got)).await.unwrap().unwrap();
    assert_eq!(&got, b"over a path");
    std::fs::remove_file(&path).unwrap();

    let (one, other) = UnixDatagram::pair().unwrap();
    one.send(b"in one piece").await.unwrap();
    let mut buf = [0; 64];
    assert_eq!(other.recv(&mut buf).await.unwrap(), 12);
}

#[tokio::test]
async fn a_child_process_is_fed_read_and_reaped() {
    let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let sent = vec![b'x'; 300_000];
    let mut got = Vec::new();
    let write = async {
        stdin.write_all(&sent).await?;
        drop(stdin);
        io::Result::Ok(())
    };
    let (read, written) =
        timeout(PATIENCE, async { tokio::join!(stdout.read_to_end(&mut got), write) }).await.unwrap();
    read.unwrap();
    written.unwrap();
    assert!(got == sent);
    assert!(timeout(PATIENCE, child.wait()).await.unwrap().unwrap().success());
}

#[tokio::test]
async fn a_signal_arrives() {
    let mut signals = signal(SignalKind::user_defined1()).unwrap();
    for _ in 0..3 {
        let sent =
            process::Command::new("kill").args(["-USR1", &process::id().to_string()]).status().unwrap();
        assert!(sent.success());
        timeout(PATIENCE, signals.recv()).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn files_are_written_and_read() {
    let path = env::temp_dir().join(format!("ferrio-tokio-file-{}", process::id()));
    tokio::fs::write(&path, b"on disk").await.unwrap();
    assert_eq!(tokio::fs::read(&path).await.unwrap(), b"on disk");
    tokio::fs::remove_file(&path).await.unwrap();
}

#[tokio::test]
async fn a_descriptor_of_our_own_is_awaited() {
    let (reader, writer) = io::pipe().unwrap();
    let reader = OwnedFd::from(reader);
    // SAFETY: an OwnedFd names the same open descriptor for as long as it lives.
    let reader = unsafe { AsyncFd::register(reader) }.unwrap();
    let write = tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(20));
        io::Write::write_all(&mut &writer, b"!")
    });
    timeout(PATIENCE, reader.readable()).await.unwrap().unwrap().retain_ready();
    write.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_line_reaches_all_others() {
    let address = fan_out::tcp().await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(join(address).await.unwrap());
    }
    let (first, others) = clients.split_first_mut().unwrap();
    // A connection is not yet a subscription: give the server time to accept all.
    tokio::time::sleep(Duration::from_millis(300)).await;
    first.get_mut().write_all(b"hello\nworld\n").await.unwrap();
    for client in others {
        for expected in ["hello\n", "world\n"] {
            let mut line = String::new();
            timeout(PATIENCE, client.read_line(&mut line)).await.unwrap().unwrap();
            assert_eq!(line, expected);
        }
    }
}

async fn join(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    Ok(BufReader::new(TcpStream::connect(address).await?))
}
