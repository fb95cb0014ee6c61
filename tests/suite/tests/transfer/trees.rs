//! Whole folders, there and back.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use brickftp::transport::{Request, ReqwestTransport, Response, Transport};
use brickftp::{Client, ErrorKind, Result};
use mft_simulator::Fault;
use mft_tests::support::eventually;
use mft_tests::transfer::{GET, MIB, PUT, Site, content};
use tokio::runtime::Handle;

/// A tree of 300 files in nested folders, some of them empty, one with many parts, and an empty folder.
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

/// What is in a folder of this machine, spelt like the tree; folders only where they are empty.
fn read(root: &Path, below: &str, found: &mut BTreeMap<String, Option<usize>>) {
    for entry in std::fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            if std::fs::read_dir(entry.path()).unwrap().next().is_none() {
                found.insert(name, None);
            } else {
                read(&entry.path(), &format!("{name}/"), found);
            }
        } else {
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(bytes == content(bytes.len()), "{name}: other bytes");
            found.insert(name, Some(bytes.len()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_goes_up_and_comes_back() {
    let (site, tree) = (Site::start().await, tree());
    let (from, to) = (site.place("from"), site.place("to"));
    write(&tree, &from);
    let client = site.client();
    let total: usize = tree.values().flatten().sum();

    let upload = client.folders().upload_dir(&from, "Backup/today");
    let watch = upload.progress();
    let (done, failed) = upload.finish().await;
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(done as usize, tree.len());
    let now = watch.now();
    assert_eq!((now.bytes, now.total), (total as u64, Some(total as u64)));
    assert_eq!((now.parts, now.parts_total), (done, Some(done)));
    let stored = site.state().file_paths();
    assert_eq!(stored.len(), 300);
    for path in &stored {
        let relative = path.strip_prefix("Backup/today/").unwrap();
        assert!(site.state().content(path).unwrap() == content(tree[relative].unwrap()), "{path}");
    }
    assert!(site.state().entry("Backup/today/empty").is_some_and(|entry| entry.is_folder));

    let mut walk = client.folders().walk("Backup/today");
    let mut walked = 0;
    while let Some(file) = walk.next().await.transpose().unwrap() {
        walked += usize::from(!file.is_folder());
    }
    assert_eq!(walked, 300);

    let download = client.folders().download_dir("Backup/today", &to).files(6).parallel(3);
    let watch = download.progress();
    let (_, failed) = download.finish().await;
    assert!(failed.is_empty(), "{failed:#?}");
    let now = watch.now();
    assert_eq!((now.bytes, now.total), (total as u64, Some(total as u64)));
    assert_eq!(Some(now.parts), now.parts_total);
    let mut found = BTreeMap::new();
    read(&to, "", &mut found);
    assert_eq!(found, tree);
    site.assert_storage_was_told_nothing();
}

/// Empty folders below folders that no file makes, in a place that is not there yet.
#[tokio::test]
async fn empty_folders_come_with_their_parents() {
    let site = Site::start().await;
    let from = site.place("from");
    write(&["empty", "a/empty too", "x/y/z"].map(|path| (path.to_owned(), None)).into(), &from);
    let (done, failed) = site.client().folders().upload_dir(&from, "Backup/today").finish().await;
    assert_eq!((done, failed.len()), (3, 0), "{failed:#?}");
    for path in ["empty", "a/empty too", "x/y/z"] {
        assert!(site.state().entry(&format!("Backup/today/{path}")).is_some_and(|entry| entry.is_folder), "{path}");
    }
}

/// Some fail for good, each for itself; the others go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_fails_stops_no_other() {
    let site = Site::start().await;
    let from = site.place("from");
    let tree: BTreeMap<_, _> =
        (0..40_usize).map(|index| (format!("d{}/f{index}", index % 4), Some(index + 1))).collect();
    write(&tree, &from);
    std::os::unix::fs::symlink("d0/f0", from.join("link")).unwrap();
    let client = site.client();
    site.faults().push(Fault::storage_code("AccessDenied").on(PUT).nth(7));
    let (done, failed) = client.folders().upload_dir(&from, "in").finish().await;
    assert_eq!((done, failed.len()), (39, 2), "{failed:#?}");
    let kinds: Vec<_> = failed.iter().map(|item| item.result.as_ref().unwrap_err().kind()).collect();
    assert!(kinds.contains(&ErrorKind::PermissionDenied) && kinds.contains(&ErrorKind::InvalidInput), "{kinds:?}");
    assert!(failed.iter().all(|item| item.local.is_some()), "{failed:#?}");
    assert_eq!(site.state().file_paths().len(), 39);

    site.faults().clear();
    site.faults().push(Fault::corrupted().on(GET).nth(5));
    site.faults().push(Fault::status(403).on("brickftp.folders.list").nth(3));
    let to = site.place("to");
    let (_, failed) = client.folders().download_dir("in", &to).finish().await;
    assert!(failed.len() == 2, "{failed:#?}");
    let mut found = BTreeMap::new();
    read(&to, "", &mut found);
    let files = found.values().flatten().count();
    assert!((28..=30).contains(&files), "{files}: all but a file and a folder of ten");
    assert!(found.keys().all(|name| !name.contains(".part")), "{found:?}");

    // Nothing there, and nothing to read.
    let (done, failed) = client.folders().download_dir("nowhere", site.place("none")).finish().await;
    assert_eq!((done, failed.len()), (0, 1));
    let (done, failed) = client.folders().upload_dir(site.place("nowhere"), "in").finish().await;
    assert_eq!((done, failed.len()), (0, 1), "{failed:#?}");
}

/// A name may look like that of an unfinished download of another file. Neither takes the place of the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_and_its_unfinished_namesake_do_not_meet() {
    for (parallel, order) in
        [(1, ["report", "report.part"]), (4, ["report.part", "report"]), (4, ["report", "report.part"])]
    {
        let site = Site::start().await;
        for (index, name) in order.iter().enumerate() {
            site.state().add_file(&format!("out/{name}"), content(2 * MIB + index));
        }
        site.state().add_file("out/report.part.part", content(3 * MIB));
        site.faults().push(Fault::drip(256 << 10, Duration::from_millis(1)).on(GET));
        let to = site.place("to");
        let mut download = site.client().folders().download_dir("out", &to).files(parallel);
        let mut told = BTreeMap::new();
        while let Some(item) = download.next().await {
            told.insert(item.remote.unwrap(), item.result.is_ok());
        }
        assert_eq!(told.len(), 3);
        for (path, is_ok) in told {
            let there = std::fs::read(to.join(path.strip_prefix("out/").unwrap())).ok();
            let right = there.as_deref() == site.state().content(&path).as_deref();
            assert_eq!(right, is_ok, "{path}: told {is_ok}, and there are {:?} bytes", there.map(|bytes| bytes.len()));
        }
    }
}

/// Counts how many requests to the storage are under way, and the most there were.
struct Counting {
    inner: ReqwestTransport,
    storage: String,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Transport for Counting {
    async fn send(&self, request: Request) -> Result<Response> {
        let counts = request.uri().authority().is_some_and(|authority| self.storage.ends_with(authority.as_str()));
        if counts {
            self.most.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
        }
        let response = self.inner.send(request).await;
        self.now.fetch_sub(usize::from(counts), SeqCst);
        response
    }
}

/// Parts of all files together are within the bound, and so are files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_of_a_tree_are_bounded() {
    let site = Site::start().await;
    let from = site.place("from");
    let tree: BTreeMap<_, _> = (0..12_usize).map(|index| (format!("f{index}"), Some(11 * MIB))).collect();
    write(&tree, &from);
    let most = Arc::new(AtomicUsize::new(0));
    let inner = ReqwestTransport::builder().no_proxy().build().unwrap();
    let counting = Counting { inner, storage: site.storage_url(), now: Arc::default(), most: Arc::clone(&most) };
    let client = Client::builder(site.subdomain(), brickftp::Authentication::api_key(site.api_key()))
        .base_url(site.base_url())
        .allow_http()
        .transport(counting)
        .build()
        .unwrap();
    site.faults().push(Fault::delay(Duration::from_millis(10)).on(PUT));
    let (done, failed) = client.folders().upload_dir(&from, "in").files(6).parallel(3).finish().await;
    assert_eq!((done, failed.len()), (12, 0), "{failed:#?}");
    assert_eq!(most.load(SeqCst), 3, "parts at once");
}

/// Dropped in the middle: what is under way ends, and nothing begins any more.
#[tokio::test]
async fn a_dropped_tree_stops() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let site = Site::start().await;
    let from = site.place("from");
    let tree: BTreeMap<_, _> = (0..60_usize).map(|index| (format!("d{}/f{index}", index % 4), Some(100_000))).collect();
    write(&tree, &from);
    site.faults().set_latency(Duration::from_millis(3));
    let client = site.client();
    for wanted in [0, 1, 5] {
        let mut upload = client.folders().upload_dir(&from, "in");
        let mut download = client.folders().download_dir("in", site.place(&format!("to {wanted}")));
        for _ in 0..wanted {
            assert!(upload.next().await.unwrap().result.is_ok());
            let _ = download.next().await;
        }
        drop((upload, download));
        let free = site.client().free_permits();
        assert!(eventually(Duration::from_secs(5), || client.free_permits() == free).await);
        // What was sent before is heard of a moment later.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let seen = site.journal().len();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(site.journal().len(), seen, "{wanted}: something was sent after the drop");
    }
    drop(client);
    assert!(eventually(Duration::from_secs(5), || alive() == before).await, "{} tasks stay", alive());
}
