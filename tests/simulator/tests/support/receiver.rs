//! A webhook receiver.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[derive(Clone, Debug)]
pub struct Received {
    pub head: String,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a delivery is JSON")
    }
}

/// A receiver that answers with these statuses in order, then with 204. 0 closes the connection without a response; 1 never
/// responds.
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub async fn start(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (log, mut statuses) = (Arc::clone(&received), VecDeque::from(statuses.to_vec()));
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = Vec::new();
                let split = loop {
                    let mut block = [0; 4096];
                    let read = stream.read(&mut block).await.unwrap();
                    bytes.extend_from_slice(&block[..read]);
                    let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
                    let head = String::from_utf8_lossy(&bytes[..at]).to_lowercase();
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    if bytes.len() == at + 4 + length.unwrap().parse::<usize>().unwrap() {
                        break at;
                    }
                };
                log.lock().unwrap().push(Received {
                    head: String::from_utf8_lossy(&bytes[..split]).into_owned(),
                    body: bytes[split + 4..].to_vec(),
                });
                match statuses.pop_front().unwrap_or(204) {
                    0 => {}
                    1 => silent.push(stream),
                    status => {
                        let reply = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
                        stream.write_all(reply.as_bytes()).await.unwrap();
                    }
                }
            }
        });
        Self { url, received }
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}
