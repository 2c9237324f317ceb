//! The client of redis and our small server, both on Ferrio.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig, Client, RedisResult, cmd, pipe};
use redis_program::server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

async fn connect() -> MultiplexedConnection {
    let address = server::serve().await.unwrap();
    let client = Client::open(format!("redis://{address}/")).unwrap();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    client.get_multiplexed_async_connection_with_config(&config).await.unwrap()
}

#[tokio::test]
async fn values_are_kept_until_they_are_deleted() {
    let mut connection = connect().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let _: () = connection.set("name", &bytes).await.unwrap();
    assert!(connection.get::<_, Vec<u8>>("name").await.unwrap() == bytes);
    assert_eq!(connection.del::<_, i64>(&["name", "none"]).await.unwrap(), 1);
    assert_eq!(connection.get::<_, Option<String>>("name").await.unwrap(), None);
}

#[tokio::test]
async fn a_pipeline_is_answered_in_order() {
    let mut connection = connect().await;
    let mut pipe = pipe();
    for number in 0..2000 {
        pipe.cmd("ECHO").arg(number);
    }
    let answers: Vec<usize> = pipe.query_async(&mut connection).await.unwrap();
    assert!(answers.into_iter().eq(0..2000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_share_a_connection() {
    let connection = connect().await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let mut connection = connection.clone();
        tasks.spawn(async move {
            let mut numbers: Vec<i64> = Vec::new();
            for _ in 0..50 {
                numbers.push(connection.incr("count", 1).await.unwrap());
            }
            numbers
        });
    }
    let mut numbers = tasks.join_all().await.concat();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(1..=1000), "each number is given once");
}

#[tokio::test]
async fn an_error_of_the_server_is_an_error_of_the_client() {
    let mut connection = connect().await;
    let answer: RedisResult<String> = cmd("FLY").query_async(&mut connection).await;
    assert!(answer.unwrap_err().to_string().contains("unknown command 'FLY'"));
    let _: () = connection.set("word", "five").await.unwrap();
    assert!(connection.incr::<_, _, i64>("word", 1).await.is_err());
    assert_eq!(cmd("PING").query_async::<String>(&mut connection).await.unwrap(), "PONG");
}

#[tokio::test]
async fn what_is_no_command_ends_the_connection() {
    let address = server::serve().await.unwrap();
    for garbage in ["GET / HTTP/1.1\r\n\r\n", "*1\r\n$999999999\r\n", "*1\r\n$1\r\nabc", "*x\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(garbage.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        // A reset is an end too.
        let end = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("an end");
        assert!(end.is_err() || rest.is_empty(), "{garbage:?} was answered");
    }
}
