//! Pagination by cursor, by page number, and lists in one response.

mod support;

use std::task::{Context, Poll};

use futures_core::Stream as _;
use futures_util::TryStreamExt as _;
use http::Method;
use mft_common::pagination::Cursor;
use mft_common::provider::{BufferedResponse, CursorPage, Identity, PageNumbers, Pipeline};
use mft_common::testing::MockTransport;
use mft_common::{ErrorKind, Pager, Result};
use serde::Deserialize;

use support::client;

#[derive(Deserialize)]
struct Wire {
    items: Vec<u32>,
    next: Option<String>,
}

fn decode_cursor(reply: &BufferedResponse, _: Option<&Cursor>) -> Result<CursorPage<u32>> {
    let Wire { items, next } = reply.json()?;
    Ok(CursorPage { items, next: next.map(Cursor::from) })
}

fn by_cursor(script: &MockTransport) -> Pager<u32> {
    let pipeline = client(script);
    Pager::by_cursor(
        "parcels.list",
        Some(100),
        move |cursor, size| {
            let mut call = pipeline.call("parcels.list", Method::GET, "/parcels", &[]).safe();
            if let Some(cursor) = cursor {
                call = call.query("after", cursor.as_str());
            }
            if let Some(size) = size {
                call = call.query("limit", &size.to_string());
            }
            call
        },
        decode_cursor,
    )
}

fn numbered(script: &MockTransport) -> Pager<u32> {
    numbered_by(script, Identity::Unknown)
}

fn numbered_by(script: &MockTransport, identity: Identity<u32>) -> Pager<u32> {
    let pipeline = client(script);
    let call = move |page: u64, size: Option<u32>| {
        let call = pipeline.call("parcels.list", Method::GET, "/parcels", &[]).safe().query("page", &page.to_string());
        match size {
            Some(size) => call.query("per_page", &size.to_string()),
            None => call,
        }
    };
    Pager::numbered(
        "parcels.list",
        PageNumbers { default_size: 3, largest_size: Some(100) },
        identity,
        call,
        BufferedResponse::json,
    )
}

fn single(script: &MockTransport) -> Pager<u32> {
    let pipeline: Pipeline = client(script);
    Pager::single("parcels.list", move || pipeline.call("parcels.list", Method::GET, "/parcels", &[]).safe())
}

fn page(items: &str, next: Option<&str>) -> String {
    let next = next.map_or("null".to_owned(), |next| format!("{next:?}"));
    format!(r#"{{"items":[{items}],"next":{next}}}"#)
}

fn pages(pages: &[(&str, Option<&str>)]) -> MockTransport {
    pages.iter().fold(MockTransport::new(), |script, (items, next)| script.reply(200, &[], page(items, *next)))
}

fn lists(pages: &[&'static str]) -> MockTransport {
    pages.iter().fold(MockTransport::new(), |script, items| script.reply(200, &[], format!("[{items}]")))
}

fn queries(script: &MockTransport) -> Vec<String> {
    script.calls().iter().map(|call| call.uri.query().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_list_is_complete_for_all_page_sizes() {
    let many: (MockTransport, Vec<u32>) = (
        pages(&[("1,2", Some("a b")), ("", Some("b")), ("3", Some("c")), ("4,5,6,7", Some("d")), ("", None)]),
        (1..=7).collect(),
    );
    assert_eq!(by_cursor(&many.0).try_collect_vec().await.unwrap(), many.1);
    assert_eq!(queries(&many.0), ["", "after=a%20b", "after=b", "after=c", "after=d"]);
    // Full pages have three entries. The last value is the number of requests.
    for (replies, expected, requests) in [
        (&[""][..], 0, 1),
        (&["1,2"], 2, 1),
        (&["1,2,3", ""], 3, 2),
        (&["1,2,3", "4"], 4, 2),
        (&["1,2,3", "4,5"], 5, 2),
        (&["1,2,3", "4,5,6", ""], 6, 3),
        (&["1,2,3,4", "5,6,7", "8"], 8, 3),
    ] {
        let script = lists(replies);
        let all = numbered(&script).try_collect_vec().await.unwrap();
        assert_eq!((all, script.calls().len()), ((1..=expected).collect(), requests), "{replies:?}");
        assert!(queries(&script).iter().enumerate().all(|(index, query)| *query == format!("page={}", index + 1)));
    }
    assert_eq!(single(&lists(&["1,2"])).try_collect_vec().await.unwrap(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_keyed_list_distinguishes_a_repeated_page_from_moved_entries() {
    // Details in the middle may differ. The first and last keys identify the page.
    let plain = Identity::Key(|item| u64::from(*item));
    let error = numbered_by(&lists(&["1,2,3", "1,9,3"]), plain).try_collect_vec().await.unwrap_err();
    assert!(error.to_string().contains("same page twice"), "{error}");
    // In a list that grows at the front, a page may be repeated once.
    let newest_first = Identity::KeyNewestFirst(|item| u64::from(*item));
    let script = lists(&["3,2,1", "3,2,1", "0"]);
    assert_eq!(numbered_by(&script, newest_first).try_collect_vec().await.unwrap(), [3, 2, 1, 0]);
    let error = numbered_by(&lists(&["3,2,1", "3,2,1", "3,2,1"]), newest_first).try_collect_vec().await.unwrap_err();
    assert!(error.to_string().contains("same page again"), "{error}");
    // Two new entries at the front move two entries from each page to the next.
    let pushed = || lists(&["9,8,7", "8,7,6", "5,4"]);
    assert_eq!(numbered_by(&pushed(), newest_first).try_collect_vec().await.unwrap(), [9, 8, 7, 6, 5, 4]);
    assert_eq!(numbered_by(&pushed(), plain).try_collect_vec().await.unwrap(), [9, 8, 7, 8, 7, 6, 5, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_list_with_repeated_cursors_is_an_error() {
    for (name, script, came, said) in [
        ("stands still", pages(&[("1", Some("a")), ("2", Some("a"))]), 1, "does not advance"),
        ("two cursors", pages(&[("1", Some("a")), ("2", Some("b")), ("3", Some("a"))]), 2, "same cursor twice"),
    ] {
        let mut list = by_cursor(&script);
        for item in 1..=came {
            assert_eq!(list.try_next().await.unwrap(), Some(item), "{name}");
        }
        let error = list.try_next().await.unwrap_err();
        assert!(error.to_string().contains(said) && error.operation() == Some("parcels.list"), "{name}: {error}");
        assert_eq!(list.try_next().await.unwrap(), None, "{name}");
    }
    let script = pages(&[("1", Some("b")), ("2", Some("a"))]);
    let error = by_cursor(&script).resume_from("a").try_collect_vec().await.unwrap_err();
    assert_eq!((error.kind(), script.calls().len()), (ErrorKind::Protocol, 2));
    let error = numbered(&lists(&["1,2,3", "1,2,3"])).try_collect_vec().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Protocol && error.to_string().contains("same page twice"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_endless_or_empty_list_ends_in_an_error() {
    let empty =
        (0..2_000).fold(MockTransport::new(), |script, n| script.reply(200, &[], page("", Some(&n.to_string()))));
    let error = by_cursor(&empty).try_collect_vec().await.unwrap_err();
    assert_eq!((error.kind(), empty.calls().len()), (ErrorKind::Protocol, 1_000));
    let script =
        (0..20).fold(MockTransport::new(), |script, n| script.reply(200, &[], page("7", Some(&n.to_string()))));
    let error = by_cursor(&script).page_limit(5).try_collect_vec().await.unwrap_err();
    assert_eq!((error.kind(), script.calls().len()), (ErrorKind::Protocol, 5));
    // A sufficient limit is not an error.
    let all = by_cursor(&pages(&[("1", Some("a")), ("2", None)])).page_limit(2).try_collect_vec().await;
    assert_eq!(all.unwrap(), [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn invalid_options_are_rejected_at_the_first_poll() {
    type Make = fn(&MockTransport) -> Pager<u32>;
    let cases: [(Make, &str); 8] = [
        (|s| by_cursor(s).page_size(0), "page_size is zero"),
        (|s| by_cursor(s).page_size(101), "page_size is 101; the maximum is 100"),
        (|s| numbered(s).page_size(0), "page_size is zero"),
        (|s| numbered(s).page_size(101), "page_size is 101"),
        (|s| single(s).page_size(1), "page_size is set on a list without pagination"),
        (|s| single(s).resume_from("a"), "resume_from is set on a list without pagination"),
        (|s| numbered(s).resume_from("next"), "resume_from is not a cursor of this list"),
        (|s| numbered(s).resume_from("0"), "resume_from is not a cursor of this list"),
    ];
    for (make, said) in cases {
        let script = pages(&[("1", None)]);
        let mut list = make(&script);
        let error = list.try_next().await.unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(said), "{error}");
        assert_eq!(error.operation(), Some("parcels.list"));
        assert_eq!(list.try_next().await.unwrap(), None, "{said}");
        assert!(script.calls().is_empty());
    }
    let script = lists(&["1,2"]);
    assert_eq!(numbered(&script).page_size(100).try_collect_vec().await.unwrap(), [1, 2]);
    assert_eq!(queries(&script), ["page=1&per_page=100"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_the_first_poll_nor_after_the_drop() {
    for prefetch in [false, true] {
        let script = pages(&[("1,2", Some("a")), ("3", Some("b")), ("4", None)]);
        let mut list = by_cursor(&script).prefetch(prefetch);
        assert!(script.calls().is_empty());
        assert_eq!(list.try_next().await.unwrap(), Some(1));
        assert_eq!(script.calls().len(), 1 + usize::from(prefetch));
        drop(list);
        tokio::time::sleep(support::seconds(100)).await;
        assert_eq!(script.calls().len(), 1 + usize::from(prefetch));
    }
}

#[tokio::test(start_paused = true)]
async fn prefetch_requests_the_next_page_while_the_current_one_is_processed() {
    for (prefetch, asked_at) in [(false, [0, 0, 1]), (true, [0, 0, 0])] {
        let script = pages(&[("1", Some("a")), ("2", Some("b")), ("3", None)]);
        let started = tokio::time::Instant::now();
        let mut list = by_cursor(&script).prefetch(prefetch).into_pages();
        list.try_next().await.unwrap();
        list.try_next().await.unwrap();
        tokio::time::sleep(support::seconds(1)).await;
        assert_eq!(list.try_next().await.unwrap().unwrap().items, [3]);
        assert!(list.try_next().await.unwrap().is_none());
        let at: Vec<_> = script.calls().iter().map(|call| (call.at - started).as_secs()).collect();
        assert_eq!(at, asked_at);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_resumes_from_the_cursor_of_a_page() {
    let script = pages(&[("1,2", Some("a")), ("3", Some("b")), ("4", None)]);
    let mut first = by_cursor(&script).into_pages();
    let page = first.try_next().await.unwrap().unwrap();
    assert_eq!((page.items, page.next.as_ref().unwrap().to_string()), (vec![1, 2], "a".to_owned()));
    drop(first);
    // Printed, stored and parsed again.
    let cursor = Cursor::new(page.next.unwrap().as_str());
    assert_eq!(by_cursor(&script).resume_from(cursor).try_collect_vec().await.unwrap(), [3, 4]);
    assert_eq!(queries(&script), ["", "after=a", "after=b"]);
    let script = lists(&["7"]);
    assert_eq!(numbered(&script).resume_from("3").try_collect_vec().await.unwrap(), [7]);
    assert_eq!(queries(&script), ["page=3"]);
}

#[tokio::test(start_paused = true)]
async fn remaining_entries_of_a_page_are_kept() {
    let script = || pages(&[("1,2,3", Some("a")), ("4", None)]);
    for prefetch in [false, true] {
        let mut list = by_cursor(&script()).prefetch(prefetch);
        assert_eq!(list.try_next().await.unwrap(), Some(1));
        assert_eq!(list.size_hint(), (2, None));
        assert_eq!(list.try_collect_vec().await.unwrap(), [2, 3, 4]);
        let mut list = by_cursor(&script()).prefetch(prefetch);
        assert_eq!(list.try_next().await.unwrap(), Some(1));
        let all: Vec<_> = list.into_pages().try_collect().await.unwrap();
        let all: Vec<_> = all.into_iter().map(|page| (page.items, page.next)).collect();
        assert_eq!(all, [(vec![2, 3], Some(Cursor::from("a"))), (vec![4], None)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_page_is_retried_and_a_final_failure_ends_the_list() {
    for prefetch in [false, true] {
        let script = MockTransport::new()
            .reply(200, &[], page("1", Some("a")))
            .reply(500, &[], "")
            .reply(200, &[], page("2", Some("b")))
            .reply(403, &[], "")
            .reply(200, &[], page("3", None));
        let mut list = by_cursor(&script).prefetch(prefetch);
        assert_eq!((list.try_next().await.unwrap(), list.try_next().await.unwrap()), (Some(1), Some(2)));
        assert_eq!(list.try_next().await.unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(list.try_next().await.unwrap(), None);
        // The stream has ended too and stays ended.
        let ended = std::pin::Pin::new(&mut list).poll_next(&mut Context::from_waker(std::task::Waker::noop()));
        assert!(matches!(ended, Poll::Ready(None)));
        assert_eq!(script.calls().len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pager_is_a_stream() {
    let all: Vec<u32> = by_cursor(&pages(&[("1,2", Some("a")), ("3", None)])).try_collect().await.unwrap();
    assert_eq!(all, [1, 2, 3]);
}
