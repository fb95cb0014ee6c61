//! Lists of Buckets are lazy and complete with every form of `next_uri`. They never end early or loop.

use std::collections::HashSet;

use mft_simulator::Fault;
use mft_simulator::usebuckets::{NextUri, PageLimits, Simulator, UnknownAfter};
use mft_tests::lists::assert_malformed;
use mft_tests::{ClientOptions, Provider, Usebuckets};
use usebuckets::pagination::{Page, Pages};
use usebuckets::{BucketId, ErrorKind, Outcome};

const LIST: &str = "usebuckets.buckets.list";
const FORMS: [NextUri; 5] =
    [NextUri::Documented, NextUri::Absent, NextUri::Null, NextUri::OtherHost, NextUri::Placeholder];

/// Starts a simulator with the given number of buckets. Returns their ids.
async fn with_buckets(builder: mft_simulator::usebuckets::Builder, number: usize) -> (Usebuckets, Vec<BucketId>) {
    let provider = Usebuckets::start_with(builder).await;
    let state = provider.simulator.state();
    for bucket in state.buckets() {
        state.remove_bucket(&bucket.id);
    }
    let ids = (0..number).map(|_| state.add_bucket(|_| {}).id.into()).collect();
    (provider, ids)
}

fn options() -> ClientOptions {
    ClientOptions { max_response_bytes: 64 << 20, ..ClientOptions::default() }
}

async fn page<T: Send + 'static>(pages: &mut Pages<T>) -> Option<Page<T>> {
    pages.try_next().await.unwrap_or_else(|error| panic!("{error}"))
}

/// Lists while buckets before, at and after the current position are deleted, and one is added.
async fn check_list_during_changes(builder: mft_simulator::usebuckets::Builder, number: usize, size: u32) {
    let (provider, ids) = with_buckets(builder, number).await;
    let (state, case) = (provider.simulator.state(), format!("{number} in pages of {size}"));
    let mut pages = provider.client(options()).buckets().list().page_size(size).into_pages();
    let (mut received, mut expected) = (Vec::new(), ids.clone());
    while let Some(page) = page(&mut pages).await {
        let before = received.len();
        received.extend(page.items.into_iter().map(|bucket| bucket.id));
        let middle = number / 2;
        if before < middle && received.len() >= middle && page.next.is_some() {
            let (ahead, behind, last) = (&ids[number - 1], &ids[0], &received[received.len() - 1]);
            for id in [ahead, behind, last] {
                state.remove_bucket(id.as_str());
            }
            expected.retain(|id| id != ahead);
            expected.push(state.add_bucket(|bucket| bucket.name = "new".into()).id.into());
        }
    }
    assert_ne!(expected.last(), ids.last(), "{case}: no change happened");
    assert_eq!(received.iter().collect::<HashSet<_>>().len(), received.len(), "{case}: duplicates");
    assert!(received == expected, "{case}: {} entries, expected {}", received.len(), expected.len());
    assert_eq!(provider.journal().len(), number.div_ceil(size as usize), "{case}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_buckets_are_listed_completely_during_changes() {
    for size in [1, 100, 1000] {
        check_list_during_changes(Simulator::builder(), 10_000, size).await;
    }
}

#[tokio::test]
async fn every_next_uri_form_leads_to_the_next_page() {
    for form in FORMS {
        for size in [1, 7, 100] {
            check_list_during_changes(Simulator::builder().next_uri(form), 200, size).await;
        }
        let provider = Usebuckets::start_with(Simulator::builder().next_uri(form)).await;
        let state = provider.simulator.state();
        let users: Vec<_> = (0..25).map(|_| state.add_user(provider.target.as_str(), |_| {}).id).collect();
        let entries = provider.client(options()).users().list(&provider.target).page_size(4).try_collect_vec().await;
        let entries: Vec<_> = entries.unwrap().into_iter().map(|user| user.id.to_string()).collect();
        assert_eq!(entries[1..], users, "{form:?}");
        assert!(provider.journal().iter().all(|one| one.operation == Some("usebuckets.users.list")), "{form:?}");
    }
}

#[tokio::test]
async fn page_boundaries_cost_no_extra_request() {
    for number in [0, 1, 4, 5, 6, 9, 10, 11] {
        let (provider, ids) = with_buckets(Simulator::builder(), number).await;
        let client = provider.client(options());
        let list = client.buckets().list().page_size(5);
        assert_eq!(provider.journal().len(), 0);
        let entries: Vec<_> = list.try_collect_vec().await.unwrap().into_iter().map(|bucket| bucket.id).collect();
        assert_eq!(entries, ids);
        assert_eq!(provider.journal().len(), number.div_ceil(5).max(1), "{number}");
    }
}

#[tokio::test]
async fn short_pages_and_the_default_page_size_work() {
    let (provider, ids) = with_buckets(Simulator::builder().page_cap(3), 10).await;
    assert_eq!(provider.client(options()).buckets().list().page_size(7).try_collect_vec().await.unwrap().len(), 10);
    assert_eq!((provider.journal().len(), ids.len()), (4, 10));
    let (provider, _) = with_buckets(Simulator::builder().page_limits(PageLimits::Reject), 101).await;
    assert_eq!(provider.client(options()).buckets().list().try_collect_vec().await.unwrap().len(), 101);
    assert_eq!(provider.journal()[0].query, None);
    assert_eq!(provider.journal().len(), 2);
}

#[tokio::test]
async fn lists_resume_after_any_id() {
    let (provider, ids) = with_buckets(Simulator::builder(), 20).await;
    let client = provider.client(options());
    let mut list = client.buckets().list().page_size(6);
    assert_eq!(list.try_next().await.unwrap().unwrap().id, ids[0]);
    drop(list);
    assert_eq!((provider.journal().len(), client.free_permits()), (1, 64));
    let mut pages = client.buckets().list().page_size(6).prefetch(true).into_pages();
    let first = page(&mut pages).await.unwrap();
    drop(pages);
    for cursor in [first.next.unwrap(), ids[5].as_str().into()] {
        let remaining = client.buckets().list().page_size(6).resume_from(cursor).try_collect_vec().await.unwrap();
        assert_eq!(remaining.into_iter().map(|bucket| bucket.id).collect::<Vec<_>>(), ids[6..]);
    }
    let error = client.buckets().list().resume_from("never was").try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{error}");
}

#[tokio::test]
async fn repeated_cursor_is_an_error() {
    let after_first = |builder: mft_simulator::usebuckets::Builder, kind| (builder, kind);
    for (builder, kind) in [
        after_first(Simulator::builder().ignore_after(), ErrorKind::Decode),
        after_first(Simulator::builder().ignore_after().next_uri(NextUri::Placeholder), ErrorKind::Decode),
    ] {
        let (provider, _) = with_buckets(builder, 5).await;
        let mut list = provider.client(options()).buckets().list().page_size(2);
        assert!(list.try_next().await.unwrap().is_some() && list.try_next().await.unwrap().is_some());
        let error = list.try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, Some(LIST)), "{error}");
        assert!(list.try_next().await.unwrap().is_none(), "a list ends after an error");
        assert_eq!(provider.journal().len(), 2);
    }
    // If the service restarts the list after an unknown cursor, the first repeated cursor is an error.
    let (provider, _) = with_buckets(Simulator::builder().unknown_after(UnknownAfter::FirstPage), 5).await;
    let fault = Fault::replaced_body(r#"{"has_more":true,"next_uri":"?after=unknown","data":[{"id":"unknown"}]}"#);
    provider.faults().push(fault.on(LIST).nth(2));
    let error = provider.client(options()).buckets().list().page_size(2).try_collect_vec().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

#[tokio::test]
async fn malformed_lists_are_errors() {
    for (case, body) in [
        ("no envelope", r#"[{"id":"1"}]"#),
        ("an empty object", "{}"),
        ("null", "null"),
        ("missing has_more", r#"{"data":[{"id":"1"}]}"#),
        ("has_more is null", r#"{"has_more":null,"data":[{"id":"1"}]}"#),
        ("no data", r#"{"has_more":false}"#),
        ("has_more without entries", r#"{"has_more":true,"next_uri":"?after=x","data":[]}"#),
        ("an entry without id", r#"{"has_more":false,"data":[{"id":"1"},{"name":"x"}]}"#),
        ("an entry that is null", r#"{"has_more":false,"data":[{"id":"1"},null]}"#),
        ("an entry that is a string", r#"{"has_more":false,"data":["mrk-hidden"]}"#),
        ("half a list", r#"{"has_more":false,"data":[{"id":"1"},"#),
        ("an empty body", ""),
    ] {
        let provider = Usebuckets::start().await;
        provider.faults().push(Fault::replaced_body(body).on(LIST));
        assert_malformed(provider.client(ClientOptions::default()).buckets().list(), case).await;
    }
}

#[tokio::test]
async fn page_sizes_out_of_range_are_rejected_locally() {
    let provider = Usebuckets::start().await;
    let client = provider.client(ClientOptions::default());
    for size in [0, 1001] {
        for error in [
            client.buckets().list().page_size(size).try_next().await.unwrap_err(),
            client.users().list(&provider.target).page_size(size).try_next().await.unwrap_err(),
            client.notifications().list(&provider.target).page_size(size).try_next().await.unwrap_err(),
        ] {
            assert!(error.is_invalid_input() && error.to_string().contains("page_size"), "{error}");
        }
    }
    assert_eq!(provider.journal().len(), 0);
}
