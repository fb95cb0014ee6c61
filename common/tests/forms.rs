//! Form uploads and downloads in one response, with a mock transport and paused time.
#![cfg(feature = "transfer")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use mft_common::provider::Pipeline;
use mft_common::testing::MockTransport;
use mft_common::transfer::{FormFile, FormUpload, Source, WholeDownload, WholeDownloadService};
use mft_common::transport::{Body, Response};
use mft_common::{ErrorKind, Outcome, Result, RetryPolicy};

use support::{Answer, Chunks, client, seconds, settings};

/// Returns a seekable source. It fails after `fails_after` bytes.
fn seekable(text: &'static str, fails_after: Option<usize>) -> Source {
    Source::seekable(text.len() as u64, move |at| async move {
        let at = usize::try_from(at).unwrap();
        let good = Ok(Bytes::from_static(&text.as_bytes()[at..fails_after.unwrap_or(text.len())]));
        Ok(Chunks([Some(good), fails_after.map(|_| Err("the disk is gone".into()))].into_iter().flatten().collect()))
    })
}

fn one_shot(text: &'static str, size: Option<u64>) -> Source {
    Source::stream(Chunks([Ok(Bytes::from_static(text.as_bytes()))].into()), size)
}

fn upload(pipeline: &Pipeline, files: Vec<FormFile>) -> FormUpload<()> {
    let pipeline = pipeline.clone();
    FormUpload::new("parcels.upload", files, move |form| {
        pipeline.call("parcels.upload", Method::POST, "/upload", &[]).form(form).returns_nothing()
    })
}

fn file(source: impl Into<Source>) -> Vec<FormFile> {
    vec![FormFile::new("f1", "a.txt", source.into())]
}

#[tokio::test(start_paused = true)]
async fn form_contains_files_in_order_and_then_fields() {
    let script = MockTransport::new().reply(200, &[], "");
    let files = vec![
        FormFile::new("f1", "a \"b\"\r\n.txt", Source::bytes("one")).content_type("text/plain"),
        FormFile::new("f2", "ü.bin", seekable("two", None)),
        FormFile::new("f3", "empty", Source::bytes("")),
    ];
    let sending = upload(&client(&script), files).field("meta", "{}").start();
    let watch = sending.progress();
    sending.join().await.unwrap();
    let progress = watch.now();
    assert_eq!((progress.bytes, progress.total, progress.parts, progress.retries), (6, Some(6), 3, 0));
    let call = &script.calls()[0];
    let content_type = call.headers["content-type"].to_str().unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    let part =
        |head: &str, body: &str| format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let octets = "\r\nContent-Type: application/octet-stream";
    let expected = [
        part("name=\"f1\"; filename=\"a %22b%22%0D%0A.txt\"\r\nContent-Type: text/plain", "one"),
        part(&format!("name=\"f2\"; filename=\"ü.bin\"{octets}"), "two"),
        part(&format!("name=\"f3\"; filename=\"empty\"{octets}"), ""),
        part("name=\"meta\"", "{}"),
        format!("--{boundary}--\r\n"),
    ];
    assert_eq!(String::from_utf8_lossy(&call.body), expected.concat());
}

#[tokio::test(start_paused = true)]
async fn form_is_retried_if_its_sources_can_be_read_again() {
    for (name, source, attempts, told) in [
        ("bytes", Source::bytes("abc"), 3, None),
        ("seekable", seekable("abc", None), 3, None),
        ("a stream", one_shot("abc", Some(3)), 1, Some(Outcome::Unknown)),
    ] {
        let script = MockTransport::new().break_connection().reply(503, &[], "").reply(200, &[], "");
        let sending = upload(&client(&script), file(source)).start();
        let watch = sending.progress();
        let result = sending.join().await;
        assert_eq!(result.err().map(|error| error.outcome()), told, "{name}");
        let calls = script.calls();
        assert_eq!(calls.len(), attempts, "{name}");
        assert!(calls.iter().all(|call| call.body == calls[0].body), "{name}");
        let progress = watch.now();
        assert_eq!((progress.bytes, progress.retries as usize), (3, attempts - 1), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn source_error_is_the_error_of_the_upload() {
    for (name, source, kind, said) in [
        ("breaks off", seekable("abcdef", Some(2)), ErrorKind::Io, "the disk is gone"),
        ("too long", one_shot("abcd", Some(3)), ErrorKind::Integrity, "more than the 3 bytes"),
        ("too short", one_shot("ab", Some(3)), ErrorKind::Integrity, "fewer than the 3 bytes"),
    ] {
        let script = MockTransport::new().reply(200, &[], "").repeat_last();
        let error = upload(&client(&script), file(source)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome(), error.operation()),
            (kind, Outcome::Unknown, Some("parcels.upload"))
        );
        assert!(error.to_string().contains(said), "{name}: {error}");
        assert!(script.calls().is_empty(), "{name}: a complete request arrived");
    }
    let missing =
        upload(&client(&MockTransport::new()), file(Source::file("/there/is/no/such/file"))).await.unwrap_err();
    assert_eq!((missing.kind(), missing.outcome()), (ErrorKind::Io, Outcome::NotDone));
}

#[tokio::test(start_paused = true)]
async fn only_the_idle_timeout_limits_an_upload() {
    let slow = || {
        Source::seekable(3, |_| async move {
            let slowly = futures_util::stream::unfold(0_u32, |sent| async move {
                tokio::time::sleep(seconds(25)).await;
                (sent < 3).then(|| (Ok::<_, mft_common::transport::BodyError>(Bytes::from_static(b"x")), sent + 1))
            });
            Ok(slowly)
        })
    };
    let script = MockTransport::new().reply_after(seconds(100), 200, &[], "");
    upload(&client(&script), file(slow())).await.unwrap();
    // Neither the call timeout nor a timeout beyond the range of the clock limits it.
    let mut patient = settings(MockTransport::new().reply(200, &[], "").reply(200, &[], ""));
    patient.call_timeout(seconds(40));
    upload(&support::build(patient.clone()), file(slow())).await.unwrap();
    patient.idle_timeout(Duration::MAX);
    upload(&support::build(patient), file(slow())).response_timeout(Duration::MAX).await.unwrap();
    let script = MockTransport::new().hang();
    let error = upload(&client(&script), file(one_shot("abc", None))).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
    let stuck = Source::stream(futures_util::stream::pending::<Result<Bytes>>(), None);
    let error = upload(&client(&MockTransport::new()), file(stuck)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Unknown));
}

#[tokio::test(start_paused = true)]
async fn aborted_upload_returns_its_outcome() {
    let script = MockTransport::new().hang();
    let sending = upload(&client(&script), file(b"abc")).start();
    while sending.progress().now().bytes < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sending.abort().await, Outcome::Unknown);
    let pipeline = {
        let mut settings = settings(MockTransport::new().hang());
        settings.max_concurrent_calls(1);
        support::build(settings)
    };
    let _first = upload(&pipeline, file(b"abc")).start();
    tokio::time::sleep(seconds(1)).await;
    // It waits for the permit of the first upload.
    let sending = upload(&pipeline, file(b"abc")).start();
    tokio::time::sleep(seconds(1)).await;
    assert_eq!(sending.abort().await, Outcome::NotDone);
    let sending = upload(&client(&MockTransport::new().reply(200, &[], "")), file(b"abc")).start();
    tokio::time::sleep(seconds(1)).await;
    assert_eq!(sending.abort().await, Outcome::Done);
}

#[tokio::test]
async fn early_response_is_an_integrity_error() {
    for (name, source) in [
        ("known", Source::bytes("abc")),
        ("unknown", one_shot("abc", None)),
        ("empty", Source::bytes("")),
        ("failing", one_shot("ab", Some(3))),
    ] {
        let pipeline = support::build(settings(Answer(|_: &mft_common::transport::Request| support::reply(200, ""))));
        let error = upload(&pipeline, file(source)).field("meta", "{}").await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Integrity, Outcome::Unknown), "{name}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn source_panic_is_not_a_network_error() {
    let panics = Source::seekable(3, |_| -> std::future::Ready<Result<Chunks, mft_common::transport::BodyError>> {
        panic!("intended panic of the source")
    });
    let script = MockTransport::new().reply(200, &[], "").repeat_last();
    let error = upload(&client(&script), file(panics)).await.unwrap_err();
    assert!(error.to_string().contains("the source panicked"), "{error}");
    assert!(script.calls().is_empty());
}

#[test]
#[expect(clippy::async_yields_async, reason = "the handle leaves its runtime on purpose")]
fn upload_reports_its_outcome_if_its_runtime_shuts_down() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (first, second) = (runtime(), runtime());
    let sending = first.block_on(async {
        let sending = upload(&client(&MockTransport::new().hang()), file(b"abc")).start();
        while sending.progress().now().bytes < 3 {
            tokio::task::yield_now().await;
        }
        sending
    });
    drop(first);
    let error = second.block_on(sending.join()).unwrap_err();
    assert_eq!((error.outcome(), error.operation()), (Outcome::Unknown, Some("parcels.upload")), "{error}");
    // Outside of a runtime the upload fails and does not panic.
    let sending = upload(&client(&MockTransport::new()), file(b"abc")).start();
    let error = second.block_on(sending).unwrap_err();
    assert!(error.is_invalid_input(), "{error}");
}

struct Files(Pipeline);

impl WholeDownloadService for Files {
    type File = String;

    async fn open(&self) -> Result<(Response, String)> {
        let response = self.0.call("parcels.download", Method::POST, "/download", &[]).safe().stream().await?;
        let name = response.headers()["x-name"].to_str().unwrap().to_owned();
        Ok((response, name))
    }
}

/// Returns a download of five bytes. Each response has some of them, and may break after them.
fn download(version: Option<&'static str>, replies: &'static [(&'static str, bool)]) -> WholeDownload<String> {
    let sent = AtomicUsize::new(0);
    let mut settings = settings(Answer(move |_: &mft_common::transport::Request| {
        let (text, breaks_off) = replies[sent.fetch_add(1, SeqCst)];
        let cut = breaks_off.then(|| Err("cut off".into()));
        let chunks = [Some(Ok(Bytes::from_static(text.as_bytes()))), cut].into_iter().flatten().collect();
        let mut response = support::reply(200, Body::from_stream(Chunks(chunks), Some(5)));
        response.headers_mut().insert("x-name", "a".parse().unwrap());
        if let Some(version) = version {
            response.headers_mut().insert("etag", version.parse().unwrap());
        }
        response
    }));
    settings.retry(RetryPolicy::new().base_delay(Duration::from_millis(1)));
    let pipeline = support::build(settings);
    WholeDownload::new(&pipeline, "parcels.download", Files(pipeline.clone()))
}

#[tokio::test]
async fn download_with_a_content_coding_is_rejected() {
    let pipeline = support::build(settings(Answer(|_: &mft_common::transport::Request| {
        let mut response = support::reply(200, Body::from("whole"));
        response.headers_mut().insert("x-name", "a".parse().unwrap());
        response.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
        response
    })));
    let error = WholeDownload::new(&pipeline, "parcels.download", Files(pipeline.clone())).bytes(9).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

// In real time, because the thread that writes the file does not advance a paused clock.
#[tokio::test]
async fn broken_download_restarts_only_if_no_bytes_were_returned() {
    const CRAWLS: &[(&str, bool)] = &[("w", true), ("wh", true), ("who", true), ("whol", true), ("whole", false)];
    const BREAKS: &[(&str, bool)] = &[("wh", true), ("who", true), ("whole", false)];
    let folder = std::env::temp_dir().join(format!("mft-forms-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let target = folder.join("copy");
    std::fs::write(&target, "old").unwrap();
    let error = download(None, &[("wh", true), ("wh", true), ("wh", true)]).to_file(&target).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::NotDone));
    assert_eq!(std::fs::read(&target).unwrap(), b"old");
    for version in [None, Some("\"v1\"")] {
        let handle = download(version, BREAKS).to_file(&target);
        let watch = handle.progress();
        let done = handle.join().await.unwrap();
        assert_eq!((done.size, done.file.as_str(), watch.now().bytes), (5, "a", 5));
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "other files remain");
    std::fs::remove_dir_all(&folder).unwrap();

    let mut stream = download(None, BREAKS).stream().await.unwrap();
    assert_eq!(stream.try_next().await.unwrap().unwrap(), "wh");
    assert_eq!(stream.try_next().await.unwrap_err().kind(), ErrorKind::Interrupted);
    // With a validator the rest is known to be of the same version.
    assert_eq!(download(Some("\"v1\""), BREAKS).bytes(5).await.unwrap(), "whole");
    // The number of attempts is limited, because each response starts at the first byte.
    assert_eq!(download(Some("\"v1\""), CRAWLS).bytes(5).await.unwrap_err().kind(), ErrorKind::Interrupted);
}
