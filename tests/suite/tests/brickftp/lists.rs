//! Lists of BrickFTP: complete, lazy, and never quietly short.

use std::collections::BTreeSet;

use brickftp::{Client, Error, ErrorKind, Format, HistoryQuery, ListFolder, Outcome, Pager};
use mft_simulator::Fault;
use mft_simulator::brickftp::Simulator;
use mft_tests::{Brickftp, Provider, Tweaks};

const USERS: &str = "brickftp.users.list";
const FOLDER: &str = "brickftp.folders.list";

fn client_of(site: &Brickftp, format: Format) -> Client {
    let roomy = Tweaks { max_response_bytes: 64 << 20, ..Tweaks::default() };
    site.builder(roomy).format(format).build().unwrap()
}

/// A site with exactly so many users, and so many files in the folder `many`.
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
async fn full_pages_and_pages_that_are_not_make_a_complete_list() {
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
            let files = client.folders().list("many", ListFolder::new()).try_collect_vec().await.unwrap();
            assert_eq!(files.into_iter().map(|file| file.path).collect::<Vec<_>>(), paths, "{count} in {format:?}");
            // The last page is one that is not full: nothing else tells the end.
            let requests = [USERS, FOLDER].map(|name| site.simulator.count(name));
            assert_eq!(requests, [count / 1_000 + 1; 2], "{count} in {format:?}");
        }
    }
}

/// However long the list, one page of it is held: the next one is asked for when the one before has been given out.
#[tokio::test]
async fn a_quarter_of_a_million_entries_come_page_by_page() {
    const COUNT: usize = 250_000;
    const PAGE: usize = 5_000;
    let site: Brickftp = Brickftp::start().await;
    site.simulator.state().add_files("many", COUNT);
    let client = client_of(&site, Format::Json);
    let mut list = client.folders().list("many", ListFolder::new()).page_size(5_000);
    let mut taken = 0;
    while let Some(file) = list.try_next().await.unwrap() {
        assert_eq!(file.path, format!("many/file-{taken:06}.txt"));
        if taken % PAGE == 0 || taken % PAGE == PAGE - 1 {
            assert_eq!(site.simulator.count(FOLDER), taken / PAGE + 1, "after {taken} entries");
        }
        taken += 1;
    }
    assert_eq!((taken, site.simulator.count(FOLDER)), (COUNT, COUNT / PAGE + 1));
}

async fn end_of<T: Send + 'static>(mut list: Pager<T>) -> (usize, Option<Error>) {
    let mut count = 0;
    loop {
        match list.try_next().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => return (count, None),
            Err(error) => {
                assert!(list.try_next().await.unwrap().is_none(), "after an error a list ends");
                return (count, Some(error));
            }
        }
    }
}

#[tokio::test]
async fn a_service_that_ignores_the_page_is_an_error_and_no_endless_list() {
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
            ("users", end_of(client.users().list().page_size(10)).await),
            ("folder", end_of(client.folders().list("many", ListFolder::new()).page_size(10)).await),
            ("site", end_of(history.site(HistoryQuery::new()).page_size(10)).await),
            ("folder history", end_of(history.folder("many", HistoryQuery::new()).page_size(10)).await),
        ] {
            let error = error.unwrap_or_else(|| panic!("{case} in {format:?} ends after {count}"));
            assert_eq!((error.kind(), count), (ErrorKind::Protocol, 10), "{case} in {format:?}: {error}");
        }
    }
}

#[tokio::test]
async fn new_events_push_old_ones_to_later_pages_and_none_comes_twice() {
    for (new, after) in [(1, 10), (3, 10), (10, 10), (10, 30), (20, 30), (25, 10), (30, 20)] {
        let site: Brickftp = Brickftp::start().await;
        let state = site.simulator.state();
        for _ in 0..43 {
            state.add_event(|event| event.action = "read".into());
        }
        let old: BTreeSet<u64> = state.history().into_iter().map(|event| event.id).collect();
        let client = client_of(&site, Format::Json);
        let mut list = client.history().site(HistoryQuery::new()).page_size(10);
        let mut seen = Vec::new();
        while let Some(event) = list.try_next().await.unwrap() {
            seen.push(event.id.get());
            if seen.len() == after {
                for _ in 0..new {
                    state.add_event(|event| event.action = "read".into());
                }
            }
        }
        let distinct: BTreeSet<u64> = seen.iter().copied().collect();
        assert_eq!(distinct.len(), seen.len(), "{new} new ones after {after}: some came twice: {seen:?}");
        assert!(distinct.is_superset(&old), "{new} new ones after {after}: some were lost: {seen:?}");
    }
}

#[tokio::test]
async fn a_list_is_lazy_and_is_gone_on_with_from_a_page() {
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
    let rest = list().resume_from(next.expect("a third page")).try_collect_vec().await.unwrap();
    ids.extend(rest.into_iter().map(|user| user.id));
    let all: Vec<_> = list().try_collect_vec().await.unwrap().into_iter().map(|user| user.id).collect();
    assert_eq!((ids.len(), ids), (35, all));
}

#[tokio::test]
async fn what_is_no_list_of_the_right_things_is_an_error_and_never_a_short_list() {
    for (case, body) in [
        ("an envelope", r#"{"data":[]}"#),
        ("an empty object", "{}"),
        ("null", "null"),
        ("an entry without id", r#"[{"id":1},{"username":"x"}]"#),
        ("an entry that is null", r#"[{"id":1},null]"#),
        ("an entry that is a text", r#"[{"id":1},"mrk-hidden"]"#),
        ("half a list", r#"[{"id":1},"#),
        ("two lists", "[][]"),
        ("nothing", ""),
        ("an object in XML", "<user><id type=\"integer\">1</id><username>mrk-hidden</username></user>"),
        ("a list of lists", "<users type=\"array\"><user type=\"array\"><id>1</id></user></users>"),
        ("an entry without id in XML", "<users type=\"array\"><user><username>mrk-hidden</username></user></users>"),
        ("a text in XML", "<users type=\"array\">mrk-hidden</users>"),
        ("half a list in XML", "<users type=\"array\"><user><id>1</id></user>"),
        ("two documents", "<users type=\"array\"/><users type=\"array\"/>"),
        ("a page", "<!DOCTYPE html><html><body>mrk-hidden</body></html>"),
    ] {
        for format in [Format::Json, Format::Xml] {
            let site: Brickftp = Brickftp::start().await;
            site.faults().push(Fault::replaced_body(body).on(USERS));
            let mut list = client_of(&site, format).users().list();
            let error = list.try_next().await.expect_err(case);
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::NotDone), "{case}: {error}");
            assert!(!error.to_string().contains("hidden"), "{case}: {error}");
            assert!(list.try_next().await.unwrap().is_none(), "{case}: after an error a list ends");
        }
    }
}

#[tokio::test]
async fn page_sizes_beyond_the_documented_limits_are_refused_before_anything_is_sent() {
    let site: Brickftp = Brickftp::start().await;
    let client = client_of(&site, Format::Json);
    let refused = |error: Option<Error>| {
        let error = error.expect("a limit");
        assert!(error.is_invalid_input() && error.to_string().contains("page_size"), "{error}");
    };
    refused(end_of(client.folders().list("", ListFolder::new()).page_size(5_001)).await.1);
    refused(end_of(client.history().site(HistoryQuery::new()).page_size(10_001)).await.1);
    refused(end_of(client.groups().list().page_size(10)).await.1);
    assert_eq!(site.journal().len(), 0);
}
