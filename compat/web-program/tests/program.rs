//! A client of reqwest and a server of axum, both on Ferrio.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(60);

fn client() -> Client {
    Client::builder().timeout(PATIENCE).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_are_each_answered() {
    let address = web_program::serve().await.unwrap();
    let mut clients = JoinSet::new();
    for _ in 0..40 {
        clients.spawn(async move {
            let client = client();
            let mut answers = Vec::new();
            for _ in 0..25 {
                let answer = client.get(format!("http://{address}/count")).send().await.unwrap();
                answers.push(answer.text().await.unwrap().parse::<usize>().unwrap());
            }
            answers
        });
    }
    let mut answers = clients.join_all().await.concat();
    answers.sort_unstable();
    assert!(answers.into_iter().eq(0..1000), "each number is given once");
}

#[tokio::test]
async fn bodies_of_any_size_come_back() {
    let address = web_program::serve().await.unwrap();
    let client = client();
    for len in [0, 1, 1000, 100_000, 4 << 20] {
        let body: Vec<u8> = (0..len).map(|at: usize| at.to_le_bytes()[0]).collect();
        let answer = client.post(format!("http://{address}/echo")).body(body.clone()).send().await.unwrap();
        assert!(answer.bytes().await.unwrap() == body, "{len} bytes came back as others");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_the_others_alone() {
    let address = web_program::serve().await.unwrap();
    for _ in 0..20 {
        let request = client().post(format!("http://{address}/echo")).body(vec![7; 4 << 20]).send();
        // Too short for all of it, long enough to begin.
        let _ = tokio::time::timeout(Duration::from_millis(2), request).await;
    }
    let answer = client().post(format!("http://{address}/echo")).body("still here").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "still here");
}

#[tokio::test]
async fn errors_are_answers_or_errors() {
    let address = web_program::serve().await.unwrap();
    let answer = client().get(format!("http://{address}/nowhere")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = client().get(format!("http://{nobody}/")).send().await.unwrap_err();
    assert!(error.is_connect(), "{error}");
}
