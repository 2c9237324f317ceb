//! Clients and a server of tungstenite, both on Ferrio.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(60);

type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(address: SocketAddr) -> Client {
    let (client, _) = connect_async(format!("ws://{address}/")).await.unwrap();
    client
}

async fn next(client: &mut Client) -> Message {
    timeout(PATIENCE, client.next()).await.expect("a message").expect("no end").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_reaches_every_client_in_order() {
    let address = websocket_program::serve().await.unwrap();
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(connect(address).await);
    }
    for number in 0..50 {
        clients[0].send(Message::text(format!("message {number}"))).await.unwrap();
    }
    for client in &mut clients {
        for number in 0..50 {
            assert_eq!(next(client).await, Message::text(format!("message {number}")));
        }
    }
}

#[tokio::test]
async fn messages_of_any_size_come_back() {
    let address = websocket_program::serve().await.unwrap();
    let mut client = connect(address).await;
    for len in [0_usize, 1, 125, 126, 65_535, 65_536, 2 << 20] {
        let sent = Message::binary(vec![len.to_le_bytes()[0]; len]);
        client.send(sent.clone()).await.unwrap();
        assert!(next(&mut client).await == sent, "{len} bytes came back as others");
    }
}

#[tokio::test]
async fn a_ping_is_answered() {
    let address = websocket_program::serve().await.unwrap();
    let mut client = connect(address).await;
    client.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(next(&mut client).await, Message::Pong("are you there".into()));
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_the_others_alone() {
    let address = websocket_program::serve().await.unwrap();
    let mut stays = connect(address).await;
    for _ in 0..10 {
        drop(connect(address).await);
    }
    connect(address).await.close(None).await.unwrap();
    stays.send(Message::text("still here")).await.unwrap();
    assert_eq!(next(&mut stays).await, Message::text("still here"));
}
