//! The transfer engine with a third-party S3 server: `s3s` with its file system backend, in this process, over real
//! HTTP. It verifies signatures and expiry, and assembles parts independently.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use crate::s3::Store;
use mft_common::transfer::{DownloadRequest, Source, UploadRequest};
use mft_common::{ErrorKind, Outcome};

const MIB: u64 = 1 << 20;

fn upload(store: &Store, key: &str, source: impl Into<Source>) -> UploadRequest<u64> {
    let service = store.upload(key);
    UploadRequest::new(&store.pipeline, "s3.upload", "s3.put_part", key, source.into(), service)
}

fn download(store: &Store, key: &str) -> DownloadRequest<u64> {
    DownloadRequest::new(&store.pipeline, "s3.download", "s3.get", key, store.download(key))
}

/// Returns bytes that differ at every offset, so that swapped blocks are detected.
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
async fn files_around_the_part_size_round_trip() {
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
async fn one_gibibyte_round_trips() {
    let store = Store::start().await;
    let (source, target) = (store.folder().join("source"), store.folder().join("target"));
    // Each mebibyte starts with its number, so that swapped blocks are detected.
    let mut file = File::create(&source).unwrap();
    let mut mebibyte = pattern(MIB);
    for number in 0..1024_u64 {
        mebibyte[..8].copy_from_slice(&number.to_le_bytes());
        file.write_all(&mebibyte).unwrap();
    }
    drop(file);
    assert_eq!(upload(&store, "large", source.clone()).part_size(8 * MIB).await.unwrap(), 1024 * MIB);
    download(&store, "large").sync(false).to_file(&target).await.unwrap();
    let (mut uploaded, mut downloaded) = (File::open(&source).unwrap(), File::open(&target).unwrap());
    let mut buffers = [vec![0; 1 << 20], vec![0; 1 << 20]];
    for number in 0..1024 {
        uploaded.read_exact(&mut buffers[0]).unwrap();
        downloaded.read_exact(&mut buffers[1]).unwrap();
        assert!(buffers[0] == buffers[1], "mebibyte {number}");
    }
    assert_eq!(downloaded.read(&mut [0]).unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_presigned_url_is_renewed_and_the_part_resent() {
    let store = Store::start().await;
    let bytes = pattern(12 * MIB);
    // The first two URLs of part 2 are already expired. The first URL states its own expiry and is not used. The second
    // URL is used, and the server rejects it.
    store.expired_urls.store(2, SeqCst);
    let up = upload(&store, "expiring", bytes.clone()).parallel(2).start();
    let watch = up.progress();
    up.join().await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!((watch.now().bytes, watch.now().parts), (12 * MIB, 3));
    assert_eq!(store.expired_urls.load(SeqCst), 0);
    assert!(download(&store, "expiring").bytes(13 << 20).await.unwrap() == bytes);

    // If all URLs are expired, the upload fails with the message of the storage and creates no file.
    store.expired_urls.store(usize::MAX, SeqCst);
    let error = upload(&store, "never", bytes).parallel(2).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotDone, "{error:?}");
    // The client reads the rejection, or loses it while the part is still being sent.
    assert!(matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Interrupted), "{error:?}");
    assert!(error.to_string().contains("expired") && !error.to_string().contains("Signature="), "{error}");
    assert!(download(&store, "never").bytes(13 << 20).await.unwrap_err().is_not_found());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resent_and_reordered_parts_produce_the_same_file() {
    let store = Store::start().await;
    let bytes = pattern(31 * MIB);
    let file = write(store.folder(), "source", &bytes);
    let tokens = Arc::new(std::sync::Mutex::new(Vec::new()));
    let checkpoints = Arc::clone(&tokens);
    let checkpoint = move |token: &mft_common::transfer::ResumeToken| checkpoints.lock().unwrap().push(token.clone());
    let first = upload(&store, "twice", file.clone()).parallel(3).on_checkpoint(checkpoint).start();
    let mut watch = first.progress();
    while watch.changed().await.is_some_and(|progress| progress.parts < 4) {}
    let aborted = first.abort().await;
    assert_eq!(aborted.outcome, Outcome::NotDone);
    // An older token misses some finished parts, and these are sent a second time.
    let early = tokens.lock().unwrap().iter().find(|token| token.parts_done() == 2).cloned().unwrap();
    assert!(aborted.resume_token.is_some_and(|token| token.parts_done() >= 4));
    let again = upload(&store, "twice", file).parallel(4).resume(early);
    let watch = again.progress();
    assert_eq!(again.join().await.unwrap(), 31 * MIB);
    assert_eq!((watch.now().resumed, watch.now().bytes), (10 * MIB, 31 * MIB));
    assert!(download(&store, "twice").bytes(32 << 20).await.unwrap() == bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_are_never_mixed_if_the_file_is_replaced_during_download() {
    let store = Store::start().await;
    let old = pattern(12 * MIB);
    upload(&store, "changing", old.clone()).await.unwrap();
    let target = write(store.folder(), "target", b"old content");
    let mut new = old;
    new.reverse();
    let down = download(&store, "changing").parallel(1).range_size(MIB).to_file(&target);
    let mut watch = down.progress();
    while watch.changed().await.is_some_and(|progress| progress.parts < 2) {}
    upload(&store, "changing", new.clone()).await.unwrap();
    match down.join().await {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Integrity, "{error:?}");
            assert_eq!(std::fs::read(&target).unwrap(), b"old content");
        }
        // The last byte was received before the file was replaced.
        Ok(_) => assert!(std::fs::read(&target).unwrap() == pattern(12 * MIB)),
    }
    assert!(!store.folder().join("target.part").exists());
}
