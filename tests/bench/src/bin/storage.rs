//! A service that discards uploads and sends zeros, so that measurements cover only the client.
//!
//! `storage SIZE [PAUSE [even]]` prints its URL. It implements the requests of BrickFTP and ftpGrid that a transfer
//! needs. Parts are discarded, and a download has `SIZE` bytes. No response contains an MD5, so clients compute none.
//!
//! `PAUSE` is the duration of each part and range in milliseconds. The first attempt of one in twenty takes twenty
//! times as long, unless `even` is given. `GET /moved` returns the number of transferred bytes since the previous `GET
//! /moved`.

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
    let delays = std::env::args().nth(2).and_then(|pause| pause.parse().ok()).map(|pause| Delays {
        pause: Duration::from_millis(pause),
        slow_factor: if std::env::args().nth(3).is_some() { 1 } else { 20 },
        attempted: Mutex::default(),
    });
    let service = Arc::new(Service { address, size, delays, transferred: AtomicU64::new(0) });
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        tokio::spawn(serve(socket, Arc::clone(&service)));
    }
}

struct Service {
    address: Arc<str>,
    size: u64,
    delays: Option<Delays>,
    transferred: AtomicU64,
}

struct Delays {
    pause: Duration,
    /// The factor for slow parts.
    slow_factor: u32,
    /// Parts and ranges that were already attempted in this transfer.
    attempted: Mutex<HashSet<String>>,
}

impl Delays {
    /// Parts are identified by number, ranges by their start.
    async fn wait(&self, head: &Head) {
        let number = match head.range {
            Some((first, _)) => first / (8 << 20),
            None => head.line.split(['=', '&']).nth(1).and_then(|part| part.parse().ok()).unwrap_or(0),
        };
        let name = format!("{} {number}", &head.line[..3]);
        let is_first = self.attempted.lock().is_ok_and(|mut attempted| attempted.insert(name));
        let times = if is_first && number % 20 == 10 { self.slow_factor } else { 1 };
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
            let mut chunk = [0; 16 * 1024];
            match socket.read(&mut chunk).await? {
                0 => return Ok(()),
                read => buffer.extend_from_slice(&chunk[..read]),
            }
        };
        let head = parse(&buffer[..end]);
        let body = buffer.split_off(end);
        let mut left = head.length - (body.len() as u64).min(head.length);
        let is_part = head.line.starts_with("PUT ") || head.line.starts_with("POST /api/upload");
        let mut buffered = if is_part { Vec::new() } else { body };
        buffer.clear();
        while left > 0 {
            let limit = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let read = socket.read(&mut sink[..limit]).await?;
            if read == 0 {
                return Ok(());
            }
            left -= read as u64;
            if is_part {
                service.transferred.fetch_add(read as u64, Relaxed);
            } else {
                buffered.extend_from_slice(&sink[..read]);
            }
        }
        respond(&mut socket, &head, &buffered, &service, &zeros).await?;
    }
}

async fn respond(socket: &mut TcpStream, head: &Head, body: &[u8], service: &Service, zeros: &[u8]) -> io::Result<()> {
    let Service { address, size, .. } = service;
    let size = *size;
    if let Some(delays) = &service.delays
        && (head.line.starts_with("PUT ") || head.line.starts_with("GET /d"))
    {
        delays.wait(head).await;
    }
    if head.line.starts_with("GET /moved") {
        if let Some(delays) = &service.delays
            && let Ok(mut attempted) = delays.attempted.lock()
        {
            attempted.clear();
        }
        let transferred = service.transferred.swap(0, Relaxed).to_string();
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{transferred}", transferred.len());
        return socket.write_all(response.as_bytes()).await;
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
            let chunk = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            socket.write_all(&zeros[..chunk]).await?;
            service.transferred.fetch_add(chunk as u64, Relaxed);
            left -= chunk as u64;
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
    let response =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}", json.len());
    socket.write_all(response.as_bytes()).await
}

fn parse(head: &[u8]) -> Head {
    let text = String::from_utf8_lossy(head);
    let value = |header: &str| {
        text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(header).then(|| value.trim().to_owned())
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
