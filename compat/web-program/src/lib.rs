//! A web server on axum. Nothing here knows of Ferrio.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::{get, post};
use tokio::net::TcpListener;

/// The largest body that is given back.
const BODY_MAX: usize = 8 << 20;

/// Starts a server that gives bodies back at `/echo` and counts at `/count`; returns
/// its address.
pub async fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/echo", post(async |body: Bytes| body))
        .route("/count", get(count))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(Arc::default());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// How often this was asked before.
async fn count(State(count): State<Arc<AtomicUsize>>) -> String {
    count.fetch_add(1, Ordering::Relaxed).to_string()
}
