//! Concurrent access to one file: versions are never mixed, and both callers get an accurate result.

use std::time::Duration;

use bytes::Bytes;
use ftpgrid::transfer::ByteStream;
use ftpgrid::{Error, ErrorKind, Outcome, ServedFile};
use mft_simulator::Fault;
use mft_simulator::ftpgrid::Simulator;
use mft_tests::runtime::wait_until;
use mft_tests::transfer::{MIB, SourceKind, content};
use mft_tests::{ClientOptions, Ftpgrid, Provider};
use tempfile::TempDir;

const UPLOAD: &str = "ftpgrid.storage.upload";
const SINGLE: &str = "ftpgrid.storage.download_single";

/// Returns two contents of the same size that differ in every byte.
fn pair(size: usize) -> [Bytes; 2] {
    let first = content(size);
    let second = first.iter().map(|byte| !byte).collect();
    [first, second]
}

fn may_have_been_stored(result: &Result<(), Error>) -> bool {
    result.as_ref().err().is_none_or(|error| error.outcome() != Outcome::NotDone)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_uploads_store_one_complete_file_and_report_accurately() {
    let contents = pair(8 * MIB);
    let slow = || Fault::slow_request(1 << 20, Duration::from_millis(3));
    for (case, first, second) in [
        ("no fault", None, None),
        ("the first is slow", Some(slow()), None),
        ("the second is slow", None, Some(slow())),
        ("the first is interrupted and retried", Some(Fault::reset().during_request(3 << 20)), None),
        (
            "the first is stored, its response is lost, and it is retried",
            Some(Fault::reset().after_processing()),
            Some(slow()),
        ),
        ("the first is rejected", Some(Fault::status(403)), Some(slow())),
        ("both responses are lost", Some(Fault::reset().after_processing()), Some(Fault::reset().after_processing())),
    ] {
        for (source_kind, other_kind) in [
            (SourceKind::Bytes, SourceKind::Seekable),
            (SourceKind::KnownSize, SourceKind::UnknownSize),
            (SourceKind::File, SourceKind::KnownSize),
        ] {
            let case = format!("{case}, {source_kind:?} and {other_kind:?}");
            let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
            let provider = Ftpgrid::start().await;
            for (number, fault) in [(1, first.clone()), (2, second.clone())] {
                if let Some(fault) = fault {
                    provider.faults().push(fault.on(UPLOAD).nth(number));
                }
            }
            let client = provider.client(ClientOptions::default());
            let upload = |number: usize, source_kind: SourceKind| {
                let source = source_kind.source_in(folders[number].path(), &contents[number]);
                client.storage().upload("/t/up.bin", source).start()
            };
            let (one, two) = (upload(0, source_kind), upload(1, other_kind));
            let results: [Result<(), Error>; 2] = tokio::join!(one.join(), two.join()).into();
            let stored = provider.simulator.state().content("/t/up.bin");
            let owner = stored.as_ref().map(|stored| contents.iter().position(|content| content == stored));
            match owner {
                Some(None) => panic!("{case}: the stored content is neither of the two"),
                Some(Some(owner)) => assert!(may_have_been_stored(&results[owner]), "{case}: {results:?}"),
                None => assert!(results.iter().all(Result::is_err), "{case}: {results:?}"),
            }
            let possible_uploads = |result: &Result<(), Error>| match result {
                Ok(()) => 1..=2,
                Err(error) if error.outcome() == Outcome::NotDone => 0..=0,
                Err(_) => 0..=1,
            };
            let completed =
                provider.journal().iter().filter(|one| one.operation == Some(UPLOAD) && one.succeeded()).count();
            let (least, most) = results
                .iter()
                .map(possible_uploads)
                .fold((0, 0), |(least, most), range| (least + range.start(), most + range.end()));
            assert!((least..=most).contains(&completed), "{case}: {completed} were stored, but {results:?}");
        }
    }
}

/// Reads a stream to its end. Returns the bytes and the result.
async fn read_to_end(stream: &mut ByteStream<ServedFile>) -> (Vec<u8>, Result<(), Error>) {
    let mut bytes = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            result => return (bytes, result.map(drop)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_replaced_during_download_is_never_mixed() {
    let [old, new] = pair(6 * MIB);
    for builder in [Simulator::builder(), Simulator::builder().chunked_downloads()] {
        for replacement in [new.clone(), new.slice(..2 * MIB), Bytes::new()] {
            let folder = TempDir::new().unwrap();
            let provider = Ftpgrid::start_with(builder.clone()).await;
            provider.simulator.state().add_file("/t/down.bin", old.clone());
            provider.faults().push(Fault::drip(256 << 10, Duration::from_millis(4)).on(SINGLE));
            let client = provider.client(ClientOptions::default());
            let target = folder.path().join("down.bin");
            let mut stream = client.storage().download("/t/down.bin").stream().await.unwrap();
            let first = stream.try_next().await.unwrap().unwrap();
            let download = client.storage().download("/t/down.bin").to_file(&target);
            let mut progress = download.progress();
            while progress.now().bytes == 0 {
                progress.changed().await.expect("the transfer continues");
            }
            client.storage().upload("/t/down.bin", replacement.clone()).await.unwrap();
            let (remaining, result) = read_to_end(&mut stream).await;
            result.unwrap();
            assert!([&first[..], &remaining].concat() == old, "the stream mixes two versions");
            let completed = download.await.unwrap();
            assert!(
                completed.size == old.len() as u64 && std::fs::read(&target).unwrap() == old,
                "the file mixes two versions"
            );
        }
    }
}

/// The first response is truncated in the old file, and the second response contains the new file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_replaced_between_attempts_is_never_mixed() {
    let [old, new] = pair(6 * MIB);
    for builder in [Simulator::builder(), Simulator::builder().chunked_downloads()] {
        for replacement in [new.clone(), new.slice(..2 * MIB)] {
            for to_file in [true, false] {
                let folder = TempDir::new().unwrap();
                let provider = Ftpgrid::start_with(builder.clone()).await;
                let state = provider.simulator.state();
                state.add_file("/t/down.bin", old.clone());
                provider.faults().push(Fault::truncated().on(SINGLE).nth(1));
                // The second response is delayed until the file has been replaced.
                provider.faults().push(Fault::delay(Duration::from_millis(300)).on(SINGLE).nth(2));
                let client = provider.client(ClientOptions::default());
                let request = client.storage().download("/t/down.bin");
                if to_file {
                    let target = folder.path().join("down.bin");
                    let download = request.to_file(&target);
                    let again = || provider.simulator.count(SINGLE) == 2;
                    assert!(wait_until(Duration::from_secs(9), again).await, "no second attempt");
                    state.add_file("/t/down.bin", replacement.clone());
                    assert_eq!(download.await.unwrap().size, replacement.len() as u64);
                    assert!(std::fs::read(&target).unwrap() == replacement, "the file mixes two versions");
                } else {
                    let mut stream = request.stream().await.unwrap();
                    let first = stream.try_next().await.unwrap().unwrap();
                    state.add_file("/t/down.bin", replacement.clone());
                    let (remaining, result) = read_to_end(&mut stream).await;
                    // Bytes that the caller has received cannot be withdrawn.
                    let error = result.unwrap_err();
                    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::NotDone), "{error}");
                    assert!(old.starts_with(&[&first[..], &remaining].concat()), "the stream mixes two versions");
                }
            }
        }
    }
}
