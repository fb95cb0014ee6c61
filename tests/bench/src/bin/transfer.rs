//! Transfers one file with this library or with plain reqwest, and prints the cost.
//!
//! `transfer ours|hedged|reqwest up|down|form-up|whole-down URL FILE SIZE` prints CPU seconds, peak memory above the
//! idle process, elapsed seconds, and the number of bytes that the server transferred.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncSeekExt;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const PART: u64 = 8 << 20;
const SLOTS: usize = 8;
const CHUNK: usize = 256 << 10;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, client, direction, url, file, size] = arguments.as_slice() else {
        return Err("usage: transfer ours|hedged|reqwest up|down|form-up|whole-down URL FILE SIZE".into());
    };
    let size: u64 = size.parse()?;
    let brickftp_client = brickftp::Client::builder("acme", brickftp::Authentication::api_key("key"))
        .base_url(format!("{url}/api/rest/v1"))
        .allow_http()
        .no_proxy();
    let brickftp_client = brickftp_client.build()?;
    let ftpgrid_client = ftpgrid::Client::builder(ftpgrid::Authentication::keys(
        ftpgrid::AssociationKey::new("a"),
        ftpgrid::AccessKey::new("b"),
        ftpgrid::SecretKey::new("c"),
    ))
    .base_url(url)
    .storage_url(url);
    let ftpgrid_client = ftpgrid_client.initial_token("token").allow_http().no_proxy().build()?;
    let reqwest_client = reqwest::Client::builder().no_proxy().build()?;
    // Both clients open a connection first, so that the measurement covers only the transfer.
    brickftp_client.files().stat("f").await?;
    reqwest_client.get(format!("{url}/d")).header("range", "bytes=0-9").send().await?.bytes().await?;
    reqwest_client.get(format!("{url}/moved")).send().await?.bytes().await?;
    let (idle, start) = (peak(), std::time::Instant::now());
    match (client.as_str(), direction.as_str()) {
        ("ours" | "hedged", "up") => {
            let upload = brickftp_client.files().upload("f", brickftp::transfer::Source::file(file)).parallel(SLOTS);
            upload.hedge(client == "hedged").await?;
        }
        ("ours" | "hedged", "down") => {
            let download = brickftp_client.files().download("f").parallel(SLOTS).range_size(PART).sync(false);
            download.hedge(client == "hedged").to_file(file).await?;
        }
        ("ours", "form-up") => ftpgrid_client.storage().upload("/f", ftpgrid::transfer::Source::file(file)).await?,
        ("ours", "whole-down") => {
            ftpgrid_client.storage().download("/f").sync(false).to_file(file).await?;
        }
        ("reqwest", "form-up") => {
            // `Part::file` of reqwest reads 8 KiB at a time, which takes fifteen times as long.
            let file = tokio::fs::File::open(file).await?;
            let stream = tokio_util::io::ReaderStream::with_capacity(file, CHUNK);
            let part = reqwest::multipart::Part::stream_with_length(reqwest::Body::wrap_stream(stream), size);
            let part = part.file_name("f");
            let form = reqwest::multipart::Form::new().part("f1", part);
            reqwest_client.post(format!("{url}/api/upload")).multipart(form).send().await?.error_for_status()?;
        }
        ("reqwest", "whole-down") => {
            let mut response = reqwest_client.get(format!("{url}/d")).send().await?.error_for_status()?;
            let mut target = File::create(file)?;
            while let Some(chunk) = response.chunk().await? {
                target.write_all(&chunk)?;
            }
        }
        ("reqwest", "up") => up(&reqwest_client, url, file, size).await?,
        ("reqwest", "down") => down(&reqwest_client, url, file, size).await?,
        _ => return Err("unknown client or direction".into()),
    }
    let (cpu, memory, time) = (cpu_seconds(), peak() - idle, start.elapsed().as_secs_f64());
    let transferred = reqwest_client.get(format!("{url}/moved")).send().await?.text().await?;
    println!("{cpu:.3} {memory} {time:.3} {transferred}");
    Ok(())
}

async fn up(client: &reqwest::Client, url: &str, path: &str, size: u64) -> Outcome {
    let slots = Arc::new(Semaphore::new(SLOTS));
    let mut parts = JoinSet::new();
    for number in 0..size.div_ceil(PART) {
        let slot = Arc::clone(&slots).acquire_owned().await?;
        let (client, url, path) = (client.clone(), url.to_owned(), path.to_owned());
        parts.spawn(async move {
            let _slot = slot;
            let start = number * PART;
            let length = PART.min(size - start);
            let mut file = tokio::fs::File::open(path).await?;
            file.seek(std::io::SeekFrom::Start(start)).await?;
            let stream = tokio_util::io::ReaderStream::with_capacity(file.take(length), CHUNK);
            let request = client.put(format!("{url}/o?partNumber={number}")).header("content-length", length);
            request.body(reqwest::Body::wrap_stream(stream)).send().await?.error_for_status()?;
            Outcome::Ok(())
        });
    }
    while let Some(part) = parts.join_next().await {
        part??;
    }
    Ok(())
}

async fn down(client: &reqwest::Client, url: &str, path: &str, size: u64) -> Outcome {
    let file = Arc::new(File::create(path)?);
    let slots = Arc::new(Semaphore::new(SLOTS));
    let mut ranges = JoinSet::new();
    for number in 0..size.div_ceil(PART) {
        let slot = Arc::clone(&slots).acquire_owned().await?;
        let (client, url, file) = (client.clone(), url.to_owned(), Arc::clone(&file));
        ranges.spawn(async move {
            let _slot = slot;
            let mut offset = number * PART;
            let last = (offset + PART).min(size) - 1;
            let request = client.get(format!("{url}/d")).header("range", format!("bytes={offset}-{last}"));
            let mut response = request.send().await?.error_for_status()?;
            while let Some(chunk) = response.chunk().await? {
                // Writes directly from the receiving task, the lower bound of the cost.
                file.write_all_at(&chunk, offset)?;
                offset += chunk.len() as u64;
            }
            Outcome::Ok(())
        });
    }
    while let Some(range) = ranges.join_next().await {
        range??;
    }
    Ok(())
}

/// In KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
