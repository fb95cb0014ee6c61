//! Lists of Buckets: lazy, complete through every form of `next_uri`, and never quietly short or endless.

use std::collections::HashSet;

use mft_simulator::Fault;
use mft_simulator::usebuckets::{NextUri, PageLimits, Simulator, UnknownAfter};
use mft_tests::{Provider, Tweaks, Usebuckets};
use usebuckets::pagination::{Page, Pages};
use usebuckets::{BucketId, ErrorKind, Outcome};

const LIST: &str = "usebuckets.buckets.list";
const FORMS: [NextUri; 5] =
    [NextUri::Documented, NextUri::Absent, NextUri::Null, NextUri::OtherHost, NextUri::Placeholder];

/// A simulator with so many buckets, and their ids.
async fn with_buckets(builder: mft_simulator::usebuckets::Builder, number: usize) -> (Usebuckets, Vec<BucketId>) {
    let provider = Usebuckets::start_with(builder).await;
    let state = provider.simulator.state();
    for bucket in state.buckets() {
        state.remove_bucket(&bucket.id);
    }
    let ids = (0..number).map(|_| state.add_bucket(|_| {}).id.into()).collect();
    (provider, ids)
}

fn tweaks() -> Tweaks {
    Tweaks { max_response_bytes: 64 << 20, ..Tweaks::default() }
}

async fn page<T: Send + 'static>(pages: &mut Pages<T>) -> Option<Page<T>> {
    pages.try_next().await.unwrap_or_else(|error| panic!("{error}"))
}

/// Lists while a bucket in front of the reader goes, one behind him, the one that he has just seen, and one is added.
async fn is_complete_while_buckets_come_and_go(builder: mft_simulator::usebuckets::Builder, number: usize, size: u32) {
    let (provider, ids) = with_buckets(builder, number).await;
    let (state, case) = (provider.simulator.state(), format!("{number} in pages of {size}"));
    let mut pages = provider.client(tweaks()).buckets().list().page_size(size).into_pages();
    let (mut seen, mut expected) = (Vec::new(), ids.clone());
    while let Some(page) = page(&mut pages).await {
        let before = seen.len();
        seen.extend(page.items.into_iter().map(|bucket| bucket.id));
        let middle = number / 2;
        if before < middle && seen.len() >= middle && page.next.is_some() {
            let (ahead, behind, last) = (&ids[number - 1], &ids[0], &seen[seen.len() - 1]);
            for gone in [ahead, behind, last] {
                state.remove_bucket(gone.as_str());
            }
            expected.retain(|id| id != ahead);
            expected.push(state.add_bucket(|bucket| bucket.name = "new".into()).id.into());
        }
    }
    assert_ne!(expected.last(), ids.last(), "{case}: nothing came or went");
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len(), "{case}: one came twice");
    assert!(seen == expected, "{case}: {} came, not {}", seen.len(), expected.len());
    assert_eq!(provider.journal().len(), number.div_ceil(size as usize), "{case}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_buckets_are_listed_whole_while_some_come_and_go() {
    for size in [1, 100, 1000] {
        is_complete_while_buckets_come_and_go(Simulator::builder(), 10_000, size).await;
    }
}

#[tokio::test]
async fn every_form_of_next_uri_leads_to_the_next_page_of_the_same_list() {
    for form in FORMS {
        for size in [1, 7, 100] {
            is_complete_while_buckets_come_and_go(Simulator::builder().next_uri(form), 200, size).await;
        }
        let provider = Usebuckets::start_with(Simulator::builder().next_uri(form)).await;
        let state = provider.simulator.state();
        let users: Vec<_> = (0..25).map(|_| state.add_user(provider.target.as_str(), |_| {}).id).collect();
        let listed = provider.client(tweaks()).users().list(&provider.target).page_size(4).try_collect_vec().await;
        let listed: Vec<_> = listed.unwrap().into_iter().map(|user| user.id.to_string()).collect();
        assert_eq!(listed[1..], users, "{form:?}");
        assert!(provider.journal().iter().all(|one| one.operation == Some("usebuckets.users.list")), "{form:?}");
    }
}

#[tokio::test]
async fn full_pages_and_those_around_them_take_no_request_too_many() {
    for number in [0, 1, 4, 5, 6, 9, 10, 11] {
        let (provider, ids) = with_buckets(Simulator::builder(), number).await;
        let client = provider.client(tweaks());
        let list = client.buckets().list().page_size(5);
        assert_eq!(provider.journal().len(), 0);
        let listed: Vec<_> = list.try_collect_vec().await.unwrap().into_iter().map(|bucket| bucket.id).collect();
        assert_eq!(listed, ids);
        assert_eq!(provider.journal().len(), number.div_ceil(5).max(1), "{number}");
    }
}

#[tokio::test]
async fn pages_may_be_shorter_than_asked_for_and_the_default_is_a_hundred() {
    let (provider, ids) = with_buckets(Simulator::builder().page_cap(3), 10).await;
    assert_eq!(provider.client(tweaks()).buckets().list().page_size(7).try_collect_vec().await.unwrap().len(), 10);
    assert_eq!((provider.journal().len(), ids.len()), (4, 10));
    let (provider, _) = with_buckets(Simulator::builder().page_limits(PageLimits::Refuse), 101).await;
    assert_eq!(provider.client(tweaks()).buckets().list().try_collect_vec().await.unwrap().len(), 101);
    assert_eq!(provider.journal()[0].query, None);
    assert_eq!(provider.journal().len(), 2);
}

#[tokio::test]
async fn a_list_that_was_left_is_resumed_behind_any_id() {
    let (provider, ids) = with_buckets(Simulator::builder(), 20).await;
    let client = provider.client(tweaks());
    let mut list = client.buckets().list().page_size(6);
    assert_eq!(list.try_next().await.unwrap().unwrap().id, ids[0]);
    drop(list);
    assert_eq!((provider.journal().len(), client.free_permits()), (1, 64));
    let mut pages = client.buckets().list().page_size(6).prefetch(true).into_pages();
    let first = page(&mut pages).await.unwrap();
    drop(pages);
    for cursor in [first.next.unwrap(), ids[5].as_str().into()] {
        let rest = client.buckets().list().page_size(6).resume_from(cursor).try_collect_vec().await.unwrap();
        assert_eq!(rest.into_iter().map(|bucket| bucket.id).collect::<Vec<_>>(), ids[6..]);
    }
    let error = client.buckets().list().resume_from("never was").try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{error}");
}

#[tokio::test]
async fn a_service_that_loses_the_place_gets_an_error_and_no_endless_list() {
    let after_first = |builder: mft_simulator::usebuckets::Builder, kind| (builder, kind);
    for (builder, kind) in [
        after_first(Simulator::builder().ignore_after(), ErrorKind::Decode),
        after_first(Simulator::builder().ignore_after().next_uri(NextUri::Placeholder), ErrorKind::Decode),
    ] {
        let (provider, _) = with_buckets(builder, 5).await;
        let mut list = provider.client(tweaks()).buckets().list().page_size(2);
        assert!(list.try_next().await.unwrap().is_some() && list.try_next().await.unwrap().is_some());
        let error = list.try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, Some(LIST)), "{error}");
        assert!(list.try_next().await.unwrap().is_none(), "after an error a list ends");
        assert_eq!(provider.journal().len(), 2);
    }
    // A service that begins anew where it does not know the place: told as soon as a cursor comes again.
    let (provider, _) = with_buckets(Simulator::builder().unknown_after(UnknownAfter::FirstPage), 5).await;
    let fault = Fault::replaced_body(r#"{"has_more":true,"next_uri":"?after=unknown","data":[{"id":"unknown"}]}"#);
    provider.faults().push(fault.on(LIST).nth(2));
    let error = provider.client(tweaks()).buckets().list().page_size(2).try_collect_vec().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

#[tokio::test]
async fn what_is_no_list_of_the_right_things_is_an_error_and_never_a_short_list() {
    for (case, body) in [
        ("no envelope", r#"[{"id":"1"}]"#),
        ("an empty object", "{}"),
        ("null", "null"),
        ("no word on whether there is more", r#"{"data":[{"id":"1"}]}"#),
        ("more or not, who knows", r#"{"has_more":null,"data":[{"id":"1"}]}"#),
        ("no entries at all", r#"{"has_more":false}"#),
        ("more and no entry", r#"{"has_more":true,"next_uri":"?after=x","data":[]}"#),
        ("an entry without id", r#"{"has_more":false,"data":[{"id":"1"},{"name":"x"}]}"#),
        ("an entry that is null", r#"{"has_more":false,"data":[{"id":"1"},null]}"#),
        ("an entry that is a text", r#"{"has_more":false,"data":["mrk-hidden"]}"#),
        ("half a list", r#"{"has_more":false,"data":[{"id":"1"},"#),
        ("nothing", ""),
    ] {
        let provider = Usebuckets::start().await;
        provider.faults().push(Fault::replaced_body(body).on(LIST));
        let mut list = provider.client(Tweaks::default()).buckets().list();
        let error = list.try_next().await.expect_err(case);
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::NotDone), "{case}: {error}");
        assert!(!error.to_string().contains("hidden"), "{case}: {error}");
        assert!(list.try_next().await.unwrap().is_none(), "{case}: after an error a list ends");
    }
}

#[tokio::test]
async fn page_sizes_that_the_service_does_not_have_are_refused_before_anything_is_sent() {
    let provider = Usebuckets::start().await;
    let client = provider.client(Tweaks::default());
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
