//! Lists: a single page as today, and possible pagination.

mod support;

use mft_common::testing::MockTransport;
use serde_json::{Value, json};
use stook::{Bucket, ErrorKind, Pager, Result};
use support::scripted;

/// Returns a page of a paginator with these buckets and keys.
fn page(buckets: &[u32], mut keys: Value) -> String {
    let buckets: Vec<Value> = buckets.iter().map(|number| json!({ "uuid": number })).collect();
    keys["status"] = json!(true);
    keys["data"] = json!(buckets);
    keys.to_string()
}

fn script(pages: &[String]) -> MockTransport {
    pages.iter().fold(MockTransport::new(), |script, page| script.reply(200, &[], page.clone()))
}

async fn uuids(list: Pager<Bucket>) -> Result<String> {
    let buckets = list.try_collect_vec().await?;
    Ok(buckets.iter().map(|bucket| bucket.uuid.as_str()).collect::<Vec<_>>().join(" "))
}

/// Returns the queries of the requests in order.
fn queries(script: &MockTransport) -> Vec<String> {
    script.calls().iter().map(|call| call.uri.query().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_single_page_list_is_one_request_without_a_query() {
    for keys in [
        json!({}),
        json!({ "current_page": null, "last_page": null, "next_page_url": null }),
        json!({ "current_page": 1, "last_page": 1, "next_page_url": null, "per_page": 10, "total": 2 }),
        json!({ "current_page": 1, "last_page": 0 }),
        json!({ "last_page": "1" }),
        json!({ "next_page_url": "" }),
    ] {
        let script = script(&[page(&[1, 2], keys.clone())]);
        assert_eq!(uuids(scripted(&script).buckets().list()).await.unwrap(), "1 2", "{keys}");
        assert_eq!(queries(&script), [""], "{keys}");
    }
}

#[tokio::test]
async fn follows_pages_by_number() {
    let numbers = |current: u32| json!({ "current_page": current, "last_page": 3 });
    let texts = |current: u32| json!({ "current_page": current.to_string(), "last_page": "3" });
    let urls = |current: u32| match current {
        3 => json!({ "current_page": 3, "next_page_url": null }),
        _ => json!({ "current_page": current, "next_page_url": "https://evil.example/?token=x" }),
    };
    let only_urls = |current: u32| match current {
        3 => json!({ "next_page_url": null }),
        _ => json!({ "next_page_url": format!("https://evil.example/x?limit=2&page={}#page=9", current + 1) }),
    };
    // With the number of the last page, but not of the current one.
    let urls_and_last = |current: u32| {
        let mut keys = only_urls(current);
        keys["last_page"] = json!(3);
        keys
    };
    for keys in [&numbers as &dyn Fn(u32) -> Value, &texts, &urls, &only_urls, &urls_and_last] {
        // An empty page is not the end.
        let script = script(&[page(&[1, 2], keys(1)), page(&[], keys(2)), page(&[5], keys(3))]);
        assert_eq!(uuids(scripted(&script).buckets().list()).await.unwrap(), "1 2 5", "{}", keys(1));
        assert_eq!(queries(&script), ["", "page=2", "page=3"]);
        assert!(script.calls().iter().all(|call| call.uri.host() == Some("cloud.medianova.com")));
    }
}

#[tokio::test]
async fn resumes_from_a_cursor() {
    let keys = |current: u32| json!({ "current_page": current, "last_page": 3 });
    let script = script(&[page(&[1], keys(1)), page(&[2], keys(2)), page(&[3], keys(3))]);
    let client = scripted(&script);
    let first = client.buckets().list().into_pages().try_next().await.unwrap().unwrap();
    let rest = client.buckets().list().resume_from(first.next.unwrap());
    assert_eq!(uuids(rest).await.unwrap(), "2 3");
    assert_eq!(queries(&script), ["", "page=2", "page=3"]);
}

#[tokio::test]
async fn a_contradictory_list_is_an_error_and_never_truncated() {
    let keys = |current: u32| json!({ "current_page": current, "last_page": 3 });
    for (pages, kind, message) in [
        // The service ignores the page number.
        (vec![page(&[1], keys(1)), page(&[2], keys(1))], ErrorKind::Decode, "does not advance"),
        (vec![page(&[1], keys(1)), page(&[2], keys(2)), page(&[3], keys(1))], ErrorKind::Protocol, "same cursor twice"),
        (vec![page(&[1], keys(1)), page(&[3], keys(3))], ErrorKind::Decode, "requested page 2, got page 3"),
        (vec![page(&[1], json!({ "current_page": 1, "last_page": 9 })); 2], ErrorKind::Decode, "does not advance"),
        (vec![page(&[1], json!({ "last_page": 2 }))], ErrorKind::Decode, "does not contain its number"),
        (
            vec![page(&[1], json!({ "next_page_url": "https://x.example/next" }))],
            ErrorKind::Decode,
            "does not contain its number",
        ),
        (vec![page(&[1], json!({ "current_page": -1, "last_page": 3 }))], ErrorKind::Decode, "current_page"),
        (vec![r#"{"status":true}"#.to_owned()], ErrorKind::Decode, "missing key"),
        (vec![r#"{"status":true,"data":null}"#.to_owned()], ErrorKind::Decode, "data"),
        (vec![r#"{"status":true,"data":"none"}"#.to_owned()], ErrorKind::Decode, "data"),
        (vec![r#"{"status":true,"data":{}}"#.to_owned()], ErrorKind::Decode, "data"),
        (vec![r#"{"status":true,"data":[{"uuid":"1"},{}]}"#.to_owned()], ErrorKind::Decode, "data[1]"),
        (vec![r#"[{"uuid":"1"}]"#.to_owned()], ErrorKind::Decode, "a list of"),
        (vec![r#"[true,[{"uuid":"1"}]]"#.to_owned()], ErrorKind::Decode, "a list of"),
        (vec![r#"{"status":true,"data":[["no such bucket"]]}"#.to_owned()], ErrorKind::Decode, "data[0]"),
        (vec![String::new()], ErrorKind::Decode, "empty"),
    ] {
        let error = uuids(scripted(&script(&pages)).buckets().list()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{pages:?}: {error}");
        assert!(error.to_string().contains(message), "{message}: {error}");
        assert_eq!(error.operation(), Some("stook.buckets.list"));
    }
}

#[tokio::test]
async fn detects_a_failure_in_a_long_list() {
    let many: Vec<Value> = (0..9_000).map(|number| json!({ "uuid": number })).collect();
    let body = json!({ "data": many, "status": false }).to_string();
    assert!(body.len() > 64 * 1024);
    let error = uuids(scripted(&MockTransport::new().reply(200, &[], body)).buckets().list()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected, "{error}");
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn lists_organizations_page_by_page() {
    let organization = |number: u32| json!({ "uuid": number, "name": format!("org {number}"), "is_active": 1 });
    let page = |current: u32| {
        json!({
            "status": true, "data": [organization(current)], "current_page": current, "last_page": 2, "per_page": 1,
            "total": 2, "next_page_url": null,
        })
        .to_string()
    };
    let script = script(&[page(1), page(2)]);
    let list = scripted(&script).organizations().list().page_size(1).try_collect_vec().await.unwrap();
    let names: Vec<_> = list.iter().filter_map(|organization| organization.name.as_deref()).collect();
    assert_eq!(names, ["org 1", "org 2"]);
    let uris: Vec<_> = script.calls().iter().map(|call| call.uri.path_and_query().unwrap().to_string()).collect();
    assert_eq!(uris, ["/api/v1/organizations?limit=1", "/api/v1/organizations?page=2&limit=1"]);
}
