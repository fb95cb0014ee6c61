//! Recursive listing: results, concurrency and failures.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use brickftp::transport::{Body, Request, Response, Transport};
use brickftp::{Client, ErrorKind, File, Result, RetryPolicy, Walk, WalkError};
use futures_core::Stream as _;
use serde_json::{Value, json};

/// A service with a tree of folders that delays each list call and counts them.
#[derive(Clone, Default)]
struct Tree(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    folders: BTreeMap<String, Vec<Value>>,
    broken: BTreeSet<String>,
    requests: Vec<String>,
    under_way: usize,
    peak: usize,
}

impl Tree {
    /// Builds a tree with these files and empty folders. Folder names end with a slash.
    fn of(paths: &[&str]) -> Self {
        let tree = Self::default();
        for path in paths {
            tree.add(path);
        }
        tree
    }

    fn add(&self, path: &str) {
        let mut state = self.0.lock().unwrap();
        state.folders.entry(String::new()).or_default();
        let (path, leaf) = path.strip_suffix('/').map_or((path, "file"), |path| (path, "directory"));
        let ends = path.match_indices('/').map(|(end, _)| (end, "directory")).chain([(path.len(), leaf)]);
        let mut parent = "";
        for (end, kind) in ends {
            let entry = json!({ "path": path[..end], "type": kind, "size": null });
            let siblings = state.folders.entry(parent.to_owned()).or_default();
            if !siblings.contains(&entry) {
                siblings.push(entry);
            }
            parent = &path[..end];
            if kind == "directory" {
                state.folders.entry(parent.to_owned()).or_default();
            }
        }
    }

    /// Adds an entry to the list of a folder, regardless of the entry's path.
    fn misplace(&self, folder: &str, path: &str) {
        let entry = json!({ "path": path, "type": "directory" });
        self.0.lock().unwrap().folders.entry(folder.to_owned()).or_default().push(entry);
    }

    /// Fails the list call of a folder, or of one of its pages: `folder?page=2&per_page=2`.
    fn broken(self, target: &str) -> Self {
        self.0.lock().unwrap().broken.insert(target.to_owned());
        self
    }

    fn client(&self) -> Client {
        self.client_of_permits(64)
    }

    fn client_of_permits(&self, permits: usize) -> Client {
        Client::builder("acme", brickftp::Authentication::api_key("key"))
            .transport(self.clone())
            .retry(RetryPolicy::none())
            .max_concurrent_calls(permits)
            .build()
            .unwrap()
    }

    fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().requests.clone()
    }

    fn peak(&self) -> usize {
        self.0.lock().unwrap().peak
    }

    fn under_way(&self) -> usize {
        self.0.lock().unwrap().under_way
    }

    fn answer(&self, folder: &str, target: &str, query: &str) -> (u16, String) {
        let state = self.0.lock().unwrap();
        if state.broken.contains(target) {
            return (500, String::new());
        }
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let (page, size) = (value("page").unwrap_or(1), value("per_page").unwrap_or(1000));
        match state.folders.get(folder) {
            Some(entries) => {
                let entries: Vec<&Value> = entries.iter().skip((page - 1) * size).take(size).collect();
                (200, serde_json::to_string(&entries).unwrap())
            }
            None => (404, String::new()),
        }
    }
}

impl Transport for Tree {
    async fn send(&self, request: Request) -> Result<Response> {
        struct UnderWay(Tree);
        impl Drop for UnderWay {
            fn drop(&mut self) {
                self.0.0.lock().unwrap().under_way -= 1;
            }
        }
        let uri = request.uri();
        let folder =
            uri.path().strip_prefix("/api/rest/v1/folders").expect("a walk lists folders").trim_start_matches('/');
        let query = uri.query().unwrap_or_default();
        let target = if query.is_empty() { folder.to_owned() } else { format!("{folder}?{query}") };
        assert_ne!(folder, "panic", "the transport fails in its own way");
        let _under_way = {
            let mut state = self.0.lock().unwrap();
            state.requests.push(target.clone());
            state.under_way += 1;
            state.peak = state.peak.max(state.under_way);
            UnderWay(self.clone())
        };
        tokio::time::sleep(Duration::from_millis(100)).await;
        let (status, body) = self.answer(folder, &target, query);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status.try_into().unwrap();
        Ok(response)
    }
}

/// The result of a walk: paths, and the folders that failed.
async fn walked(mut walk: Walk) -> (Vec<String>, Vec<WalkError>) {
    let (mut paths, mut failed) = (Vec::new(), Vec::new());
    while let Some(entry) = walk.next().await {
        match entry {
            Ok(entry) => paths.push(entry.path),
            Err(error) => failed.push(error),
        }
    }
    assert!(walk.next().await.is_none(), "the end is the end");
    (paths, failed)
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}

#[tokio::test(start_paused = true)]
async fn entries_are_listed_once_and_folders_precede_their_contents() {
    let tree = Tree::of(&["a/b/c/d.txt", "a/b/e.txt", "a/empty/", "f.txt", "g/h/i/j/k.txt", "a/l.txt"]);
    for breadth in [0, 1, 2, 100] {
        let (paths, failed) = walked(tree.client().folders().walk("").breadth(breadth)).await;
        assert!(failed.is_empty(), "{failed:?}");
        let found = |path: &str| paths.iter().position(|other| other == path);
        for (place, path) in paths.iter().enumerate() {
            if let Some((folder, _)) = path.rsplit_once('/') {
                assert!(found(folder).unwrap() < place, "{folder} after {path}");
            }
        }
        let all = ["a", "a/b", "a/b/c", "a/b/c/d.txt", "a/b/e.txt", "a/empty", "a/l.txt", "f.txt", "g", "g/h", "g/h/i"];
        let all = all.into_iter().chain(["g/h/i/j", "g/h/i/j/k.txt"]).map(str::to_owned);
        assert_eq!(sorted(paths), all.collect::<Vec<_>>());
    }
    let mut listed = tree.requests();
    listed.truncate(8);
    assert_eq!(sorted(listed), ["", "a", "a/b", "a/b/c", "a/empty", "g", "g/h", "g/h/i"].map(str::to_owned));
    // A subfolder as the start, with and without a slash.
    for start in ["a/b", "/a/b"] {
        let (paths, _) = walked(tree.client().folders().walk(start)).await;
        assert_eq!(sorted(paths), ["a/b/c", "a/b/c/d.txt", "a/b/e.txt"]);
    }
    assert!(walked(tree.client().folders().walk("a/empty")).await.0.is_empty());
}

#[tokio::test(start_paused = true)]
async fn concurrent_list_calls_are_limited_by_breadth() {
    let folders: Vec<String> = (0..40).map(|n| format!("{n:02}/x/y.txt")).collect();
    for (breadth, peak) in [(None, 8), (Some(3), 3), (Some(1), 1), (Some(100), 40)] {
        let tree = Tree::of(&folders.iter().map(String::as_str).collect::<Vec<_>>());
        let mut walk = tree.client().folders().walk("");
        if let Some(breadth) = breadth {
            walk = walk.breadth(breadth);
        }
        assert_eq!(walked(walk).await.0.len(), 120);
        assert_eq!((tree.peak(), tree.requests().len()), (peak, 81));
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_followed_in_every_folder() {
    let tree = Tree::of(&["a/1", "a/2", "a/3", "a/4", "b/1", "c", "d"]);
    let (paths, failed) = walked(tree.client().folders().walk("").page_size(2)).await;
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(sorted(paths), ["a", "a/1", "a/2", "a/3", "a/4", "b", "b/1", "c", "d"]);
    assert_eq!(tree.requests().iter().filter(|target| target.starts_with("a?")).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_failed_folder_is_reported_and_the_walk_continues() {
    let paths = ["a/1", "a/2", "a/3", "b/c/1", "b/2", "d/1"];
    let tree = Tree::of(&paths).broken("b?per_page=2").broken("a?page=2&per_page=2");
    let (paths, failed) = walked(tree.client().folders().walk("").page_size(2)).await;
    assert_eq!(sorted(paths), ["a", "a/1", "a/2", "b", "d", "d/1"]);
    let mut folders: Vec<_> = failed.iter().map(|failed| (failed.folder.as_str(), failed.error.kind())).collect();
    folders.sort_unstable_by_key(|(folder, _)| *folder);
    assert_eq!(folders, [("a", ErrorKind::Server), ("b", ErrorKind::Server)]);
    let line = failed[0].to_string();
    assert!(line.starts_with("folder \"") && line.contains("brickftp.folders.list"), "{line}");
    // The folder itself.
    let (paths, failed) = walked(tree.client().folders().walk("nowhere")).await;
    assert!(paths.is_empty() && failed.len() == 1 && failed[0].error.is_not_found(), "{failed:?}");
    assert_eq!(brickftp::Error::from(failed[0].clone()).kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_walk_detects_cycles() {
    let tree = Tree::of(&["a/b/1"]);
    let elsewhere = ["", "a", "a/b", "c", "a/b/c/d", "/a/b/", "a/b/."];
    for path in elsewhere {
        tree.misplace("a/b", path);
    }
    let (paths, failed) = walked(tree.client().folders().walk("")).await;
    assert_eq!(sorted(paths), sorted(["a", "a/b", "a/b/1"].into_iter().chain(elsewhere).map(str::to_owned).collect()));
    let folders: Vec<String> = failed.iter().map(|failed| failed.folder.clone()).collect();
    assert_eq!(sorted(folders), sorted(elsewhere.map(str::to_owned).to_vec()));
    let is_named = |error: &brickftp::Error| error.operation() == Some("brickftp.folders.list");
    assert!(failed.iter().all(|failed| is_named(&failed.error)), "{failed:?}");
    assert_eq!(tree.requests().len(), 3, "{:?}", tree.requests());
}

#[tokio::test(start_paused = true)]
async fn an_invalid_folder_name_fails_for_that_folder_only() {
    let tree = Tree::of(&["a/1"]);
    tree.misplace("", "b\nc");
    let (paths, failed) = walked(tree.client().folders().walk("")).await;
    assert_eq!(sorted(paths), ["a", "a/1", "b\nc"]);
    assert_eq!((failed.len(), failed[0].error.kind()), (1, ErrorKind::InvalidInput));
    assert!(!failed[0].to_string().contains('\n'));
}

#[tokio::test(start_paused = true)]
async fn dropping_a_walk_aborts_its_calls() {
    let folders: Vec<String> = (0..20).map(|n| format!("{n:02}/x")).collect();
    let tree = Tree::of(&folders.iter().map(String::as_str).collect::<Vec<_>>());
    let client = tree.client();
    let mut walk = client.folders().walk("");
    for _ in 0..20 {
        walk.next().await.unwrap().unwrap();
    }
    // The lists of the subfolders start now.
    let mut next = Box::pin(walk.next());
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut next).await.is_err());
    drop(next);
    assert_eq!(tree.under_way(), 8);
    drop(walk);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((tree.under_way(), tree.requests().len(), client.free_permits()), (0, 9, 64));
    // A walk that was never polled has sent nothing.
    drop(client.folders().walk(""));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(tree.requests().len(), 9);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_limits_prefetching() {
    let folders: Vec<String> = (0..50).flat_map(|n| [format!("{n:02}/x"), format!("{n:02}/y")]).collect();
    let tree = Tree::of(&folders.iter().map(String::as_str).collect::<Vec<_>>());
    let mut walk = tree.client().folders().walk("").page_size(50).breadth(4);
    for _ in 0..51 {
        walk.next().await.unwrap().unwrap();
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    // The root's two pages, the folder being read, and four pending ones.
    assert!(tree.requests().len() <= 2 + 1 + 4, "{:?}", tree.requests());
}

#[tokio::test(start_paused = true)]
async fn a_reader_can_call_the_client_with_few_permits() {
    let tree = Tree::of(&["a/b/1", "c/d/2", "e/f/3"]);
    let client = tree.client_of_permits(1);
    let mut walk = client.folders().walk("");
    let mut entries = 0;
    while let Some(entry) = walk.next().await {
        let entry: File = entry.unwrap();
        entries += 1;
        if entry.is_folder() {
            let inside = client.folders().list(&entry.path).try_collect_vec();
            tokio::time::timeout(Duration::from_secs(60), inside).await.expect("a permit").unwrap();
        }
    }
    assert_eq!(entries, 9);
}

#[test]
fn outside_a_runtime_a_walk_reports_the_requirement() {
    let mut walk = pin!(Tree::of(&["a/1"]).client().folders().walk(""));
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Some(Err(failed))) = walk.as_mut().poll_next(&mut context) else { panic!("it goes on") };
    assert!(failed.to_string().contains("Tokio"), "{failed}");
    assert!(matches!(walk.as_mut().poll_next(&mut context), Poll::Ready(None)));
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "the transport fails in its own way")]
async fn a_panic_of_the_transport_is_propagated() {
    let _ = walked(Tree::of(&["panic/1"]).client().folders().walk("")).await;
}
