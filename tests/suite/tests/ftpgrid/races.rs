//! Two who are at one file at the same time: nobody gets a mix, and both are told the truth.

use std::time::Duration;

use bytes::Bytes;
use ftpgrid::transfer::ByteStream;
use ftpgrid::{Error, ErrorKind, Outcome, ServedFile};
use mft_simulator::Fault;
use mft_simulator::ftpgrid::Simulator;
use mft_tests::support::eventually;
use mft_tests::transfer::{From, MIB, content};
use mft_tests::{Ftpgrid, Provider, Tweaks};
use tempfile::TempDir;

const UPLOAD: &str = "ftpgrid.storage.upload";
const SINGLE: &str = "ftpgrid.storage.download_single";

/// Two contents of one size that share no byte with each other at any place.
fn pair(size: usize) -> [Bytes; 2] {
    let first = content(size);
    let second = first.iter().map(|byte| !byte).collect();
    [first, second]
}

fn may_be_stored(result: &Result<(), Error>) -> bool {
    result.as_ref().err().is_none_or(|error| error.outcome() != Outcome::NotDone)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_uploads_to_one_path_one_is_stored_whole_and_both_are_told_the_truth() {
    let contents = pair(8 * MIB);
    let slow = || Fault::slow_request(1 << 20, Duration::from_millis(3));
    for (case, first, second) in [
        ("nothing goes wrong", None, None),
        ("the first is slow", Some(slow()), None),
        ("the second is slow", None, Some(slow())),
        ("the first is lost on its way and sent again", Some(Fault::reset().during_request(3 << 20)), None),
        ("the first is stored, told as lost and sent again", Some(Fault::reset().after_processing()), Some(slow())),
        ("the first is refused", Some(Fault::status(403)), Some(slow())),
        ("both are told as lost", Some(Fault::reset().after_processing()), Some(Fault::reset().after_processing())),
    ] {
        for (from, other) in [(From::Bytes, From::Reopened), (From::Sized, From::Unsized), (From::File, From::Sized)] {
            let case = format!("{case}, {from:?} and {other:?}");
            let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
            let provider = Ftpgrid::start().await;
            for (number, fault) in [(1, first.clone()), (2, second.clone())] {
                if let Some(fault) = fault {
                    provider.faults().push(fault.on(UPLOAD).nth(number));
                }
            }
            let client = provider.client(Tweaks::default());
            let upload = |number: usize, from: From| {
                let source = from.source_in(folders[number].path(), &contents[number]);
                client.storage().upload("/t/up.bin", source).start()
            };
            let (mut one, mut two) = (upload(0, from), upload(1, other));
            let results: [Result<(), Error>; 2] = tokio::join!(one.join(), two.join()).into();
            let stored = provider.simulator.state().content("/t/up.bin");
            let whose = stored.as_ref().map(|stored| contents.iter().position(|content| content == stored));
            match whose {
                Some(None) => panic!("{case}: what is stored is neither of the two"),
                Some(Some(owner)) => assert!(may_be_stored(&results[owner]), "{case}: {results:?}"),
                None => assert!(results.iter().all(Result::is_err), "{case}: {results:?}"),
            }
            let taken = |result: &Result<(), Error>| match result {
                Ok(()) => 1..=2,
                Err(error) if error.outcome() == Outcome::NotDone => 0..=0,
                Err(_) => 0..=1,
            };
            let done = provider.journal().iter().filter(|one| one.operation == Some(UPLOAD) && one.succeeded()).count();
            let (least, most) =
                results.iter().map(taken).fold((0, 0), |(least, most), told| (least + told.start(), most + told.end()));
            assert!((least..=most).contains(&done), "{case}: {done} were stored, but {results:?}");
        }
    }
}

/// Reads a stream to its end, and says whether that was a good one.
async fn rest_of(stream: &mut ByteStream<ServedFile>) -> (Vec<u8>, Result<(), Error>) {
    let mut bytes = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            ended => return (bytes, ended.map(drop)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_replaced_while_it_is_sent_comes_whole_or_not_at_all() {
    let [old, new] = pair(6 * MIB);
    for builder in [Simulator::builder(), Simulator::builder().chunked_downloads()] {
        for replacement in [new.clone(), new.slice(..2 * MIB), Bytes::new()] {
            let folder = TempDir::new().unwrap();
            let provider = Ftpgrid::start_with(builder.clone()).await;
            provider.simulator.state().add_file("/t/down.bin", old.clone());
            provider.faults().push(Fault::drip(256 << 10, Duration::from_millis(4)).on(SINGLE));
            let client = provider.client(Tweaks::default());
            let target = folder.path().join("down.bin");
            let mut stream = client.storage().download("/t/down.bin").stream().await.unwrap();
            let first = stream.try_next().await.unwrap().unwrap();
            let download = client.storage().download("/t/down.bin").to_file(&target);
            let mut progress = download.progress();
            while progress.now().bytes == 0 {
                progress.changed().await.expect("it goes on");
            }
            client.storage().upload("/t/down.bin", replacement.clone()).await.unwrap();
            let (rest, ended) = rest_of(&mut stream).await;
            ended.unwrap();
            assert!([&first[..], &rest].concat() == old, "a mix was handed out");
            let done = download.await.unwrap();
            assert!(done.size == old.len() as u64 && std::fs::read(&target).unwrap() == old, "a mix was written");
        }
    }
}

/// The first reply breaks off in the middle of the old file, the second one is of the new file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_replaced_between_two_attempts_is_never_half_of_each() {
    let [old, new] = pair(6 * MIB);
    for builder in [Simulator::builder(), Simulator::builder().chunked_downloads()] {
        for replacement in [new.clone(), new.slice(..2 * MIB)] {
            for to_file in [true, false] {
                let folder = TempDir::new().unwrap();
                let provider = Ftpgrid::start_with(builder.clone()).await;
                let state = provider.simulator.state();
                state.add_file("/t/down.bin", old.clone());
                provider.faults().push(Fault::truncated().on(SINGLE).nth(1));
                // Asked for the second time, it waits until it has been replaced.
                provider.faults().push(Fault::delay(Duration::from_millis(300)).on(SINGLE).nth(2));
                let client = provider.client(Tweaks::default());
                let request = client.storage().download("/t/down.bin");
                if to_file {
                    let target = folder.path().join("down.bin");
                    let download = request.to_file(&target);
                    let again = || provider.simulator.count(SINGLE) == 2;
                    assert!(eventually(Duration::from_secs(9), again).await, "it is not tried again");
                    state.add_file("/t/down.bin", replacement.clone());
                    assert_eq!(download.await.unwrap().size, replacement.len() as u64);
                    assert!(std::fs::read(&target).unwrap() == replacement, "a mix was written");
                } else {
                    let mut stream = request.stream().await.unwrap();
                    let first = stream.try_next().await.unwrap().unwrap();
                    state.add_file("/t/down.bin", replacement.clone());
                    let (rest, ended) = rest_of(&mut stream).await;
                    // What was handed out cannot be taken back.
                    let error = ended.unwrap_err();
                    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::NotDone), "{error}");
                    assert!(old.starts_with(&[&first[..], &rest].concat()), "a mix was handed out");
                }
            }
        }
    }
}
