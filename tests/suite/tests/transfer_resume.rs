//! Going on after an abort, and after the process was killed: only what is missing is moved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use brickftp::transfer::{ResumeToken, Source};
use brickftp::{Client, ErrorKind, Outcome};
use bytes::Bytes;
use mft_simulator::Fault;
use mft_tests::program::{STEP, again, kill_after};
use mft_tests::transfer::{COMPLETE, From, GET, MIB, PART, PUT, Site, content};

const SECOND: Duration = Duration::from_secs(1);

/// Uploads until so many parts are there, and returns what is needed to go on.
async fn interrupted(site: &Site, source: Source, parts: u32) -> ResumeToken {
    site.faults().push(Fault::slow_request(512 << 10, Duration::from_millis(5)).on(PUT));
    let upload = site.client().files().upload("in/file", source).parallel(2).start();
    let mut watch = upload.progress();
    while watch.now().parts < parts {
        watch.changed().await.expect("it goes on");
    }
    let aborted = upload.abort().await;
    site.faults().clear();
    assert_eq!(aborted.outcome, Outcome::NotDone);
    aborted.resume_token.expect("a token")
}

fn text_of(token: &ResumeToken) -> String {
    serde_json::to_string(token).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_missing_parts_are_sent_after_an_abort() {
    let bytes = content(9 * PART + 5);
    for from in [From::File, From::Bytes, From::Reopened] {
        let site = Site::start().await;
        let token = interrupted(&site, from.source(&site, &bytes), 3).await;
        let done = token.parts_done();
        assert!((3..10).contains(&done), "{token:?}");
        assert_eq!((token.destination(), token.size()), ("in/file", bytes.len() as u64));
        let text = text_of(&token);
        for secret in ["http", "Amz", "Signature", "127.0.0.1", &site.api_key()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }

        site.clear_journal();
        let token: ResumeToken = serde_json::from_str(&text).unwrap();
        let source = if from == From::File { Source::file(site.place("source")) } else { from.source(&site, &bytes) };
        let mut upload = site.second_client().files().upload("in/file", source).resume(token);
        let watch = upload.progress();
        upload.join().await.unwrap();
        site.assert_done("in/file", &bytes, "resumed");
        let sent = site.puts_of_the_second();
        assert_eq!(sent.len(), 10 - done as usize, "{from:?}: only what was missing");
        let distinct: BTreeSet<_> = sent.iter().map(|put| put.part).collect();
        assert_eq!(distinct.len(), sent.len(), "{from:?}");
        assert_eq!(site.count("brickftp.uploads.start"), 0, "{from:?}");
        let now = watch.now();
        assert_eq!((now.bytes, now.parts), (bytes.len() as u64, 10), "{from:?}");
        assert_eq!(now.resumed, u64::from(done) * PART as u64, "{from:?}");
    }
}

/// What does not fit is refused before anything is sent; what the service has forgotten is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_fits_its_own_upload_only() {
    let bytes = content(4 * PART);
    let site = Site::start().await;
    let token = interrupted(&site, From::File.source(&site, &bytes), 1).await;
    site.clear_journal();
    let (client, path) = (site.client(), site.place("source"));
    let other = site.file("other", &bytes);
    let resume = |path: &str, source: Source| client.files().upload(path, source).resume(token.clone());
    for (case, mut upload) in [
        ("another destination", resume("in/other", Source::file(&path))),
        ("another time", resume("in/file", Source::file(other))),
        ("another size", resume("in/file", bytes.slice(1..).into())),
        ("a stream", resume("in/file", From::Sized.source(&site, &bytes))),
        ("bytes", resume("in/file", bytes.clone().into())),
    ] {
        let error = upload.join().await.expect_err(case);
        assert!(error.is_invalid_input(), "{case}: {error:?}");
        assert_eq!(error.outcome(), Outcome::NotDone);
    }
    let text = text_of(&token);
    for tampered in [
        text.replace("\"most\":10000", "\"most\":1"),
        text.replace("\"part_size\":5242880", "\"part_size\":0"),
        text.replace("\"version\":1", "\"version\":99"),
        text.replace("\"done\":[[", "\"done\":[[0,0],["),
    ] {
        assert_ne!(tampered, text);
        let tampered: ResumeToken = serde_json::from_str(&tampered).unwrap();
        let mut upload = client.files().upload("in/file", Source::file(&path)).resume(tampered);
        assert!(upload.join().await.unwrap_err().is_invalid_input());
    }
    assert_eq!(site.count("brickftp.uploads.*"), 0);

    site.state().expire_uploads();
    let mut upload = resume("in/file", Source::file(&path));
    let error = upload.join().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::NotFound, Outcome::NotDone), "{error:?}");
    assert_eq!(site.count(COMPLETE), 0);
    assert!(site.puts().iter().all(|put| !put.stored));
}

/// An upload that failed is gone on with by its own handle's token, and one whose completion was lost is not made twice.
#[tokio::test]
async fn a_failed_upload_is_gone_on_with() {
    let bytes = content(4 * PART);
    let site = Site::start().await;
    site.faults().push(Fault::storage_code("AccessDenied").on(PUT).nth(3));
    let mut upload = site.client().files().upload("in/file", bytes.clone()).parallel(1).start();
    upload.join().await.unwrap_err();
    let token = upload.resume_token().unwrap();
    assert_eq!(token.parts_done(), 2);
    site.clear_journal();
    site.client().files().upload("in/file", bytes.clone()).resume(token).await.unwrap();
    site.assert_done("in/file", &bytes, "failed before");
    assert_eq!(site.puts().iter().map(|put| put.part).collect::<BTreeSet<_>>(), BTreeSet::from([3, 4]));

    let site = Site::start().await;
    site.faults().push(Fault::reset().on(COMPLETE).once());
    let mut upload = site.client().files().upload("in/file", bytes.clone()).start();
    assert_eq!(upload.join().await.unwrap_err().outcome(), Outcome::Unknown);
    let token = upload.resume_token().unwrap();
    site.clear_journal();
    site.client().files().upload("in/file", bytes.clone()).resume(token.clone()).await.unwrap();
    site.assert_done("in/file", &bytes, "nothing but the completion was missing");
    assert!(site.puts().is_empty());
    // Once it is complete, there is nothing to go on with.
    let mut upload = site.client().files().upload("in/file", bytes.clone()).resume(token);
    assert_eq!(upload.join().await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(site.state().file_paths(), ["in/file"]);
}

/// What the program does that is killed. The test starts itself again for that, with this in its environment.
const VICTIM: &str = "MFT_TRANSFER_VICTIM";

fn victim(site: &Site, act: &str, local: &Path) -> Child {
    let mut program = again("a_program_that_is_killed");
    program.env(VICTIM, act).env("MFT_VICTIM_FILE", local).envs(site.environment());
    program.stdout(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn a_program_that_is_killed() {
    let Ok(act) = std::env::var(VICTIM) else { return };
    let local = PathBuf::from(std::env::var("MFT_VICTIM_FILE").unwrap());
    let client = Client::from_env().unwrap();
    if act == "upload" {
        let kept = local.with_extension("token");
        let request = client.files().upload("in/file", Source::file(&local)).parallel(2).on_checkpoint(move |token| {
            let fresh = kept.with_extension("fresh");
            std::fs::write(&fresh, text_of(token)).unwrap();
            std::fs::rename(&fresh, &kept).unwrap();
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

/// Killed when the upload had begun, and after each of its parts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_upload_is_gone_on_with() {
    let bytes = content(5 * PART + 1);
    for steps in 1..=6 {
        let site = Site::start().await;
        site.faults().push(Fault::slow_request(1 << 20, Duration::from_millis(10)).on(PUT));
        let path = site.file("source", &bytes);
        let child = victim(&site, "upload", &path);
        tokio::task::spawn_blocking(move || kill_after(child, steps)).await.unwrap();
        site.faults().clear();
        assert_eq!(site.count(COMPLETE), 0);
        let token = std::fs::read_to_string(site.place("source.token")).unwrap();
        let token: ResumeToken = serde_json::from_str(&token).unwrap();
        let done = token.parts_done();
        assert!(done as usize + 1 >= steps, "{token:?} after {steps} steps");

        site.clear_journal();
        site.second_client().files().upload("in/file", Source::file(&path)).resume(token).await.unwrap();
        site.assert_done("in/file", &bytes, &format!("killed after {steps} steps"));
        assert_eq!(site.puts_of_the_second().len(), 6 - done as usize, "after {steps} steps: only what was missing");
    }
}

/// How often each range was asked for.
fn times(site: &Site) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for range in site.ranges_of_the_second() {
        *times.entry(range).or_default() += 1;
    }
    times
}

fn assert_partial_only(site: &Site, name: &str) {
    assert_eq!(site.names(), [format!("{name}.part")], "nothing under the final name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_download_is_gone_on_with() {
    let bytes = content(8 * MIB + 5);
    for steps in [3, 4, 5] {
        let site = Site::start().await;
        site.state().add_file("out/file", bytes.clone());
        // Slow enough not to be complete by the time of the kill.
        site.faults().push(Fault::drip(64 << 10, Duration::from_millis(8)).on(GET));
        let path = site.place("target");
        let child = victim(&site, "download", &path);
        tokio::task::spawn_blocking(move || kill_after(child, steps)).await.unwrap();
        site.faults().clear();
        assert_partial_only(&site, "target");

        // What is on its way to the disk is lost with the program.
        resumes(&site, &bytes, 9 - steps + 2).await;
    }
}

/// Downloads the rest, in at most so many ranges beside the first.
async fn resumes(site: &Site, bytes: &Bytes, most: usize) {
    let path = site.place("target");
    let mut download = site.second_client().files().download("out/file").range_size(MIB as u64).to_file(&path);
    let watch = download.progress();
    download.join().await.unwrap();
    assert!(std::fs::read(&path).unwrap() == *bytes);
    assert_eq!(site.names(), ["target"]);
    let times = times(site);
    // The first range is asked for to learn the version, whether or not it is there already.
    assert!(times.len() <= most + 1 && times.values().all(|times| *times == 1), "{times:?} of {most}");
    assert_eq!(watch.now().bytes, bytes.len() as u64);
    assert!(watch.now().resumed > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aborted_download_is_gone_on_with() {
    let bytes = content(8 * MIB + 5);
    let site = Site::start().await;
    site.state().add_file("out/file", bytes.clone());
    site.faults().push(Fault::drip(128 << 10, Duration::from_millis(3)).on(GET));
    let begin = || site.client().files().download("out/file").range_size(MIB as u64);
    let abort = async |keeps| {
        let download = begin().keep_partial(keeps).to_file(site.place("target"));
        let mut watch = download.progress();
        while watch.now().parts < 3 {
            watch.changed().await.expect("it goes on");
        }
        download.abort().await;
    };
    abort(false).await;
    assert!(mft_tests::support::eventually(5 * SECOND, || site.names().is_empty()).await, "{:?}", site.names());
    // The service names no sums at first, as it does for a while after an upload.
    for sum in ["crc32", "md5"] {
        site.faults().push(Fault::set_key(sum, serde_json::Value::Null).on("brickftp.files.download_url"));
    }
    abort(true).await;
    assert_partial_only(&site, "target");

    // Another version, another file, damaged notes: then the rest is worth nothing, and it begins anew.
    let partial = std::fs::read(site.place("target.part")).unwrap();
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
        let mut download = request.to_file(site.place("target"));
        let watch = download.progress();
        download.join().await.unwrap();
        assert!(std::fs::read(site.place("target")).unwrap() == bytes, "{case}");
        assert_eq!(watch.now().resumed, 0, "{case}");
        std::fs::remove_file(site.place("target")).unwrap();
    }

    site.file("target.part", &partial);
    site.clear_journal();
    resumes(&site, &bytes, 6).await;

    // The file was replaced meanwhile.
    let newer = content(8 * MIB + 5 + 64).slice(64..);
    site.state().add_file("out/file", newer.clone());
    site.file("target.part", &partial);
    begin().to_file(site.place("target")).await.unwrap();
    assert!(std::fs::read(site.place("target")).unwrap() == newer);
}
