//! Lists of BrickFTP are complete and lazy, and errors are never reported as a shorter list.

use std::collections::BTreeSet;

use brickftp::{Client, Error, ErrorKind, Format, Pager};
use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;
use mft_tests::lists::assert_malformed;
use mft_tests::{Brickftp, ClientOptions, Provider};

const USERS: &str = "brickftp.users.list";
const FOLDER: &str = "brickftp.folders.list";

fn client_of(site: &Brickftp, format: Format) -> Client {
    let roomy = ClientOptions { max_response_bytes: 64 << 20, ..ClientOptions::default() };
    site.builder(roomy).format(format).build().unwrap()
}

/// Starts a site with the given number of users and of files in the folder `many`.
async fn site_with(count: usize) -> Brickftp {
    let site: Brickftp = Brickftp::start().await;
    let state = site.simulator.state();
    for user in state.users() {
        state.remove_user(user.id);
    }
    state.add_users(count);
    state.add_files("many", count);
    site
}

#[tokio::test]
async fn lists_are_complete_at_page_boundaries() {
    for count in [0, 1, 999, 1_000, 1_001, 2_000] {
        let site = site_with(count).await;
        let state = site.simulator.state();
        let ids: Vec<_> = state.users().into_iter().map(|user| user.id).collect();
        let paths = state.file_paths();
        for format in [Format::Json, Format::Xml] {
            let client = client_of(&site, format);
            site.simulator.clear_journal();
            let users = client.users().list().try_collect_vec().await.unwrap();
            assert_eq!(users.into_iter().map(|user| user.id.get()).collect::<Vec<_>>(), ids, "{count} in {format:?}");
            let files = client.folders().list("many").try_collect_vec().await.unwrap();
            assert_eq!(files.into_iter().map(|file| file.path).collect::<Vec<_>>(), paths, "{count} in {format:?}");
            // Only a page that is not full ends the list.
            let requests = [USERS, FOLDER].map(|name| site.simulator.count(name));
            assert_eq!(requests, [count / 1_000 + 1; 2], "{count} in {format:?}");
        }
    }
}

/// The client holds one page of a list at a time. It requests the next page after the caller has consumed the previous
/// one.
#[tokio::test]
async fn large_lists_are_fetched_page_by_page() {
    const COUNT: usize = 250_000;
    const PAGE: usize = 5_000;
    let site: Brickftp = Brickftp::start().await;
    site.simulator.state().add_files("many", COUNT);
    let client = client_of(&site, Format::Json);
    let mut list = client.folders().list("many").page_size(5_000);
    let mut received = 0;
    while let Some(file) = list.try_next().await.unwrap() {
        assert_eq!(file.path, format!("many/file-{received:06}.txt"));
        if received % PAGE == 0 || received % PAGE == PAGE - 1 {
            assert_eq!(site.simulator.count(FOLDER), received / PAGE + 1, "after {received} entries");
        }
        received += 1;
    }
    assert_eq!((received, site.simulator.count(FOLDER)), (COUNT, COUNT / PAGE + 1));
}

async fn read_to_end<T: Send + 'static>(mut list: Pager<T>) -> (usize, Option<Error>) {
    let mut count = 0;
    loop {
        match list.try_next().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => return (count, None),
            Err(error) => {
                assert!(list.try_next().await.unwrap().is_none(), "a list ends after an error");
                return (count, Some(error));
            }
        }
    }
}

#[tokio::test]
async fn ignored_page_parameter_is_an_error() {
    let site: Brickftp = Brickftp::start_with(Simulator::builder().ignore_page()).await;
    let state = site.simulator.state();
    state.add_files("many", 20);
    state.add_users(20);
    for _ in 0..20 {
        state.add_event(|event| event.path = Some("many".into()));
    }
    for format in [Format::Json, Format::Xml] {
        let client = client_of(&site, format);
        let history = client.history();
        for (case, (count, error)) in [
            ("users", read_to_end(client.users().list().page_size(10)).await),
            ("folder", read_to_end(client.folders().list("many").page_size(10)).await),
            ("site", read_to_end(history.site().page_size(10)).await),
            ("folder history", read_to_end(history.folder("many").page_size(10)).await),
        ] {
            let error = error.unwrap_or_else(|| panic!("{case} in {format:?} ends after {count} entries"));
            assert_eq!((error.kind(), count), (ErrorKind::Protocol, 10), "{case} in {format:?}: {error}");
        }
    }
}

#[tokio::test]
async fn history_has_no_duplicates_if_events_arrive_during_pagination() {
    for (new, after) in [(1, 10), (3, 10), (10, 10), (10, 30), (20, 30), (25, 10), (30, 20)] {
        let site: Brickftp = Brickftp::start().await;
        let state = site.simulator.state();
        for _ in 0..43 {
            state.add_event(|event| event.action = "read".into());
        }
        let old: BTreeSet<u64> = state.history().into_iter().map(|event| event.id).collect();
        let client = client_of(&site, Format::Json);
        let mut list = client.history().site().page_size(10);
        let mut ids = Vec::new();
        while let Some(event) = list.try_next().await.unwrap() {
            ids.push(event.id.get());
            if ids.len() == after {
                for _ in 0..new {
                    state.add_event(|event| event.action = "read".into());
                }
            }
        }
        let distinct: BTreeSet<u64> = ids.iter().copied().collect();
        assert_eq!(distinct.len(), ids.len(), "{new} new ones after {after}: duplicates: {ids:?}");
        assert!(distinct.is_superset(&old), "{new} new ones after {after}: missing entries: {ids:?}");
    }
}

#[tokio::test]
async fn lists_are_lazy_and_resumable() {
    let site = site_with(35).await;
    let client = client_of(&site, Format::Xml);
    let list = || client.users().list().page_size(10);
    assert_eq!(site.journal().len(), 0);
    let mut first = list();
    assert!(first.try_next().await.unwrap().is_some());
    drop((first, list()));
    assert_eq!((site.journal().len(), client.free_permits()), (1, 64));

    let mut pages = list().into_pages();
    let (mut ids, mut next) = (Vec::new(), None);
    for _ in 0..2 {
        let page = pages.try_next().await.unwrap().expect("a page");
        ids.extend(page.items.iter().map(|user| user.id));
        next = page.next;
    }
    drop(pages);
    let remaining = list().resume_from(next.expect("a third page")).try_collect_vec().await.unwrap();
    ids.extend(remaining.into_iter().map(|user| user.id));
    let all: Vec<_> = list().try_collect_vec().await.unwrap().into_iter().map(|user| user.id).collect();
    assert_eq!((ids.len(), ids), (35, all));
}

#[tokio::test]
async fn malformed_lists_are_errors() {
    for (case, body) in [
        ("an envelope", r#"{"data":[]}"#),
        ("an empty object", "{}"),
        ("null", "null"),
        ("an entry without id", r#"[{"id":1},{"username":"x"}]"#),
        ("an entry that is null", r#"[{"id":1},null]"#),
        ("an entry that is a string", r#"[{"id":1},"mrk-hidden"]"#),
        ("half a list", r#"[{"id":1},"#),
        ("two lists", "[][]"),
        ("an empty body", ""),
        ("an object in XML", "<user><id type=\"integer\">1</id><username>mrk-hidden</username></user>"),
        ("a list of lists", "<users type=\"array\"><user type=\"array\"><id>1</id></user></users>"),
        ("an entry without id in XML", "<users type=\"array\"><user><username>mrk-hidden</username></user></users>"),
        ("text in XML", "<users type=\"array\">mrk-hidden</users>"),
        ("half a list in XML", "<users type=\"array\"><user><id>1</id></user>"),
        ("two documents", "<users type=\"array\"/><users type=\"array\"/>"),
        ("an HTML page", "<!DOCTYPE html><html><body>mrk-hidden</body></html>"),
    ] {
        for format in [Format::Json, Format::Xml] {
            let site: Brickftp = Brickftp::start().await;
            site.faults().push(Fault::replaced_body(body).on(USERS));
            assert_malformed(client_of(&site, format).users().list(), case).await;
        }
    }
}

#[tokio::test]
async fn page_sizes_above_the_limit_are_rejected_locally() {
    let site: Brickftp = Brickftp::start().await;
    let client = client_of(&site, Format::Json);
    let assert_rejected = |error: Option<Error>| {
        let error = error.expect("a limit");
        assert!(error.is_invalid_input() && error.to_string().contains("page_size"), "{error}");
    };
    assert_rejected(read_to_end(client.folders().list("").page_size(5_001)).await.1);
    assert_rejected(read_to_end(client.history().site().page_size(10_001)).await.1);
    assert_rejected(read_to_end(client.groups().list().page_size(10)).await.1);
    assert_eq!(site.journal().len(), 0);
}
