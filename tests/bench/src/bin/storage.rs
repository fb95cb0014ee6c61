//! A service that takes and gives files and does nothing with them: what is measured is the client.
//!
//! `storage SIZE [PAUSE [even]]` prints its address. It speaks as much of BrickFTP and ftpGrid as a transfer needs. Parts are
//! drained; a download yields `SIZE` bytes. Nothing here names an MD5, so that no client computes one.
//!
//! With a pause in milliseconds each part and each range takes so long, and the first try of one in twenty takes twenty
//! times as long, unless all are to be even. `GET /moved` tells how many bytes have been moved since it was asked last.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CHUNK: usize = 1 << 20;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let size: u64 = std::env::args().nth(1).and_then(|size| size.parse().ok()).unwrap_or(1 << 30);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address: Arc<str> = format!("http://{}", listener.local_addr()?).into();
    println!("{address}");
    let pace = std::env::args().nth(2).and_then(|pause| pause.parse().ok()).map(|pause| Pace {
        pause: Duration::from_millis(pause),
        slow: if std::env::args().nth(3).is_some() { 1 } else { 20 },
        seen: Mutex::default(),
    });
    let service = Arc::new(Service { address, size, pace, moved: AtomicU64::new(0) });
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        tokio::spawn(serve(socket, Arc::clone(&service)));
    }
}

struct Service {
    address: Arc<str>,
    size: u64,
    pace: Option<Pace>,
    moved: AtomicU64,
}

struct Pace {
    pause: Duration,
    /// How many times as long the slow ones take.
    slow: u32,
    /// Parts and ranges that have been tried in this transfer.
    seen: Mutex<HashSet<String>>,
}

impl Pace {
    /// The part is told by its number, the range by where it begins.
    async fn wait(&self, head: &Head) {
        let number = match head.range {
            Some((first, _)) => first / (8 << 20),
            None => head.line.split(['=', '&']).nth(1).and_then(|part| part.parse().ok()).unwrap_or(0),
        };
        let name = format!("{} {number}", &head.line[..3]);
        let is_first = self.seen.lock().is_ok_and(|mut seen| seen.insert(name));
        let times = if is_first && number % 20 == 10 { self.slow } else { 1 };
        tokio::time::sleep(self.pause * times).await;
    }
}

struct Head {
    line: String,
    length: u64,
    range: Option<(u64, u64)>,
}

async fn serve(mut socket: TcpStream, service: Arc<Service>) -> io::Result<()> {
    let mut buffer = Vec::new();
    let zeros = vec![0_u8; CHUNK];
    let mut sink = vec![0_u8; CHUNK];
    loop {
        let end = loop {
            if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            let mut piece = [0; 16 * 1024];
            match socket.read(&mut piece).await? {
                0 => return Ok(()),
                read => buffer.extend_from_slice(&piece[..read]),
            }
        };
        let head = parse(&buffer[..end]);
        let body = buffer.split_off(end);
        let mut left = head.length - (body.len() as u64).min(head.length);
        let is_part = head.line.starts_with("PUT ") || head.line.starts_with("POST /api/upload");
        let mut kept = if is_part { Vec::new() } else { body };
        buffer.clear();
        while left > 0 {
            let room = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let read = socket.read(&mut sink[..room]).await?;
            if read == 0 {
                return Ok(());
            }
            left -= read as u64;
            if is_part {
                service.moved.fetch_add(read as u64, Relaxed);
            } else {
                kept.extend_from_slice(&sink[..read]);
            }
        }
        answer(&mut socket, &head, &kept, &service, &zeros).await?;
    }
}

async fn answer(socket: &mut TcpStream, head: &Head, body: &[u8], service: &Service, zeros: &[u8]) -> io::Result<()> {
    let Service { address, size, .. } = service;
    let size = *size;
    if let Some(pace) = &service.pace
        && (head.line.starts_with("PUT ") || head.line.starts_with("GET /d"))
    {
        pace.wait(head).await;
    }
    if head.line.starts_with("GET /moved") {
        if let Some(pace) = &service.pace
            && let Ok(mut seen) = pace.seen.lock()
        {
            seen.clear();
        }
        let moved = service.moved.swap(0, Relaxed).to_string();
        let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{moved}", moved.len());
        return socket.write_all(reply.as_bytes()).await;
    }
    if head.line.starts_with("PUT ") {
        return socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    }
    if head.line.starts_with("POST /api/upload") {
        return socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"rslt\":\"OK\"}").await;
    }
    if head.line.starts_with("GET /d") || head.line.starts_with("POST /api/download") {
        let (first, last) = head.range.unwrap_or((0, size - 1));
        let last = last.min(size - 1);
        let length = last - first + 1;
        let (status, range) = match head.range {
            Some(_) => ("206 Partial Content", format!("Content-Range: bytes {first}-{last}/{size}\r\n")),
            None => ("200 OK", String::new()),
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nETag: \"zeros-1\"\r\n{range}\r\n");
        socket.write_all(head.as_bytes()).await?;
        let mut left = length;
        while left > 0 {
            let piece = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            socket.write_all(&zeros[..piece]).await?;
            service.moved.fetch_add(piece as u64, Relaxed);
            left -= piece as u64;
        }
        return Ok(());
    }
    let text = String::from_utf8_lossy(body);
    let json = if head.line.starts_with("GET ") {
        format!(r#"{{"path":"f","type":"file","size":{size},"download_uri":"{address}/d?Signature=x"}}"#)
    } else if text.contains("\"end\"") {
        r#"{"path":"f","type":"file"}"#.to_owned()
    } else {
        let part = text.split("\"part\":").nth(1).unwrap_or("1");
        let part: String = part.chars().take_while(char::is_ascii_digit).collect();
        format!(
            r#"{{"ref":"put-1","path":"f","http_method":"PUT","upload_uri":"{address}/o?partNumber={part}&Signature=x",
            "partsize":8388608,"part_number":{part},"available_parts":10000,"send":{{"partdata":"body"}},"headers":{{}},"parameters":{{}}}}"#
        )
    };
    let reply =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}", json.len());
    socket.write_all(reply.as_bytes()).await
}

fn parse(head: &[u8]) -> Head {
    let text = String::from_utf8_lossy(head);
    let value = |wanted: &str| {
        text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
        })
    };
    let range = value("range").and_then(|range| {
        let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse().ok()?, last.parse().unwrap_or(u64::MAX)))
    });
    Head {
        line: text.lines().next().unwrap_or_default().to_owned(),
        length: value("content-length").and_then(|length| length.parse().ok()).unwrap_or(0),
        range,
    }
}
