//! Uploads and downloads of whole folders.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use brickftp::transport::{Request, ReqwestTransport, Response, Transport};
use brickftp::{Client, ErrorKind, Result};
use mft_simulator::Fault;
use mft_tests::runtime::wait_until;
use mft_tests::transfer::{GET, MIB, PUT, Site, content};
use tokio::runtime::Handle;

/// Returns a tree of 300 files in nested folders: empty files, a multipart file, and an empty folder.
fn tree() -> BTreeMap<String, Option<usize>> {
    let mut tree = BTreeMap::new();
    for index in 0..299_usize {
        let folder = ["", "a", "a/b", "a/b/c c", "ä/ö", "with.dot"][index % 6];
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        tree.insert(format!("{folder}file {index}.bin"), Some(index * 37 % 5000));
    }
    tree.insert("large.bin".to_owned(), Some(17 * MIB + 1));
    tree.insert("empty".to_owned(), None);
    tree
}

fn write(tree: &BTreeMap<String, Option<usize>>, root: &Path) {
    for (path, size) in tree {
        let place = root.join(path);
        std::fs::create_dir_all(if size.is_some() { place.parent().unwrap() } else { &place }).unwrap();
        if let Some(size) = size {
            std::fs::write(place, content(*size)).unwrap();
        }
    }
}

/// Reads a local folder in the form of `tree`. Folders are listed only if they are empty.
fn read(root: &Path, below: &str, entries: &mut BTreeMap<String, Option<usize>>) {
    for entry in std::fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if std::fs::read_dir(entry.path()).unwrap().next().is_none() {
                entries.insert(name, None);
            } else {
                read(&entry.path(), &format!("{name}/"), entries);
            }
        } else {
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(bytes == content(bytes.len()), "{name}: wrong content");
            entries.insert(name, Some(bytes.len()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tree_round_trips() {
    let (site, tree) = (Site::start().await, tree());
    let (from, to) = (site.local_path("from"), site.local_path("to"));
    write(&tree, &from);
    let client = site.client();
    let total: usize = tree.values().flatten().sum();

    let upload = client.folders().upload_dir("Backup/today").from_dir(&from);
    let watch = upload.progress();
    let summary = upload.finish().await;
    let (completed, failed) = (summary.succeeded, summary.failed);
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(completed as usize, tree.len());
    let current = watch.now();
    assert_eq!((current.bytes, current.total), (total as u64, Some(total as u64)));
    assert_eq!((current.parts, current.parts_total), (completed, Some(completed)));
    let stored = site.state().file_paths();
    assert_eq!(stored.len(), 300);
    for path in &stored {
        let relative = path.strip_prefix("Backup/today/").unwrap();
        assert!(site.state().content(path).unwrap() == content(tree[relative].unwrap()), "{path}");
    }
    assert!(site.state().entry("Backup/today/empty").is_some_and(|entry| entry.is_folder));

    let mut walk = client.folders().walk("Backup/today");
    let mut files = 0;
    while let Some(file) = walk.next().await.transpose().unwrap() {
        files += usize::from(!file.is_folder());
    }
    assert_eq!(files, 300);

    let download = client.folders().download_dir("Backup/today").to_dir(&to).files(6).parallel(3);
    let watch = download.progress();
    let summary = download.finish().await;
    let failed = summary.failed;
    assert!(failed.is_empty(), "{failed:#?}");
    let current = watch.now();
    assert_eq!((current.bytes, current.total), (total as u64, Some(total as u64)));
    assert_eq!(Some(current.parts), current.parts_total);
    let mut entries = BTreeMap::new();
    read(&to, "", &mut entries);
    assert_eq!(entries, tree);
    site.assert_no_credentials_in_storage_requests();
}

/// Empty folders whose parents contain no files, in a remote folder that does not exist yet.
#[tokio::test]
async fn empty_folders_are_created_with_their_parents() {
    let site = Site::start().await;
    let from = site.local_path("from");
    write(&["empty", "a/empty too", "x/y/z"].map(|path| (path.to_owned(), None)).into(), &from);
    let summary = site.client().folders().upload_dir("Backup/today").from_dir(&from).finish().await;
    let (completed, failed) = (summary.succeeded, summary.failed);
    assert_eq!((completed, failed.len()), (3, 0), "{failed:#?}");
    for path in ["empty", "a/empty too", "x/y/z"] {
        assert!(site.state().entry(&format!("Backup/today/{path}")).is_some_and(|entry| entry.is_folder), "{path}");
    }
}

/// Permanent failures affect only their own file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_file_does_not_stop_others() {
    let site = Site::start().await;
    let from = site.local_path("from");
    let tree: BTreeMap<_, _> =
        (0..40_usize).map(|index| (format!("d{}/f{index}", index % 4), Some(index + 1))).collect();
    write(&tree, &from);
    std::os::unix::fs::symlink("d0/f0", from.join("link")).unwrap();
    let client = site.client();
    site.faults().push(Fault::storage_code("AccessDenied").on(PUT).nth(7));
    let summary = client.folders().upload_dir("in").from_dir(&from).finish().await;
    let (completed, failed) = (summary.succeeded, summary.failed);
    assert_eq!((completed, failed.len()), (39, 2), "{failed:#?}");
    let kinds: Vec<_> = failed.iter().map(|item| item.result.as_ref().unwrap_err().kind()).collect();
    assert!(kinds.contains(&ErrorKind::PermissionDenied) && kinds.contains(&ErrorKind::InvalidInput), "{kinds:?}");
    assert!(failed.iter().all(|item| item.local.is_some()), "{failed:#?}");
    assert_eq!(site.state().file_paths().len(), 39);

    site.faults().clear();
    site.faults().push(Fault::corrupted().on(GET).nth(5));
    site.faults().push(Fault::status(403).on("brickftp.folders.list").nth(3));
    let to = site.local_path("to");
    let summary = client.folders().download_dir("in").to_dir(&to).finish().await;
    let failed = summary.failed;
    assert!(failed.len() == 2, "{failed:#?}");
    let mut entries = BTreeMap::new();
    read(&to, "", &mut entries);
    let files = entries.values().flatten().count();
    assert!((28..=30).contains(&files), "{files}: all files except one file and a folder of ten");
    assert!(entries.keys().all(|name| !name.contains(".part")), "{entries:?}");

    // A missing remote folder, and a missing local folder.
    let summary = client.folders().download_dir("nowhere").to_dir(site.local_path("none")).finish().await;
    let (completed, failed) = (summary.succeeded, summary.failed);
    assert_eq!((completed, failed.len()), (0, 1));
    let summary = client.folders().upload_dir("in").from_dir(site.local_path("nowhere")).finish().await;
    let (completed, failed) = (summary.succeeded, summary.failed);
    assert_eq!((completed, failed.len()), (0, 1), "{failed:#?}");
}

/// A file may have the name of another file's partial file. Neither overwrites the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partial_file_name_collisions_are_handled() {
    for (parallel, order) in
        [(1, ["report", "report.part"]), (4, ["report.part", "report"]), (4, ["report", "report.part"])]
    {
        let site = Site::start().await;
        for (index, name) in order.iter().enumerate() {
            site.state().add_file(&format!("out/{name}"), content(2 * MIB + index));
        }
        site.state().add_file("out/report.part.part", content(3 * MIB));
        site.faults().push(Fault::drip(256 << 10, Duration::from_millis(1)).on(GET));
        let to = site.local_path("to");
        let mut download = site.client().folders().download_dir("out").to_dir(&to).files(parallel);
        let mut results = BTreeMap::new();
        while let Some(item) = download.next().await {
            results.insert(item.remote.unwrap(), item.result.is_ok());
        }
        assert_eq!(results.len(), 3);
        for (path, is_ok) in results {
            let local = std::fs::read(to.join(path.strip_prefix("out/").unwrap())).ok();
            let is_complete = local.as_deref() == site.state().content(&path).as_deref();
            assert_eq!(
                is_complete,
                is_ok,
                "{path}: reported {is_ok}, but the file has {:?} bytes",
                local.map(|bytes| bytes.len())
            );
        }
    }
}

/// Counts the concurrent requests to the storage and their maximum.
struct Counting {
    inner: ReqwestTransport,
    storage: String,
    current: Arc<AtomicUsize>,
    max: Arc<AtomicUsize>,
}

impl Transport for Counting {
    async fn send(&self, request: Request) -> Result<Response> {
        let counts = request.uri().authority().is_some_and(|authority| self.storage.ends_with(authority.as_str()));
        if counts {
            self.max.fetch_max(self.current.fetch_add(1, SeqCst) + 1, SeqCst);
        }
        let response = self.inner.send(request).await;
        self.current.fetch_sub(usize::from(counts), SeqCst);
        response
    }
}

/// The limit applies to the parts of all files together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tree_transfers_limit_parallelism() {
    let site = Site::start().await;
    let from = site.local_path("from");
    let tree: BTreeMap<_, _> = (0..12_usize).map(|index| (format!("f{index}"), Some(11 * MIB))).collect();
    write(&tree, &from);
    let max = Arc::new(AtomicUsize::new(0));
    let inner = ReqwestTransport::builder().no_proxy().build().unwrap();
    let counting = Counting { inner, storage: site.storage_url(), current: Arc::default(), max: Arc::clone(&max) };
    let client = Client::builder(site.subdomain(), brickftp::Authentication::api_key(site.api_key()))
        .base_url(site.base_url())
        .allow_http()
        .transport(counting)
        .build()
        .unwrap();
    site.faults().push(Fault::delay(Duration::from_millis(10)).on(PUT));
    let summary = client.folders().upload_dir("in").from_dir(&from).files(6).parallel(3).finish().await;
    let (completed, failed) = (summary.succeeded, summary.failed);
    assert_eq!((completed, failed.len()), (12, 0), "{failed:#?}");
    assert_eq!(max.load(SeqCst), 3, "concurrent parts");
}

/// If a tree transfer is dropped, its running transfers stop and no new ones start.
#[tokio::test]
async fn dropped_tree_transfer_stops() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let site = Site::start().await;
    let from = site.local_path("from");
    let tree: BTreeMap<_, _> = (0..60_usize).map(|index| (format!("d{}/f{index}", index % 4), Some(100_000))).collect();
    write(&tree, &from);
    site.faults().set_latency(Duration::from_millis(3));
    let client = site.client();
    for count in [0, 1, 5] {
        let mut upload = client.folders().upload_dir("in").from_dir(&from);
        let mut download = client.folders().download_dir("in").to_dir(site.local_path(&format!("to {count}")));
        for _ in 0..count {
            assert!(upload.next().await.unwrap().result.is_ok());
            let _ = download.next().await;
        }
        drop((upload, download));
        let free = site.client().free_permits();
        assert!(wait_until(Duration::from_secs(5), || client.free_permits() == free).await);
        // Requests that were already sent may arrive a moment later.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let requests_before = site.journal().len();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(site.journal().len(), requests_before, "{count}: a request was sent after the drop");
    }
    drop(client);
    assert!(wait_until(Duration::from_secs(5), || alive() == before).await, "{} tasks remain", alive());
}
