//! Lists: complete with every form of `next_uri`, and never truncated or endless if the service misbehaves.

mod support;

use mft_common::testing::MockTransport;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::scripted;
use usebuckets::{BucketId, ErrorKind};

/// A page of these buckets. `next_uri` is absent if it is null.
fn page(has_more: bool, next_uri: impl Into<Value>, ids: &[&str]) -> String {
    let data: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    let mut page = json!({ "has_more": has_more, "data": data });
    let next_uri = next_uri.into();
    if !next_uri.is_null() {
        page["next_uri"] = next_uri;
    }
    page.to_string()
}

fn last_page(ids: &[&str]) -> String {
    page(false, Value::Null, ids)
}

/// Returns the targets of the requests.
fn addresses(script: &MockTransport) -> Vec<String> {
    script.calls().iter().map(|call| call.uri.to_string()).collect()
}

const BUCKETS: &str = "https://api.usebuckets.io/v1/buckets";

#[tokio::test]
async fn the_next_page_is_requested_at_the_same_route() {
    for (next_uri, after) in [
        (json!("/v1/buckets?after=b2"), "b2"),
        (json!("/api/v1/users?after=b2"), "b2"),
        (json!("/v1/users?after=b2&limit=7"), "b2"),
        (json!("?limit=1&after=b2"), "b2"),
        (json!("https://api.usebuckets.io/v1/buckets?after=b2"), "b2"),
        // Only the cursor is used. Nothing is sent to these URLs.
        (json!("https://evil.example/v1/buckets?after=b2"), "b2"),
        (json!("//evil.example?after=b2"), "b2"),
        (json!("https:evil.example?after=b2"), "b2"),
        (json!("@evil.example:80?after=b2"), "b2"),
        (json!("http://user:password@api.usebuckets.io:8/?after=b2"), "b2"),
        (json!("?after=b%2F2%26limit%3D9%23%20x"), "b%2F2%26limit%3D9%23%20x"),
        (json!("?after=..%2F..%2Fusers"), "..%2F..%2Fusers"),
        // Without a usable cursor, the last id is used.
        (json!("next-uri-here"), "last"),
        (json!("/v1/buckets"), "last"),
        (json!("/v1/buckets?after="), "last"),
        (json!("/v1/buckets?cursor=b2"), "last"),
        (json!("/v1/buckets?after=b2%0d%0aX-Evil:%201"), "last"),
        (json!("?after=%ff"), "last"),
        (json!(""), "last"),
        (json!(7), "last"),
        (json!({ "after": "b2" }), "last"),
        (Value::Null, "last"),
    ] {
        for (size, limit) in [(None, ""), (Some(3), "limit=3&")] {
            let first = page(true, next_uri.clone(), &["first", "last"]);
            let script = MockTransport::new().reply(200, &[], first).reply(200, &[], last_page(&["b3"]));
            let list = scripted(&script).buckets().list();
            let list = if let Some(size) = size { list.page_size(size) } else { list };
            let all = list.try_collect_vec().await.unwrap();
            let ids: Vec<&str> = all.iter().map(|bucket| bucket.id.as_str()).collect();
            assert_eq!(ids, ["first", "last", "b3"], "{next_uri}");
            let first = if limit.is_empty() { BUCKETS.to_owned() } else { format!("{BUCKETS}?limit=3") };
            assert_eq!(addresses(&script), [first, format!("{BUCKETS}?{limit}after={after}")], "{next_uri}");
        }
    }
}

#[tokio::test]
async fn null_cursors_and_lists_are_absent() {
    let script = MockTransport::new().reply(200, &[], r#"{"has_more":true,"next_uri":null,"data":[{"id":"b1"}]}"#);
    let script = script.reply(200, &[], r#"{"has_more":false,"next_uri":null,"data":null}"#);
    assert_eq!(scripted(&script).buckets().list().try_collect_vec().await.unwrap().len(), 1);
    assert_eq!(addresses(&script)[1], format!("{BUCKETS}?after=b1"));
}

#[tokio::test]
async fn a_list_ends_only_without_has_more() {
    // A cursor on the last page is ignored.
    let script = MockTransport::new().reply(200, &[], page(false, "/v1/buckets?after=b1", &["b1"]));
    assert_eq!(scripted(&script).buckets().list().try_collect_vec().await.unwrap().len(), 1);
    let script = MockTransport::new().reply(200, &[], last_page(&[]));
    assert!(scripted(&script).buckets().list().try_collect_vec().await.unwrap().is_empty());
    // Pages shorter and longer than requested.
    let script = MockTransport::new()
        .reply(200, &[], page(true, "?after=b1", &["b1"]))
        .reply(200, &[], page(true, "?after=b5", &["b2", "b3", "b4", "b5"]))
        .reply(200, &[], last_page(&[]));
    assert_eq!(scripted(&script).buckets().list().page_size(2).try_collect_vec().await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_list_that_does_not_advance_is_an_error() {
    let stands = || page(true, "?after=b1", &["b1"]);
    let cases: [(&str, Vec<String>, ErrorKind); 6] = [
        ("more, and no entry", vec![page(true, Value::Null, &[])], ErrorKind::Decode),
        ("more, a cursor, and no entry", vec![page(true, "?after=b9", &[])], ErrorKind::Decode),
        ("an id that is no cursor", vec![page(true, Value::Null, &[""])], ErrorKind::Decode),
        ("the same page again", vec![stands(), stands()], ErrorKind::Decode),
        ("a cursor that stands", vec![stands(), page(true, "?after=b1", &["b2"])], ErrorKind::Decode),
        (
            "a circle",
            vec![stands(), page(true, "?after=b2", &["b2"]), page(true, "?after=b1", &["b3"])],
            ErrorKind::Protocol,
        ),
    ];
    for (what, pages, kind) in cases {
        let requests = pages.len();
        let script = pages.into_iter().fold(MockTransport::new(), |script, page| script.reply(200, &[], page));
        let error = scripted(&script).buckets().list().try_collect_vec().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (kind, Some("usebuckets.buckets.list")), "{what}: {error}");
        assert_eq!(script.calls().len(), requests, "{what}");
    }
}

#[tokio::test]
async fn a_failed_page_ends_the_list_and_can_be_resumed() {
    let script = MockTransport::new().reply(200, &[], page(true, "?after=b1", &["b1"])).reply(422, &[], "");
    let mut pages = scripted(&script).buckets().list().into_pages();
    let cursor = pages.try_next().await.unwrap().unwrap().next.unwrap();
    let error = pages.try_next().await.unwrap_err();
    assert_eq!((error.kind(), cursor.as_str()), (ErrorKind::Rejected, "b1"));
    assert!(pages.try_next().await.unwrap().is_none());
    // An id is a valid cursor.
    for cursor in [cursor.as_str(), BucketId::from("b1").as_str()] {
        let script = MockTransport::new().reply(200, &[], last_page(&["b2"]));
        let rest = scripted(&script).buckets().list().resume_from(cursor).page_size(9).try_collect_vec().await;
        assert_eq!(rest.unwrap()[0].id.as_str(), "b2");
        assert_eq!(addresses(&script), [format!("{BUCKETS}?limit=9&after=b1")]);
    }
}

#[tokio::test]
async fn pages_are_requested_lazily() {
    let script = MockTransport::new().reply(200, &[], page(true, "?after=b1", &["b1"])).repeat_last();
    let mut list = scripted(&script).buckets().list();
    assert!(script.calls().is_empty());
    assert_eq!(list.try_next().await.unwrap().unwrap().id.as_str(), "b1");
    drop(list);
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test]
async fn a_page_has_1_to_1000_entries() {
    for size in [0, 1001, u32::MAX] {
        let script = MockTransport::new();
        let error = scripted(&script).buckets().list().page_size(size).try_next().await.unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("page_size"), "{error}");
        let error = scripted(&script).users().list(&"b".into()).page_size(size).try_next().await.unwrap_err();
        assert!(error.is_invalid_input() && script.calls().is_empty(), "{error}");
    }
    for size in [1, 1000] {
        let script = MockTransport::new().reply(200, &[], last_page(&[]));
        scripted(&script).buckets().list().page_size(size).try_collect_vec().await.unwrap();
        assert_eq!(addresses(&script), [format!("{BUCKETS}?limit={size}")]);
    }
}

/// Arbitrary text, and URLs of many forms with one or two cursors.
fn next_uri() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,60}", "(https?:)?(//[a-z]{1,8})?[/a-z]{0,9}\\?(after=[ -~]{0,9}&?){0,3}"]
}

proptest! {
    /// The next page is requested at the same route with one `after`, for any `next_uri`.
    #[test]
    fn no_next_uri_leads_elsewhere(uri in next_uri()) {
        let first = page(true, uri.as_str(), &["b1"]);
        let script = MockTransport::new().reply(200, &[], first).reply(200, &[], last_page(&["b2"]));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let all = runtime.block_on(scripted(&script).buckets().list().try_collect_vec());
        prop_assert_eq!(all.map(|all| all.len()).ok(), Some(2));
        let second = addresses(&script).remove(1);
        let cursor = second.strip_prefix(&format!("{BUCKETS}?after=")).unwrap_or_default();
        prop_assert!(!cursor.is_empty() && !cursor.contains(['&', '#', '/', '=']), "{}", second);
    }
}
