//! Folders: requests in both formats, and every documented response with its variants.

use crate::support::{NOTHING, Service, both_formats, either, fixture, get, post, scripted, scripted_in};
use brickftp::{ErrorKind, File, Format, ListFolder, Outcome, SortBy, SortOrder};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};

const PATH: &str = "Engineering Candidates/Résumés";
const ENCODED: &str = "/folders/Engineering%20Candidates/R%C3%A9sum%C3%A9s";

async fn list(format: Format) {
    let service = Service::answering(format, get(ENCODED).without_suffix(), 200, fixture("folder", format)).await;
    let entries = service.client.folders().list(PATH).try_collect_vec().await.unwrap();
    let documented: Vec<File> = serde_json::from_str(&fixture("folder", Format::Json)).unwrap();
    assert_eq!(entries, documented);
    assert!(entries[0].is_folder() && !entries[1].is_folder());
    assert_eq!((entries[0].size, entries[0].size_or_zero(), entries[1].size), (None, 0, Some(61_440)));
    assert_eq!(entries[1].name(), "John & Jane <1>.docx");
    // The root, and an empty folder.
    for root in ["", "/"] {
        let service = Service::answering(format, get("/folders").without_suffix(), 200, either(format, NOTHING)).await;
        assert!(service.client.folders().list(root).try_next().await.unwrap().is_none());
    }
}

async fn create(format: Format) {
    // The current service returns the folder.
    let folder = [r#"{"path":"Images","type":"directory"}"#, "<file><path>Images</path></file>"];
    for (status, reply) in [(200, either(format, NOTHING)), (201, either(format, folder)), (204, "")] {
        let service = Service::answering(format, post("/folders/Images").without_suffix(), status, reply).await;
        service.client.folders().create("Images").await.unwrap();
    }
}

async fn count(format: Format) {
    let counting = get("/folders/Images").without_suffix().query("action=count");
    let service = Service::answering(format, counting, 200, fixture("folders_count", format)).await;
    assert_eq!(service.client.folders().count("Images").await.unwrap(), 123);
}

async fn count_direct(format: Format) {
    let counting = get("/folders/Documents").without_suffix().query("action=count_nrs");
    let service = Service::answering(format, counting, 200, fixture("folders_count_direct", format)).await;
    let counts = service.client.folders().count_direct("Documents").await.unwrap();
    assert_eq!((counts.files, counts.folders), (5, 10));
}

async fn size(format: Format) {
    for (path, target) in [("Documents", "/folders/Documents"), ("", "/folders")] {
        let sizing = get(target).without_suffix().query("action=size");
        let service = Service::answering(format, sizing, 200, fixture("folders_size", format)).await;
        assert_eq!(service.client.folders().size(path).await.unwrap(), 5 << 40);
    }
}

#[test]
fn both_formats_of_a_folder_are_equal() {
    let json: Vec<File> = serde_json::from_str(&fixture("folder", Format::Json)).unwrap();
    let xml: Vec<File> = brickftp::xml::from_slice(fixture("folder", Format::Xml).as_bytes()).unwrap();
    assert_eq!(json, xml);
}

#[tokio::test]
async fn only_set_options_are_in_the_query() {
    use SortOrder::{Ascending, Descending};
    for (options, query) in [
        (ListFolder::new(), None),
        (ListFolder::new().search("a b&c"), Some("search=a%20b%26c")),
        (ListFolder::new().sort_by(SortBy::Path, Descending), Some("sort_by%5Bpath%5D=desc")),
        (ListFolder::new().sort_by(SortBy::Size, Ascending), Some("sort_by%5Bsize%5D=asc")),
        (
            ListFolder::new().search("x").sort_by(SortBy::ModifiedAt, Descending),
            Some("search=x&sort_by%5Bmodified_at_datetime%5D=desc"),
        ),
    ] {
        let script = MockTransport::new().reply(200, &[], "[]");
        assert!(scripted(&script).folders().list_with("a", options).try_next().await.unwrap().is_none());
        assert_eq!(script.calls()[0].uri.query(), query);
    }
}

/// Returns a page of files, numbered from `from`, in either format.
fn page(format: Format, first: usize, entries: usize) -> String {
    let files = first..first + entries;
    match format {
        Format::Json => {
            files.map(|n| json!({ "path": format!("f{n:06}"), "type": "file" })).collect::<Value>().to_string()
        }
        Format::Xml if entries == 0 => NOTHING[1].to_owned(),
        Format::Xml => {
            let files: Vec<String> =
                files.map(|n| format!("<file><path>f{n:06}</path><type>file</type></file>")).collect();
            format!(r#"<files type="array">{}</files>"#, files.concat())
        }
    }
}

#[tokio::test]
async fn a_full_page_is_followed_by_another_request() {
    for format in [Format::Json, Format::Xml] {
        for (size, pages, queries) in [
            (None, &[999][..], &[None][..]),
            (None, &[1000, 0], &[None, Some("page=2")]),
            (None, &[1000, 1000, 1], &[None, Some("page=2"), Some("page=3")]),
            (Some(2), &[2, 1], &[Some("per_page=2"), Some("page=2&per_page=2")]),
            (Some(5000), &[4999], &[Some("per_page=5000")]),
        ] {
            let mut script = MockTransport::new();
            let mut first = 0;
            for entries in pages {
                script = script.reply(200, &[], page(format, first, *entries));
                first += entries;
            }
            let mut list = scripted_in(&script, format).folders().list("a");
            if let Some(size) = size {
                list = list.page_size(size);
            }
            assert_eq!(list.try_collect_vec().await.unwrap().len(), first);
            let calls = script.calls();
            assert_eq!(calls.iter().map(|call| call.uri.query()).collect::<Vec<_>>(), queries);
        }
    }
}

#[tokio::test]
async fn a_repeated_page_is_an_error() {
    let script = MockTransport::new().reply(200, &[], page(Format::Json, 0, 2)).repeat_last();
    let mut list = scripted(&script).folders().list("a").page_size(2);
    let error = loop {
        match list.try_next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a short list"),
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind(), script.calls().len()), (ErrorKind::Protocol, 2), "{error}");
}

#[tokio::test]
async fn invalid_input_is_rejected_before_a_request() {
    let script = MockTransport::new();
    let client = scripted(&script);
    let folders = client.folders();
    let long = "x".repeat(551);
    for bad in ["//", "a//b", "a/", "..", "a/../b", "a\nb", &long] {
        for result in [
            folders.list(bad).try_next().await.map(|_| ()),
            folders.create(bad).await,
            folders.count(bad).await.map(|_| ()),
            folders.count_direct(bad).await.map(|_| ()),
            folders.size(bad).await.map(|_| ()),
            folders.walk(bad).next().await.unwrap().map(|_| ()).map_err(brickftp::Error::from),
        ] {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{bad:?}: {error}");
            assert!(error.message().unwrap().starts_with("path "), "{bad:?}: {error}");
        }
    }
    assert!(folders.create("/").await.unwrap_err().is_invalid_input(), "the root is there already");
    for size in [0, 5001] {
        let error = folders.list("a").page_size(size).try_next().await.unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("page_size"), "{error}");
    }
    assert!(script.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_folder_is_created_once() {
    let script = MockTransport::new().reply(500, &[], "").repeat_last();
    let error = scripted(&script).folders().create("a").await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (1, Outcome::Unknown));
}

#[tokio::test]
async fn counters_are_read_by_name_and_leniently() {
    for (reply, expected) in [
        (r#"{"data":{"count":"12","more":1},"type":"200-ok","x":[]}"#, Some(12)),
        (r#"{"type":"200-ok","data":{"count":0}}"#, Some(0)),
        (r#"{"type":"200-ok","data":{"count":null}}"#, None),
        (r#"{"type":"200-ok","data":{"count":-1}}"#, None),
        (r#"{"type":"200-ok"}"#, None),
        ("[]", None),
        ("7", None),
    ] {
        let script = MockTransport::new().reply(200, &[], reply);
        let count = scripted(&script).folders().count("a").await;
        match expected {
            Some(expected) => assert_eq!(count.unwrap(), expected, "{reply}"),
            None => assert_eq!(count.unwrap_err().kind(), ErrorKind::Decode, "{reply}"),
        }
    }
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    create => fn create_json(), fn create_xml();
    count => fn count_json(), fn count_xml();
    count_direct => fn count_direct_json(), fn count_direct_xml();
    size => fn size_json(), fn size_xml();
}
