//! The server: words and numbers by name, as long as it runs.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};

use crate::resp::{Answer, read_command, write_answer};

/// What is stored.
#[derive(Debug, Default)]
struct Store {
    /// By name.
    values: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
}

/// Starts a server and returns its address.
pub async fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let store = Arc::new(Store::default());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(client(stream, Arc::clone(&store)));
        }
    });
    Ok(address)
}

async fn client(mut stream: TcpStream, store: Arc<Store>) -> io::Result<()> {
    let (reader, writer) = stream.split();
    let (mut reader, mut writer) = (BufReader::new(reader), BufWriter::new(writer));
    while let Some(words) = read_command(&mut reader).await? {
        write_answer(&mut writer, &store.answer(&words)).await?;
        // Answers to a pipeline go out together.
        if reader.buffer().is_empty() {
            writer.flush().await?;
        }
    }
    Ok(())
}

impl Store {
    fn answer(&self, words: &[Vec<u8>]) -> Answer {
        let Some((command, arguments)) = words.split_first() else {
            return Answer::Error("an empty command".to_owned());
        };
        let command = String::from_utf8_lossy(command).to_ascii_uppercase();
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        match (command.as_str(), arguments) {
            ("PING", []) => Answer::Simple("PONG"),
            // Clients introduce themselves.
            ("CLIENT", _) => Answer::Simple("OK"),
            ("ECHO", [word]) => Answer::Bulk(word.clone()),
            ("GET", [name]) => values.get(name).map_or(Answer::Nil, |value| Answer::Bulk(value.clone())),
            ("SET", [name, value]) => {
                values.insert(name.clone(), value.clone());
                Answer::Simple("OK")
            }
            ("DEL", names) => {
                let gone = names.iter().filter(|name| values.remove(*name).is_some()).count();
                Answer::Integer(i64::try_from(gone).unwrap_or(i64::MAX))
            }
            ("INCRBY", [name, step]) => {
                let old = values.get(name).map_or(Some(0), |value| number(value));
                let Some(sum) = old.zip(number(step)).and_then(|(old, step)| old.checked_add(step)) else {
                    return Answer::Error("value is not an integer or out of range".to_owned());
                };
                values.insert(name.clone(), sum.to_string().into_bytes());
                Answer::Integer(sum)
            }
            _ => Answer::Error(format!("unknown command '{}'", command.escape_default())),
        }
    }
}

/// The number that `word` spells.
fn number(word: &[u8]) -> Option<i64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}
