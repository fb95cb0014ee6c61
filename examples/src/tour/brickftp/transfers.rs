//! Transfers: multipart uploads, ranged downloads, and injected faults.

use std::time::Duration;

use brickftp::Outcome;
use brickftp::transfer::{ResumeToken, Source};
use mft_simulator::{Exchange, Fault};

use super::{Round, STORAGE};
use crate::Simulated as _;
use crate::tour::temporary::Temporary;
use crate::tour::{Check, Stop, Walk, holds, same};

const MIB: usize = 1 << 20;
const PUT: &str = "brickftp.storage.put_part";
const GET: &str = "brickftp.storage.get";
const COMPLETE: &str = "brickftp.uploads.complete";
const FILM: &str = "Tour/in/film.mov";
const COPY: &str = "Tour/in/film, again.mov";

pub(super) async fn visit(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<(), Stop> {
    // Two parts of 5 MiB, and a smaller third.
    let film: Vec<u8> = (0..=250).cycle().take(11 * MIB + 3).collect();
    round.section(walk, "Large files");
    upload(walk, round, &film).await?;
    download(walk, round, &film).await?;
    resume(walk, round, &film).await
}

async fn upload(walk: &mut Walk<'_>, round: &Round<'_>, film: &[u8]) -> Result<(), Stop> {
    let (mark, failures) = (round.mark(), walk.report.failures.len());
    // Part 2 fails and is retried; then the presigned URL of part 3 has expired.
    round.simulator.faults().push(Fault::status(500).on(PUT).nth(2));
    round.simulator.faults().push(Fault::expired_url().on(PUT).nth(4));
    let upload = round.client.files().upload(FILM, Source::bytes(film.to_vec())).parallel(1).start();
    let watch = upload.progress();
    let uploaded = walk
        .call(
            "Upload a file in three parts; one part fails, one presigned URL expires",
            async { Ok(upload.await?) },
            |file| {
                same("the size", file.size, Some(film.len() as u64))?;
                holds(round.state.content(FILM).is_some_and(|content| content == film), "the stored bytes differ")?;
                same("the sent parts", round.count(PUT, mark), 5)?;
                same("the completions", round.count(COMPLETE, mark), 1)?;
                let now = watch.now();
                same("bytes, parts and retries", (now.bytes, now.parts, now.retries), (film.len() as u64, 3, 2))?;
                Ok(format!("{} bytes, identical at the service; 3 parts in 5 requests", now.bytes))
            },
        )
        .await;
    show(walk, round, mark);
    walk.fault(&format!("failed part and expired presigned URL, in {}", round.name), failures);
    uploaded?;
    walk.call("Compare the checksum", round.client.files().stat(FILM), |file| {
        let theirs = file.crc32.as_deref().ok_or("the service has no checksum")?;
        holds(theirs.eq_ignore_ascii_case(&sum(film)), "the checksum differs")?;
        Ok(format!("crc32 {} on both sides", sum(film)))
    })
    .await
    .map(drop)
}

fn sum(bytes: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(bytes))
}

async fn download(walk: &mut Walk<'_>, round: &Round<'_>, film: &[u8]) -> Result<(), Stop> {
    let (mark, failures) = (round.mark(), walk.report.failures.len());
    round.simulator.faults().push(Fault::reset_mid_body().on(GET).nth(2));
    let target = Temporary::new(&format!("{}.mov", round.name));
    let request = round.client.files().download(FILM).range_size(4 << 20).parallel(2).to_file(target.path());
    let downloaded = walk
        .call("Download it in three ranges; one connection breaks", request, |done| {
            let received = std::fs::read(target.path()).map_err(|error| error.to_string())?;
            holds(received == film, "the downloaded bytes differ")?;
            let theirs = done.file.crc32.as_deref().ok_or("the service has no checksum")?;
            holds(theirs.eq_ignore_ascii_case(&sum(&received)), "the checksum differs")?;
            same("the requests", round.count(GET, mark), 4)?;
            let ranged = round.since(mark).iter().filter(|one| one.operation == Some(GET)).all(is_ranged);
            holds(ranged, "a request had no range")?;
            Ok(format!("{} bytes, crc32 {}; the lost rest of the range was fetched again", done.size, sum(&received)))
        })
        .await;
    show(walk, round, mark);
    walk.fault(&format!("broken connection in a range, in {}", round.name), failures);
    downloaded.map(drop)
}

fn is_ranged(exchange: &Exchange) -> bool {
    exchange.header("range").is_some_and(|range| range.starts_with("bytes="))
}

async fn resume(walk: &mut Walk<'_>, round: &Round<'_>, film: &[u8]) -> Result<(), Stop> {
    let (mark, failures) = (round.mark(), walk.report.failures.len());
    // Two parts arrive; the third gets no response.
    round.simulator.faults().push(Fault::stall().on(PUT).nth(3));
    let upload = round.client.files().upload(COPY, Source::bytes(film.to_vec())).parallel(1).start();
    let mut watch = upload.progress();
    // Wait until the third part is sent, or the upload ended for another reason.
    while round.count(PUT, mark) < 3 {
        let pause = tokio::time::timeout(Duration::from_millis(10), watch.changed());
        if pause.await.is_ok_and(|changed| changed.is_none()) {
            break;
        }
    }
    let aborted = upload.abort().await;
    let token_text = aborted.resume_token.as_ref().and_then(|token| serde_json::to_string(token).ok());
    walk.see("Stop an upload after two of three parts", stopped(round, aborted.outcome, token_text.as_deref()));
    let token: ResumeToken = token_text.as_deref().and_then(|text| serde_json::from_str(text).ok()).ok_or(Stop)?;

    let mark = round.mark();
    // A second process would have only this text.
    let later = match round.simulator.client_builder().format(round.format).build() {
        Ok(later) => later,
        Err(error) => {
            walk.see("Read the resume token", Err(error.to_string()));
            return Err(Stop);
        }
    };
    let request = later.files().upload(COPY, Source::bytes(film.to_vec()));
    let resumed = walk
        .call("Resume it from another client", async { Ok(request.resume(token).await?) }, |file| {
            same("the size", file.size, Some(film.len() as u64))?;
            holds(round.state.content(COPY).is_some_and(|content| content == film), "the stored bytes differ")?;
            same("the sent parts", round.count(PUT, mark), 1)?;
            Ok("only the third part was sent; the file is complete".to_owned())
        })
        .await;
    show(walk, round, mark);
    walk.fault(&format!("aborted and resumed upload, in {}", round.name), failures);
    resumed.map(drop)
}

fn stopped(round: &Round<'_>, outcome: Outcome, token_text: Option<&str>) -> Check {
    same("the outcome", outcome, Outcome::NotDone)?;
    holds(round.state.entry(COPY).is_none(), "the file exists")?;
    let token_text = token_text.ok_or("no resume token")?;
    holds(
        !token_text.contains("http") && !token_text.contains(&round.simulator.api_key()),
        "the token contains a secret",
    )?;
    Ok(format!("no file; the resume token has {} bytes and contains no URL and no secret", token_text.len()))
}

/// Prints the requests after the mark as the service received them.
fn show(walk: &mut Walk<'_>, round: &Round<'_>, mark: u64) {
    for exchange in round.since(mark) {
        let answer = match (exchange.status, exchange.fault.as_deref()) {
            (Some(status), None) => status.as_u16().to_string(),
            (Some(status), Some(_)) => format!("{} (injected fault)", status.as_u16()),
            (None, _) => "no response".to_owned(),
        };
        let operation = exchange.operation.unwrap_or("?");
        let range = exchange.header("range").filter(|_| operation.starts_with(STORAGE)).unwrap_or_default();
        walk.aside(format!("{operation}  {answer}  {range}").trim_end());
    }
}
