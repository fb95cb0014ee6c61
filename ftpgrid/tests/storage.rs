//! Files and directories: requests, and documented and unusual responses.

mod support;

use ftpgrid::transfer::Source;
use ftpgrid::{
    Destination, DirEntry, EntryType, ErrorKind, FileEntry, NewName, Outcome, Protocol, TreeEntry, UnixMillis,
};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};
use support::{Service, post, scripted};

const OK: &str = r#"{"rslt":"OK"}"#;
const SUM: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn tree() -> Value {
    json!([
          { "path": "/inbox", "is_dir": true, "checksum": "", "size": 0, "protocol": "API", "mtime":
    1_780_000_000_100_i64,         "created_at": 1_780_000_000_120_i64, "updated_at": null },
          { "path": "/inbox/a b.txt", "is_dir": false, "checksum": SUM, "size": 4, "protocol": "SFTP",
            "mtime": 1_780_000_005_000_i64, "created_at": 1_780_000_005_080_i64, "updated_at": 1_780_000_006_000_i64 },
      ])
}

#[tokio::test]
async fn lists_a_tree_from_the_database() {
    let service = Service::answering(post("/api/list/tree", json!({ "Params": "/inbox/" })), tree().to_string()).await;
    let tree = service.client.storage().list_tree("inbox//").try_collect_vec().await.unwrap();
    let [directory, file] = &tree[..] else { panic!("{tree:?}") };
    assert!(directory.is_dir && directory.checksum.is_none() && directory.updated_at.is_none());
    assert_eq!((directory.path.as_str(), directory.size), ("/inbox", 0));
    assert_eq!((file.path.as_str(), file.is_dir, file.size), ("/inbox/a b.txt", false, 4));
    assert_eq!(file.checksum.as_ref().unwrap().as_str(), SUM);
    assert_eq!(file.protocol, Some(Protocol::Sftp));
    let times = [1_780_000_005_000, 1_780_000_005_080, 1_780_000_006_000].map(|millis| Some(UnixMillis(millis)));
    assert_eq!([file.mtime, file.created_at, file.updated_at], times);
}

#[tokio::test]
async fn lists_directories_at_any_depth() {
    let response = json!([
        { "name": "inbox", "path": "/inbox", "type": "directory" },
        { "name": "2026", "path": "/inbox/2026", "type": "directory" },
    ]);
    let service = Service::answering(post("/api/list/dirs", json!({ "Params": "/" })), response.to_string()).await;
    let directories = service.client.storage().list_dirs("/").try_collect_vec().await.unwrap();
    let paths: Vec<_> = directories.iter().map(|entry| (entry.name.as_str(), entry.path.as_str())).collect();
    assert_eq!(paths, [("inbox", "/inbox"), ("2026", "/inbox/2026")]);
    assert_eq!(directories[0].entry_type, Some(EntryType::Directory));
}

#[tokio::test]
async fn lists_the_files_of_a_directory() {
    let response = json!([{ "name": "a b.txt", "size": 4, "type": "file", "lastModified": 1_780_000_005_000_i64 }]);
    let service =
        Service::answering(post("/api/list/files", json!({ "Params": "/inbox" })), response.to_string()).await;
    let files = service.client.storage().list_files("/inbox").try_collect_vec().await.unwrap();
    let [file] = &files[..] else { panic!("{files:?}") };
    assert_eq!(
        (file.name.as_str(), file.size, file.last_modified),
        ("a b.txt", 4, Some(UnixMillis(1_780_000_005_000)))
    );
    assert_eq!(file.entry_type, Some(EntryType::File));
}

#[tokio::test]
async fn moves_to_absolute_paths_only() {
    let exchange = |moves: &[(&str, &str)]| {
        let moves: Vec<_> = moves.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
        post("/api/move", json!({ "Movelist": moves }))
    };
    let service = Service::answering(exchange(&[("/inbox/a b.txt", "/archive/a b.txt")]), OK).await;
    service.client.storage().move_to("inbox/a b.txt", Destination::new("archive//a b.txt")).await.unwrap();
    let service = Service::answering(exchange(&[("/a", "/b"), ("/old", "/old-2025")]), OK).await;
    service
        .client
        .storage()
        .move_many([("/a", Destination::new("/b")), ("/old/", Destination::new("old-2025"))])
        .await
        .unwrap();
    for (path, renamed, name) in [("/inbox/a", "/inbox/b c", "b c"), ("a/", "/b", "b"), ("/x/y/z/", "/x/y/...", "...")]
    {
        let from = format!("/{}", path.trim_matches('/'));
        let service = Service::answering(exchange(&[(&from, renamed)]), OK).await;
        service.client.storage().rename(path, NewName::new(name)).await.unwrap();
    }
}

#[tokio::test]
async fn deletes_files_and_directories() {
    let exchange = |paths: &[&str]| post("/api/delete/", json!({ "Filelist": paths }));
    let service = Service::answering(exchange(&["/inbox/c.csv"]), OK).await;
    service.client.storage().delete("inbox/c.csv").await.unwrap();
    let service = Service::answering(exchange(&["/inbox/c.csv", "/old-2025"]), OK).await;
    service.client.storage().delete_many(["/inbox/c.csv", "/old-2025/"]).await.unwrap();
    let service = Service::answering(exchange(&["/"]), OK).await;
    service.client.storage().delete_everything().await.unwrap();
}

#[tokio::test]
async fn deletes_at_the_second_documented_path_and_remembers_it() {
    for status in [404, 405, 301, 308] {
        let elsewhere: &[(&str, &str)] = &[("location", "/api/delete")];
        let script = MockTransport::new().reply(status, elsewhere, "").reply(200, &[], OK).repeat_last();
        let client = scripted(&script);
        for _ in 0..2 {
            client.clone().storage().delete("/a").await.unwrap();
        }
        let uris: Vec<_> = script.calls().iter().map(|call| call.uri.to_string()).collect();
        let origin = "https://web3.ftpgrid.com";
        assert_eq!(uris, ["/api/delete/", "/api/delete", "/api/delete"].map(|path| format!("{origin}{path}")));
        assert!(script.calls().iter().all(|call| *call.body == *br#"{"Filelist":["/a"]}"#));
    }
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn creates_a_directory_with_the_configured_body() {
    use ftpgrid::MkdirBody;
    for (body, expected) in [
        (None, r#"{"Params":"/a/b"}"#),
        (Some(MkdirBody::Filelist), r#"{"Filelist":["/a/b"]}"#),
        (Some(MkdirBody::Dirlist), r#"{"Dirlist":["/a/b"]}"#),
    ] {
        let script = MockTransport::new().reply(200, &[], OK);
        let builder = support::without_token(&script).initial_token(support::TOKEN);
        let builder = if let Some(body) = body { builder.mkdir_body(body) } else { builder };
        builder.build().unwrap().storage().mkdir("a//b/").await.unwrap();
        let call = &script.calls()[0];
        assert_eq!((call.uri.path(), &*call.body), ("/api/mkdir", expected.as_bytes()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_with_several_entries_may_be_partially_applied() {
    for (status, body, doubtful) in [
        (404, "", true),
        (409, "", true),
        (200, r#"{"rslt":"one is locked"}"#, true),
        (400, "", false),
        (403, "", false),
        (429, "", false),
    ] {
        let client = || scripted(&MockTransport::new().reply(status, &[], body).repeat_last());
        let outcome = |doubtful| if doubtful { Outcome::Unknown } else { Outcome::NotDone };
        for error in [
            client()
                .storage()
                .move_many([("/a", Destination::new("/b")), ("/c", Destination::new("/d"))])
                .await
                .unwrap_err(),
            client().storage().delete_many(["/a", "/b"]).await.unwrap_err(),
            client().storage().upload_many([("/a", Source::bytes("x")), ("/b", Source::bytes("y"))]).await.unwrap_err(),
        ] {
            assert_eq!(error.outcome(), outcome(doubtful), "{status} {body}: {error}");
        }
        for error in [
            client().storage().move_many([("/a", Destination::new("/b"))]).await.unwrap_err(),
            client().storage().rename("/a", NewName::new("b")).await.unwrap_err(),
            client().storage().delete("/a").await.unwrap_err(),
            client().storage().upload("/a", b"x").await.unwrap_err(),
        ] {
            assert_eq!(error.outcome(), Outcome::NotDone, "{status} {body}: {error}");
        }
    }
}

#[tokio::test]
async fn an_acknowledgement_is_ok_or_empty() {
    for (status, body) in [
        (200, OK),
        (200, r#"{"rslt":"ok","took":7}"#),
        (202, r#"{"rslt":" Ok ","message":"removed 2"}"#),
        (200, r#""OK""#),
        (200, ""),
        (200, " \n"),
        (204, ""),
    ] {
        let script = MockTransport::new().reply(status, &[], body).repeat_last();
        let storage = scripted(&script);
        storage.storage().delete("/a").await.unwrap_or_else(|error| panic!("{body}: {error}"));
        storage.storage().move_to("/a", Destination::new("/b")).await.unwrap();
    }
    for (body, kind, outcome, message) in [
        (r#"{"rslt":"target exists"}"#, ErrorKind::Rejected, Outcome::NotDone, Some("target exists")),
        (r#"{"rslt":"OK","error":"half of it"}"#, ErrorKind::Rejected, Outcome::NotDone, Some("half of it")),
        (r#"{"error":{"msg":"no"}}"#, ErrorKind::Rejected, Outcome::NotDone, Some("no")),
        (r#""KO""#, ErrorKind::Decode, Outcome::Done, None),
        ("{}", ErrorKind::Decode, Outcome::Done, None),
        (r#"{"rslt":7}"#, ErrorKind::Decode, Outcome::Done, None),
        ("[]", ErrorKind::Decode, Outcome::Done, None),
        ("<html>login</html>", ErrorKind::Decode, Outcome::Done, None),
    ] {
        let script = MockTransport::new().reply(200, &[], body);
        let error = scripted(&script).storage().move_to("/a", Destination::new("/b")).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (kind, outcome, 1), "{body}: {error}");
        assert!(message.is_none() || error.message() == message, "{error}");
    }
}

#[test]
fn decodes_entries_in_all_notations() {
    let entry = |value: Value| serde_json::from_value::<TreeEntry>(value);
    let unusual = json!({
        "path": "/a", "is_dir": 0, "checksum": SUM.to_uppercase(), "size": "7", "mtime": "1780000005000",
        "created_at": 1.780e12, "updated_at": "", "protocol": "WebDAV", "owner": 1,
    });
    let unusual = entry(unusual).unwrap();
    assert_eq!((unusual.is_dir, unusual.size, unusual.checksum.unwrap().as_str()), (false, 7, SUM));
    assert_eq!(
        (unusual.mtime, unusual.created_at),
        (Some(UnixMillis(1_780_000_005_000)), Some(UnixMillis(1_780_000_000_000)))
    );
    assert_eq!((unusual.updated_at, unusual.protocol), (None, Some(Protocol::Unknown("WebDAV".to_owned()))));
    let empty = json!({ "path": "/a", "is_dir": null, "checksum": null, "size": null, "protocol": null });
    let empty = entry(empty).unwrap();
    assert!(!empty.is_dir && empty.checksum.is_none() && empty.size == 0 && empty.protocol.is_none());
    for broken in [json!({ "size": 1 }), json!({ "path": "/a", "size": -1 }), json!({ "path": "/a", "mtime": "now" })] {
        assert!(entry(broken.clone()).is_err(), "{broken}");
    }
    let minimal: DirEntry = serde_json::from_str(r#"{"path":"/a","name":null}"#).unwrap();
    assert_eq!((minimal.path.as_str(), minimal.name.as_str()), ("/a", ""));
    let minimal: FileEntry = serde_json::from_str(r#"{"name":"a","type":"symlink"}"#).unwrap();
    assert_eq!((minimal.size, minimal.entry_type), (0, Some(EntryType::Unknown("symlink".to_owned()))));
    assert!(serde_json::from_str::<FileEntry>(r#"{"size":1}"#).is_err());
}

#[tokio::test]
async fn finds_a_file_in_the_list_of_its_directory() {
    let files = r#"[{"name":"a","size":1},{"name":"b","size":2}]"#;
    for (path, response, directory, size) in [
        ("/x/b", files, "/x/", Some(2)),
        ("b", files, "/", Some(2)),
        ("/x/c", files, "/x/", None),
        ("/x/B", files, "/x/", None),
        ("/x/b", "null", "/x/", None),
    ] {
        let script = MockTransport::new().reply(200, &[], response);
        let found = scripted(&script).storage().find_file(path).await.unwrap();
        assert_eq!(found.map(|file| file.size), size, "{path}");
        assert_eq!(*script.calls()[0].body, *json!({ "Params": directory }).to_string().as_bytes());
    }
    let client = scripted(&MockTransport::new().reply(404, &[], "").reply(403, &[], ""));
    assert_eq!(client.storage().find_file("/x/b").await.unwrap(), None);
    assert_eq!(client.storage().find_file("/x/b").await.unwrap_err().kind(), ErrorKind::PermissionDenied);
}
