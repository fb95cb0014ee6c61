//! Resuming after an abort and after the process was killed: only missing data is transferred.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use brickftp::transfer::{ResumeToken, Source};
use brickftp::{Client, ErrorKind, Outcome};
use bytes::Bytes;
use mft_simulator::Fault;
use mft_tests::subprocess::{STEP, kill_after, rerun};
use mft_tests::transfer::{COMPLETE, GET, MIB, PART, PUT, Site, SourceKind, content};

const SECOND: Duration = Duration::from_secs(1);

/// Uploads until the given number of parts is stored. Returns the resume token.
async fn interrupt_upload(site: &Site, source: Source, parts: u32) -> ResumeToken {
    site.faults().push(Fault::slow_request(512 << 10, Duration::from_millis(5)).on(PUT));
    let upload = site.client().files().upload("in/file", source).parallel(2).start();
    let mut watch = upload.progress();
    while watch.now().parts < parts {
        watch.changed().await.expect("the transfer continues");
    }
    let aborted = upload.abort().await;
    site.faults().clear();
    assert_eq!(aborted.outcome, Outcome::NotDone);
    aborted.resume_token.expect("a token")
}

fn to_json(token: &ResumeToken) -> String {
    serde_json::to_string(token).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resume_after_abort_sends_only_missing_parts() {
    let bytes = content(9 * PART + 5);
    for source_kind in [SourceKind::File, SourceKind::Bytes, SourceKind::Seekable] {
        let site = Site::start().await;
        let token = interrupt_upload(&site, source_kind.source(&site, &bytes), 3).await;
        let finished = token.parts_done();
        assert!((3..10).contains(&finished), "{token:?}");
        assert_eq!((token.destination(), token.size()), ("in/file", bytes.len() as u64));
        let text = to_json(&token);
        for secret in ["http", "Amz", "Signature", "127.0.0.1", &site.api_key()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }

        site.clear_journal();
        let token: ResumeToken = serde_json::from_str(&text).unwrap();
        let source = if source_kind == SourceKind::File {
            Source::file(site.local_path("source"))
        } else {
            source_kind.source(&site, &bytes)
        };
        let upload = site.second_client().files().upload("in/file", source).resume(token);
        let watch = upload.progress();
        upload.join().await.unwrap();
        site.assert_done("in/file", &bytes, "resumed");
        let puts = site.second_client_puts();
        assert_eq!(puts.len(), 10 - finished as usize, "{source_kind:?}: only missing parts");
        let distinct: BTreeSet<_> = puts.iter().map(|put| put.part).collect();
        assert_eq!(distinct.len(), puts.len(), "{source_kind:?}");
        assert_eq!(site.count("brickftp.uploads.start"), 0, "{source_kind:?}");
        let now = watch.now();
        assert_eq!((now.bytes, now.parts), (bytes.len() as u64, 10), "{source_kind:?}");
        assert_eq!(now.resumed, u64::from(finished) * PART as u64, "{source_kind:?}");
    }
}

/// A token for another upload is rejected before any request is sent. An expired upload session is reported.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resume_token_is_bound_to_its_upload() {
    let bytes = content(4 * PART);
    let site = Site::start().await;
    let token = interrupt_upload(&site, SourceKind::File.source(&site, &bytes), 1).await;
    site.clear_journal();
    let (client, path) = (site.client(), site.local_path("source"));
    let other_file = site.file("other", &bytes);
    let resume = |path: &str, source: Source| client.files().upload(path, source).resume(token.clone());
    for (case, upload) in [
        ("another destination", resume("in/other", Source::file(&path))),
        ("another modification time", resume("in/file", Source::file(other_file))),
        ("another size", resume("in/file", bytes.slice(1..).into())),
        ("a stream", resume("in/file", SourceKind::KnownSize.source(&site, &bytes))),
        ("bytes", resume("in/file", bytes.clone().into())),
    ] {
        let error = upload.join().await.expect_err(case);
        assert!(error.is_invalid_input(), "{case}: {error:?}");
        assert_eq!(error.outcome(), Outcome::NotDone);
    }
    let text = to_json(&token);
    for tampered in [
        text.replace("\"max_parts\":10000", "\"max_parts\":1"),
        text.replace("\"part_size\":5242880", "\"part_size\":0"),
        text.replace("\"version\":1", "\"version\":99"),
        text.replace("\"done\":[[", "\"done\":[[0,0],["),
    ] {
        assert_ne!(tampered, text);
        let tampered: ResumeToken = serde_json::from_str(&tampered).unwrap();
        let upload = client.files().upload("in/file", Source::file(&path)).resume(tampered);
        assert!(upload.join().await.unwrap_err().is_invalid_input());
    }
    assert_eq!(site.count("brickftp.uploads.*"), 0);

    site.state().expire_uploads();
    let upload = resume("in/file", Source::file(&path));
    let error = upload.join().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::NotFound, Outcome::NotDone), "{error:?}");
    assert_eq!(site.count(COMPLETE), 0);
    assert!(site.puts().iter().all(|put| !put.stored));
}

/// A failed upload can be resumed with the token of its handle. An upload whose completion response was lost is
/// completed once.
#[tokio::test]
async fn failed_upload_can_be_resumed() {
    let bytes = content(4 * PART);
    let site = Site::start().await;
    site.faults().push(Fault::storage_code("AccessDenied").on(PUT).nth(3));
    let upload = site.client().files().upload("in/file", bytes.clone()).parallel(1).start();
    let token = upload.join().await.unwrap_err().resume_token.unwrap();
    assert_eq!(token.parts_done(), 2);
    site.clear_journal();
    site.client().files().upload("in/file", bytes.clone()).resume(token).await.unwrap();
    site.assert_done("in/file", &bytes, "failed before");
    assert_eq!(site.puts().iter().map(|put| put.part).collect::<BTreeSet<_>>(), BTreeSet::from([3, 4]));

    let site = Site::start().await;
    site.faults().push(Fault::reset().on(COMPLETE).once());
    let upload = site.client().files().upload("in/file", bytes.clone()).start();
    let error = upload.join().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    let token = error.resume_token.unwrap();
    site.clear_journal();
    site.client().files().upload("in/file", bytes.clone()).resume(token.clone()).await.unwrap();
    site.assert_done("in/file", &bytes, "only the completion was missing");
    assert!(site.puts().is_empty());
    // A completed upload cannot be resumed.
    let upload = site.client().files().upload("in/file", bytes.clone()).resume(token);
    assert_eq!(upload.join().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(site.state().file_paths(), ["in/file"]);
}

/// The mode of a child process that gets killed. Only child processes have this variable.
const CHILD_MODE: &str = "MFT_TRANSFER_CHILD";

fn spawn_child(site: &Site, action: &str, local: &Path) -> Child {
    let mut program = rerun("resume::child_that_gets_killed");
    program.env(CHILD_MODE, action).env("MFT_CHILD_FILE", local).envs(site.environment());
    program.stdout(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn child_that_gets_killed() {
    let Ok(action) = std::env::var(CHILD_MODE) else { return };
    let local = PathBuf::from(std::env::var("MFT_CHILD_FILE").unwrap());
    let client = Client::from_env().unwrap();
    if action == "upload" {
        let token_path = local.with_extension("token");
        let request = client.files().upload("in/file", Source::file(&local)).parallel(2).on_checkpoint(move |token| {
            let temporary_path = token_path.with_extension("fresh");
            std::fs::write(&temporary_path, to_json(token)).unwrap();
            std::fs::rename(&temporary_path, &token_path).unwrap();
            println!("{STEP}");
        });
        request.await.unwrap();
    } else {
        let download = client.files().download("out/file").range_size(MIB as u64).parallel(2).to_file(&local);
        let mut watch = download.progress();
        let mut parts = 0;
        while watch.changed().await.is_some() {
            let now = watch.now().parts;
            (parts..now).for_each(|_| println!("{STEP}"));
            parts = now;
        }
        download.await.unwrap();
    }
}

/// Kills the child after the start of the upload, and after each of its parts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_upload_can_be_resumed() {
    let bytes = content(5 * PART + 1);
    for steps in 1..=6 {
        let site = Site::start().await;
        site.faults().push(Fault::slow_request(1 << 20, Duration::from_millis(10)).on(PUT));
        let path = site.file("source", &bytes);
        let child = spawn_child(&site, "upload", &path);
        tokio::task::spawn_blocking(move || kill_after(child, steps)).await.unwrap();
        site.faults().clear();
        assert_eq!(site.count(COMPLETE), 0);
        let token = std::fs::read_to_string(site.local_path("source.token")).unwrap();
        let token: ResumeToken = serde_json::from_str(&token).unwrap();
        let finished = token.parts_done();
        assert!(finished as usize + 1 >= steps, "{token:?} after {steps} steps");

        site.clear_journal();
        site.second_client().files().upload("in/file", Source::file(&path)).resume(token).await.unwrap();
        site.assert_done("in/file", &bytes, &format!("killed after {steps} steps"));
        assert_eq!(site.second_client_puts().len(), 6 - finished as usize, "after {steps} steps: only missing parts");
    }
}

/// Returns how often each range was requested.
fn request_counts(site: &Site) -> BTreeMap<String, usize> {
    let mut request_counts = BTreeMap::new();
    for range in site.second_client_ranges() {
        *request_counts.entry(range).or_default() += 1;
    }
    request_counts
}

fn assert_partial_only(site: &Site, name: &str) {
    assert_eq!(site.file_names(), [format!("{name}.part")], "no file has the final name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_download_can_be_resumed() {
    let bytes = content(8 * MIB + 5);
    for steps in [3, 4, 5] {
        let site = Site::start().await;
        site.state().add_file("out/file", bytes.clone());
        // Slow enough that the download is incomplete when the child is killed.
        site.faults().push(Fault::drip(64 << 10, Duration::from_millis(8)).on(GET));
        let path = site.local_path("target");
        let child = spawn_child(&site, "download", &path);
        tokio::task::spawn_blocking(move || kill_after(child, steps)).await.unwrap();
        site.faults().clear();
        assert_partial_only(&site, "target");

        // Data that was not yet written to disk is lost.
        check_resumed_download(&site, &bytes, 9 - steps + 2).await;
    }
}

/// Downloads the remaining data in at most `max_ranges` ranges in addition to the first one.
async fn check_resumed_download(site: &Site, bytes: &Bytes, max_ranges: usize) {
    let path = site.local_path("target");
    let download = site.second_client().files().download("out/file").range_size(MIB as u64).to_file(&path);
    let watch = download.progress();
    download.join().await.unwrap();
    assert!(std::fs::read(&path).unwrap() == *bytes);
    assert_eq!(site.file_names(), ["target"]);
    let request_counts = request_counts(site);
    // The first range is always requested, because its response contains the validator.
    assert!(
        request_counts.len() <= max_ranges + 1 && request_counts.values().all(|request_counts| *request_counts == 1),
        "{request_counts:?} of {max_ranges}"
    );
    assert_eq!(watch.now().bytes, bytes.len() as u64);
    assert!(watch.now().resumed > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aborted_download_can_be_resumed() {
    let bytes = content(8 * MIB + 5);
    let site = Site::start().await;
    site.state().add_file("out/file", bytes.clone());
    site.faults().push(Fault::drip(128 << 10, Duration::from_millis(3)).on(GET));
    let begin = || site.client().files().download("out/file").range_size(MIB as u64);
    let abort = async |keep_partial| {
        let download = begin().keep_partial(keep_partial).to_file(site.local_path("target"));
        let mut watch = download.progress();
        while watch.now().parts < 3 {
            watch.changed().await.expect("the transfer continues");
        }
        download.abort().await;
    };
    abort(false).await;
    assert!(
        mft_tests::runtime::wait_until(5 * SECOND, || site.file_names().is_empty()).await,
        "{:?}",
        site.file_names()
    );
    // The service returns no checksums at first, as it does shortly after an upload.
    for sum in ["crc32", "md5"] {
        site.faults().push(Fault::set_key(sum, serde_json::Value::Null).on("brickftp.files.download_url"));
    }
    abort(true).await;
    assert_partial_only(&site, "target");

    // If the version or the file differs or the manifest is damaged, the partial file is discarded.
    let partial = std::fs::read(site.local_path("target.part")).unwrap();
    let mut damaged = partial.clone();
    let last = damaged.len() - 3;
    damaged[last] ^= 1;
    site.faults().clear();
    for (case, partial, path) in [
        ("damaged", damaged, "out/file"),
        ("another file", partial.clone(), "out/other"),
        ("cut off", partial[..partial.len() - 1].to_vec(), "out/file"),
        ("empty", Vec::new(), "out/file"),
    ] {
        site.state().add_file("out/other", bytes.clone());
        site.file("target.part", &partial);
        let request = site.client().files().download(path).range_size(MIB as u64);
        let download = request.to_file(site.local_path("target"));
        let watch = download.progress();
        download.join().await.unwrap();
        assert!(std::fs::read(site.local_path("target")).unwrap() == bytes, "{case}");
        assert_eq!(watch.now().resumed, 0, "{case}");
        std::fs::remove_file(site.local_path("target")).unwrap();
    }

    site.file("target.part", &partial);
    site.clear_journal();
    check_resumed_download(&site, &bytes, 6).await;

    // The file was replaced in the meantime.
    let newer = content(8 * MIB + 5 + 64).slice(64..);
    site.state().add_file("out/file", newer.clone());
    site.file("target.part", &partial);
    begin().to_file(site.local_path("target")).await.unwrap();
    assert!(std::fs::read(site.local_path("target")).unwrap() == newer);
}
