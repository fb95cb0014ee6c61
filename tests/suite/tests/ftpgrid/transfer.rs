//! Uploads as one form and downloads as one response, complete and interrupted.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use ftpgrid::transfer::Source;
use ftpgrid::{Error, ErrorKind, Outcome, ServedKind};
use mft_simulator::Fault;
use mft_simulator::ftpgrid::Simulator;
use mft_tests::runtime::wait_until;
use mft_tests::transfer::{MIB, SourceKind, content, file_names_in};
use mft_tests::{ClientOptions, Ftpgrid, Provider};
use tempfile::TempDir;

const UPLOAD: &str = "ftpgrid.storage.upload";
const SINGLE: &str = "ftpgrid.storage.download_single";
/// As long as the attempt timeout of tests that must time out.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Sizes around the chunk and buffer sizes.
const SIZES: [usize; 9] = [0, 1, 8 * 1024, 64 * 1024 - 1, 64 * 1024 + 1, 256 * 1024, MIB - 1, MIB + 1, 9 * MIB + 7];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_size_round_trips_from_every_source() {
    let folder = TempDir::new().unwrap();
    for builder in [Simulator::builder(), Simulator::builder().chunked_downloads()] {
        let provider = Ftpgrid::start_with(builder).await;
        let client = provider.client(ClientOptions::default());
        for source_kind in SourceKind::ALL {
            for size in SIZES {
                let content = content(size);
                let case = format!("{source_kind:?}, {size} bytes");
                let upload =
                    client.storage().upload("/t/up.bin", source_kind.source_in(folder.path(), &content)).start();
                let watch = upload.progress();
                upload.join().await.unwrap_or_else(|error| panic!("{case}: {error}"));
                let progress = watch.now();
                assert_eq!((progress.bytes, progress.parts), (size as u64, 1), "{case}");
                assert!(provider.simulator.state().content("/t/up.bin").as_deref() == Some(&content), "{case}");
                let request = provider.journal().pop().expect("a request");
                let length = request.header("content-length").and_then(|length| length.parse().ok());
                assert_eq!(length, (source_kind != SourceKind::UnknownSize).then_some(request.body_bytes), "{case}");

                let target = folder.path().join("target");
                let download = client.storage().download("/t/up.bin").to_file(&target).await;
                assert_eq!(download.unwrap_or_else(|error| panic!("{case}: {error}")).size, size as u64, "{case}");
                assert!(std::fs::read(&target).unwrap() == content, "{case}");
            }
        }
        assert_eq!(file_names_in(folder.path()), ["source", "target"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_files_upload_in_one_form_and_download_as_one_archive() {
    let folder = TempDir::new().unwrap();
    let provider = Ftpgrid::start().await;
    let client = provider.client(ClientOptions::default());
    let content = content(2 * MIB);
    let parts: Vec<_> =
        (0..20).map(|number| content.slice(number * 1000..MIB / 8 * (number % 3) + number * 1000)).collect();
    let path = |number: usize| format!("/many/{}/ü {number}.bin", number % 4);
    let files: Vec<_> =
        parts.iter().enumerate().map(|(number, part)| (path(number), Source::bytes(part.clone()))).collect();
    client.storage().upload_many(files).await.unwrap();
    assert_eq!(provider.simulator.count(UPLOAD), 1);
    for (number, part) in parts.iter().enumerate() {
        assert!(provider.simulator.state().content(&path(number)).as_deref() == Some(part), "{number}");
    }
    let target = folder.path().join("many.zip");
    let download = client.storage().download_many((0..20).map(path)).to_file(&target).await.unwrap();
    assert_eq!((download.file.kind, download.file.name.as_str()), (ServedKind::Zip, "ftpgrid_download.zip"));
    let archive = std::fs::read(&target).unwrap();
    assert_eq!((archive.len() as u64, &archive[..4]), (download.size, &b"PK\x03\x04"[..]));
    // The archive is not compressed, so each entry follows its name unchanged.
    let mut remaining = archive.as_slice();
    for (number, part) in parts.iter().enumerate() {
        let name = path(number);
        let at = remaining.windows(name.len() - 1).position(|window| window == &name.as_bytes()[1..]).expect(&name);
        let entry = &remaining[at + name.len() - 1..];
        let begin = entry.windows(part.len().max(1)).take(64).position(|window| &window[..part.len()] == part);
        assert!(begin.is_some(), "{name}");
        remaining = &entry[begin.unwrap_or_default() + part.len()..];
    }
    let one = client.storage().download_many([path(1)]).bytes(MIB).await.unwrap();
    assert_eq!(one, parts[1]);
}

/// Compares the reported outcome with the stored file.
fn assert_outcome(provider: &Ftpgrid, result: &Result<(), Error>, content: &Bytes, case: &str) {
    let stored = provider.simulator.state().content("/t/up.bin");
    assert!(stored.is_none() || stored.as_ref() == Some(content), "{case}: a partial file is stored");
    let agrees = match result {
        Ok(()) => stored.is_some(),
        Err(error) => match error.outcome() {
            Outcome::NotDone => stored.is_none(),
            Outcome::Done => stored.is_some(),
            Outcome::Unknown => true,
        },
    };
    assert!(agrees, "{case}: {result:?}, stored: {}", stored.is_some());
}

fn upload_faults() -> Vec<(&'static str, Fault, bool)> {
    vec![
        ("reset", Fault::reset(), true),
        ("reset after", Fault::reset().after_processing(), true),
        ("500", Fault::status(500), true),
        ("502 after", Fault::status(502).after_processing(), true),
        ("503 with Retry-After", Fault::status(503).retry_after(0), true),
        ("429", Fault::status(429).retry_after(0), true),
        ("401", Fault::unauthorized(), true),
        ("truncated", Fault::truncated(), true),
        ("stall", Fault::stall(), true),
        ("stall after", Fault::stall().after_processing(), true),
        ("403", Fault::status(403), false),
        ("409", Fault::status(409), false),
        ("413", Fault::status(413), false),
        ("redirect", Fault::redirect(307, "http://127.0.0.1:9/"), false),
        ("no", Fault::replaced_body("{}"), false),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interrupted_upload_is_retried_or_reported_accurately() {
    let folder = TempDir::new().unwrap();
    let content = content(3 * MIB);
    for source_kind in SourceKind::ALL {
        for (name, fault, transient) in upload_faults() {
            let case = format!("{source_kind:?}, {name}");
            let provider = Ftpgrid::start().await;
            let client = provider.client(ClientOptions::short_timeouts());
            provider.faults().push(fault.on(UPLOAD).once());
            let upload = client.storage().upload("/t/up.bin", source_kind.source_in(folder.path(), &content));
            let result = upload.response_timeout(RESPONSE_TIMEOUT).await;
            assert_outcome(&provider, &result, &content, &case);
            let replayable = source_kind != SourceKind::KnownSize && source_kind != SourceKind::UnknownSize;
            match result {
                Ok(()) => assert!(transient && replayable, "{case}"),
                Err(error) => {
                    assert!(!transient || !replayable, "{case}: {error}");
                    assert_eq!(error.operation(), Some(UPLOAD), "{case}");
                    assert_eq!(provider.simulator.count(UPLOAD), 1, "{case}: a stream cannot be read again");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_upload_stores_nothing_and_has_outcome_unknown() {
    let folder = TempDir::new().unwrap();
    let content = content(8 * MIB);
    let provider = Ftpgrid::start().await;
    let client = provider.client(ClientOptions::default());
    let endless = || {
        let chunk = content.clone();
        Source::stream(futures_util::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone())), None)
    };
    let upload = client.storage().upload("/t/up.bin", endless()).start();
    let mut progress = upload.progress();
    while progress.now().bytes < 1 << 20 {
        progress.changed().await;
    }
    assert_eq!(upload.abort().await, Outcome::Unknown);
    let upload = client.storage().upload("/t/up.bin", endless()).start();
    let mut progress = upload.progress();
    while progress.now().bytes < 1 << 20 {
        progress.changed().await;
    }
    drop(upload);

    let broken = futures_util::stream::iter([Ok(content.clone()), Err(std::io::Error::other("the disk was removed"))]);
    let error = client.storage().upload("/t/up.bin", Source::stream(broken, None)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::Unknown), "{error}");
    let short = Source::stream(futures_util::stream::iter([Ok::<_, std::io::Error>(content.clone())]), Some(9 << 20));
    let error = client.storage().upload("/t/up.bin", short).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");

    let path = folder.path().join("missing");
    let error = client.storage().upload("/t/up.bin", Source::file(path)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::NotDone), "{error}");
    let ended = || provider.journal().iter().all(|exchange| !exchange.succeeded());
    assert!(wait_until(Duration::from_secs(5), ended).await);
    assert_eq!(provider.simulator.state().content("/t/up.bin"), None);
    assert_eq!(Ftpgrid::free_permits(&client), 64);
    client.storage().upload("/t/up.bin", Source::bytes(content)).await.unwrap();
}

/// A change to a file while the previous file is being sent.
type Change = fn(&Path);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_source_is_not_stored() {
    let changes: [(&str, Change); 4] = [
        ("grows", |path| OpenOptions::new().append(true).open(path).unwrap().write_all(b"x").unwrap()),
        ("shrinks", |path| OpenOptions::new().write(true).open(path).unwrap().set_len(9).unwrap()),
        ("is overwritten", |path| OpenOptions::new().write(true).open(path).unwrap().write_all(b"other").unwrap()),
        ("becomes empty", |path| std::fs::write(path, "").unwrap()),
    ];
    let folder = TempDir::new().unwrap();
    for (name, change) in changes {
        let provider = Ftpgrid::start().await;
        let path = folder.path().join("source");
        std::fs::write(&path, content(MIB)).unwrap();
        let place = path.clone();
        let first = futures_util::stream::once(async move {
            // Longer than the coarsest timestamp resolution of a file system.
            tokio::time::sleep(Duration::from_millis(20)).await;
            change(&place);
            Ok::<_, std::io::Error>(Bytes::from_static(b"first"))
        });
        let files = [("/t/first", Source::stream(first, Some(5))), ("/t/up.bin", Source::file(&path))];
        let error = provider.client(ClientOptions::default()).storage().upload_many(files).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Integrity, Outcome::Unknown), "{name}: {error}");
        let ended = || provider.simulator.count(UPLOAD) == 1;
        assert!(wait_until(Duration::from_secs(5), ended).await);
        let paths = provider.simulator.state().file_paths();
        assert!(paths.iter().all(|path| !path.starts_with("/t/")), "{name}: {paths:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panicking_source_and_invalid_target_are_errors() {
    let folder = TempDir::new().unwrap();
    let provider = Ftpgrid::start().await;
    let client = provider.client(ClientOptions::default());
    let panics = futures_util::stream::once(async { panic!("deliberate panic") });
    let source = Source::stream::<_, std::io::Error>(panics, None);
    let error = client.storage().upload("/t/up.bin", source).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Other, Outcome::Unknown), "{error}");
    assert_eq!(provider.simulator.state().content("/t/up.bin"), None);

    let directory = folder.path().join("directory");
    std::fs::create_dir(&directory).unwrap();
    for place in [directory.clone(), folder.path().join("not/there"), directory.join("..")] {
        let error = client.storage().download("/top.txt").to_file(&place).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::InvalidInput), "{}: {error}", place.display());
        assert_eq!(
            (file_names_in(folder.path()).as_slice(), file_names_in(&directory).len()),
            (&["directory".to_owned()][..], 0)
        );
    }
    assert_eq!(Ftpgrid::free_permits(&client), 64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn target_file_appears_only_when_complete() {
    let content = content(3 * MIB);
    for (chunked, builder) in [(false, Simulator::builder()), (true, Simulator::builder().chunked_downloads())] {
        for (name, fault, transient) in [
            ("reset", Fault::reset(), true),
            ("reset mid-body", Fault::reset_mid_body(), true),
            ("truncated", Fault::truncated(), true),
            ("503", Fault::status(503), true),
            ("429", Fault::status(429).retry_after(0), true),
            ("401", Fault::unauthorized(), true),
            ("stall", Fault::stall(), true),
            ("stalled body", Fault::drip(MIB, Duration::from_secs(9)), true),
            ("404", Fault::status(404), false),
            ("403", Fault::status(403), false),
            ("204", Fault::status(204), false),
        ] {
            if chunked && name == "stalled body" {
                // This fault response has a content length and the next one has none, which would look like another
                // file.
                continue;
            }
            for times in [1, 9] {
                let case = format!("{name}, {times} times, chunked: {chunked}");
                let folder = TempDir::new().unwrap();
                let provider = Ftpgrid::start_with(builder.clone()).await;
                provider.simulator.state().add_file("/t/down.bin", content.clone());
                provider.faults().push(fault.clone().on(SINGLE).times(times));
                let client = provider.client(ClientOptions::short_timeouts());
                let target = folder.path().join("down.bin");
                let result = client.storage().download("/t/down.bin").to_file(&target).await;
                match result {
                    Ok(download) => {
                        assert!(transient && times == 1, "{case}");
                        assert_eq!(
                            (download.size, file_names_in(folder.path()).as_slice()),
                            (3 << 20, &["down.bin".to_owned()][..])
                        );
                        assert!(std::fs::read(&target).unwrap() == content, "{case}");
                    }
                    Err(error) => {
                        assert!(!transient || times > 1, "{case}: {error}");
                        assert_eq!((error.operation(), error.outcome()), (Some(SINGLE), Outcome::NotDone), "{case}");
                        assert_eq!(file_names_in(folder.path()), [""; 0], "{case}: {error}");
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_download_keeps_the_old_file() {
    let folder = TempDir::new().unwrap();
    let provider = Ftpgrid::start().await;
    provider.simulator.state().add_pattern_file("/t/down.bin", 64 << 20, 7);
    provider.faults().push(Fault::drip(4096, Duration::from_millis(2)).on(SINGLE));
    let client = provider.client(ClientOptions::default());
    let target = folder.path().join("down.bin");
    std::fs::write(&target, "old").unwrap();
    let begin = || client.storage().download("/t/down.bin").to_file(&target);
    for aborts in [true, false] {
        let download = begin();
        let mut progress = download.progress();
        while progress.now().bytes == 0 {
            progress.changed().await;
        }
        if aborts {
            download.abort().await;
        } else {
            drop(download);
        }
        let alone = || file_names_in(folder.path()) == ["down.bin"];
        assert!(wait_until(Duration::from_secs(5), alone).await, "{:?}", file_names_in(folder.path()));
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
    }
    provider.faults().clear();
    let refused = client.storage().download("/t/down.bin").overwrite(false).to_file(&target).await.unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Io | ErrorKind::InvalidInput), "{refused}");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "old");
    assert_eq!(begin().await.unwrap().size, 64 << 20);
    let released = || Ftpgrid::free_permits(&client) == 64;
    assert!(wait_until(Duration::from_secs(5), released).await, "a permit is still held");
}
