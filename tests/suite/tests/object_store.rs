//! The transfer engine on an S3 server that is not ours: `s3s` with its file system, in this process, over real HTTP. It
//! checks signatures and expiry, and assembles parts in its own way.

mod s3;

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use mft_common::transfer::{DownloadRequest, Source, UploadRequest};
use mft_common::{ErrorKind, Outcome};
use s3::Store;

const MIB: u64 = 1 << 20;

fn upload(store: &Store, key: &str, source: impl Into<Source>) -> UploadRequest<u64> {
    let service = store.upload(key);
    UploadRequest::new(&store.pipeline, "s3.upload", "s3.put_part", key, source.into(), service)
}

fn download(store: &Store, key: &str) -> DownloadRequest<u64> {
    DownloadRequest::new(&store.pipeline, "s3.download", "s3.get", key, store.download(key))
}

/// Bytes that differ from place to place, so that none can be exchanged unnoticed.
fn pattern(size: u64) -> Vec<u8> {
    (0..=size / 8)
        .flat_map(|word| (word ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xff51_afd7_ed55_8ccd).to_le_bytes())
        .take(usize::try_from(size).unwrap())
        .collect()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_around_the_size_of_a_part_come_back_as_they_went() {
    let store = Store::start().await;
    for size in [1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 23 * MIB] {
        let bytes = pattern(size);
        let file = write(store.folder(), "source", &bytes);
        for parallel in [1, 4, 16] {
            let key = format!("{size}-{parallel}");
            let stored =
                upload(&store, &key, file.clone()).parallel(parallel).await.unwrap_or_else(|e| panic!("{e:?}"));
            assert_eq!(stored, size);
            let target = store.folder().join("target");
            let done =
                download(&store, &key).parallel(parallel).range_size(3 * MIB + 7).to_file(&target).await.unwrap();
            assert_eq!(done.size, size);
            assert!(std::fs::read(&target).unwrap() == bytes, "{key}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gibibyte_goes_up_and_down() {
    let store = Store::start().await;
    let (source, target) = (store.folder().join("source"), store.folder().join("target"));
    // Each mebibyte begins with its number, so that none can stand in for another one.
    let mut file = File::create(&source).unwrap();
    let mut mebibyte = pattern(MIB);
    for number in 0..1024_u64 {
        mebibyte[..8].copy_from_slice(&number.to_le_bytes());
        file.write_all(&mebibyte).unwrap();
    }
    drop(file);
    assert_eq!(upload(&store, "large", source.clone()).part_size(8 * MIB).await.unwrap(), 1024 * MIB);
    download(&store, "large").sync(false).to_file(&target).await.unwrap();
    let (mut sent, mut came) = (File::open(&source).unwrap(), File::open(&target).unwrap());
    let mut buffers = [vec![0; 1 << 20], vec![0; 1 << 20]];
    for number in 0..1024 {
        sent.read_exact(&mut buffers[0]).unwrap();
        came.read_exact(&mut buffers[1]).unwrap();
        assert!(buffers[0] == buffers[1], "mebibyte {number}");
    }
    assert_eq!(came.read(&mut [0]).unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_address_is_replaced_and_the_part_sent_again() {
    let store = Store::start().await;
    let bytes = pattern(12 * MIB);
    // The first two addresses of part 2 are old when they come. The first one says so itself and is not used; the second is
    // sent at once, and the server refuses it.
    store.stale_addresses.store(2, SeqCst);
    let mut up = upload(&store, "expiring", bytes.clone()).parallel(2).start();
    let watch = up.progress();
    up.join().await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!((watch.now().bytes, watch.now().parts), (12 * MIB, 3));
    assert_eq!(store.stale_addresses.load(SeqCst), 0);
    assert!(download(&store, "expiring").bytes(13 << 20).await.unwrap() == bytes);

    // Without end, it is an error in the words of the storage, and no file.
    store.stale_addresses.store(usize::MAX, SeqCst);
    let error = upload(&store, "never", bytes).parallel(2).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotDone, "{error:?}");
    // The refusal is read, or it is lost while the part is still being sent.
    assert!(matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Interrupted), "{error:?}");
    assert!(error.to_string().contains("expired") && !error.to_string().contains("Signature="), "{error}");
    assert!(download(&store, "never").bytes(13 << 20).await.unwrap_err().is_not_found());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_in_any_order_and_sent_twice_make_the_same_file() {
    let store = Store::start().await;
    let bytes = pattern(31 * MIB);
    let file = write(store.folder(), "source", &bytes);
    let tokens = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = Arc::clone(&tokens);
    let checkpoint = move |token: &mft_common::transfer::ResumeToken| kept.lock().unwrap().push(token.clone());
    let first = upload(&store, "twice", file.clone()).parallel(3).on_checkpoint(checkpoint).start();
    let mut watch = first.progress();
    while watch.changed().await.is_some_and(|progress| progress.parts < 4) {}
    let aborted = first.abort().await;
    assert_eq!(aborted.outcome, Outcome::NotDone);
    // An older token knows less than has arrived: what it does not know of is sent a second time.
    let early = tokens.lock().unwrap().iter().find(|token| token.parts_done() == 2).cloned().unwrap();
    assert!(aborted.resume_token.is_some_and(|token| token.parts_done() >= 4));
    let mut again = upload(&store, "twice", file).parallel(4).resume(early);
    let watch = again.progress();
    assert_eq!(again.join().await.unwrap(), 31 * MIB);
    assert_eq!((watch.now().resumed, watch.now().bytes), (10 * MIB, 31 * MIB));
    assert!(download(&store, "twice").bytes(32 << 20).await.unwrap() == bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_replaced_meanwhile_is_never_joined_with_the_old_one() {
    let store = Store::start().await;
    let old = pattern(12 * MIB);
    upload(&store, "changing", old.clone()).await.unwrap();
    let target = write(store.folder(), "target", b"what was there");
    let mut new = old;
    new.reverse();
    let mut down = download(&store, "changing").parallel(1).range_size(MIB).to_file(&target);
    let mut watch = down.progress();
    while watch.changed().await.is_some_and(|progress| progress.parts < 2) {}
    upload(&store, "changing", new.clone()).await.unwrap();
    match down.join().await {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Integrity, "{error:?}");
            assert_eq!(std::fs::read(&target).unwrap(), b"what was there");
        }
        // The last byte came before the new file did.
        Ok(_) => assert!(std::fs::read(&target).unwrap() == pattern(12 * MIB)),
    }
    assert!(!store.folder().join("target.part").exists());
}
