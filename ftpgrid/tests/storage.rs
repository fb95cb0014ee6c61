//! Files and directories: what goes out, and what every documented reply and its oddities become.

mod support;

use ftpgrid::{DirEntry, EntryType, ErrorKind, FileEntry, Outcome, Protocol, TreeEntry, UnixMillis};
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
async fn lists_a_tree_as_the_database_has_it() {
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
    let reply = json!([
        { "name": "inbox", "path": "/inbox", "type": "directory" },
        { "name": "2026", "path": "/inbox/2026", "type": "directory" },
    ]);
    let service = Service::answering(post("/api/list/dirs", json!({ "Params": "/" })), reply.to_string()).await;
    let directories = service.client.storage().list_dirs("/").try_collect_vec().await.unwrap();
    let paths: Vec<_> = directories.iter().map(|entry| (entry.name.as_str(), entry.path.as_str())).collect();
    assert_eq!(paths, [("inbox", "/inbox"), ("2026", "/inbox/2026")]);
    assert_eq!(directories[0].entry_type, Some(EntryType::Directory));
}

#[tokio::test]
async fn lists_the_files_of_one_directory() {
    let reply = json!([{ "name": "a b.txt", "size": 4, "type": "file", "lastModified": 1_780_000_005_000_i64 }]);
    let service = Service::answering(post("/api/list/files", json!({ "Params": "/inbox" })), reply.to_string()).await;
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
    let sent = |moves: &[(&str, &str)]| {
        let moves: Vec<_> = moves.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
        post("/api/move", json!({ "Movelist": moves }))
    };
    let service = Service::answering(sent(&[("/inbox/a b.txt", "/archive/a b.txt")]), OK).await;
    service.client.storage().move_to("inbox/a b.txt", "archive//a b.txt").await.unwrap();
    let service = Service::answering(sent(&[("/a", "/b"), ("/old", "/old-2025")]), OK).await;
    service.client.storage().move_many([("/a", "/b"), ("/old/", "old-2025")]).await.unwrap();
    for (path, renamed, name) in [("/inbox/a", "/inbox/b c", "b c"), ("a/", "/b", "b"), ("/x/y/z/", "/x/y/...", "...")]
    {
        let from = format!("/{}", path.trim_matches('/'));
        let service = Service::answering(sent(&[(&from, renamed)]), OK).await;
        service.client.storage().rename(path, name).await.unwrap();
    }
}

#[tokio::test]
async fn deletes_files_and_directories() {
    let sent = |paths: &[&str]| post("/api/delete/", json!({ "Filelist": paths }));
    let service = Service::answering(sent(&["/inbox/c.csv"]), OK).await;
    service.client.storage().delete("inbox/c.csv").await.unwrap();
    let service = Service::answering(sent(&["/inbox/c.csv", "/old-2025"]), OK).await;
    service.client.storage().delete_many(["/inbox/c.csv", "/old-2025/"]).await.unwrap();
    let service = Service::answering(sent(&["/"]), OK).await;
    service.client.storage().delete_everything().await.unwrap();
}

#[tokio::test]
async fn deletes_at_the_other_documented_path_and_remembers_it() {
    for unknown in [404, 405, 301, 308] {
        let elsewhere: &[(&str, &str)] = &[("location", "/api/delete")];
        let script = MockTransport::new().reply(unknown, elsewhere, "").reply(200, &[], OK).repeat_last();
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
async fn makes_a_directory_in_the_shape_that_was_chosen() {
    use ftpgrid::MkdirBody;
    for (shape, sent) in [
        (None, r#"{"Params":"/a/b"}"#),
        (Some(MkdirBody::Filelist), r#"{"Filelist":["/a/b"]}"#),
        (Some(MkdirBody::Dirlist), r#"{"Dirlist":["/a/b"]}"#),
    ] {
        let script = MockTransport::new().reply(200, &[], OK);
        let builder = support::without_token(&script).initial_token(support::TOKEN);
        let builder = if let Some(shape) = shape { builder.mkdir_body(shape) } else { builder };
        builder.build().unwrap().storage().mkdir("a//b/").await.unwrap();
        let call = &script.calls()[0];
        assert_eq!((call.uri.path(), &*call.body), ("/api/mkdir", sent.as_bytes()));
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_entries_some_may_be_done_when_another_is_refused() {
    for (status, body, doubtful) in [
        (404, "", true),
        (409, "", true),
        (200, r#"{"rslt":"one is locked"}"#, true),
        (400, "", false),
        (403, "", false),
        (429, "", false),
    ] {
        let client = || scripted(&MockTransport::new().reply(status, &[], body).repeat_last());
        let told = |doubtful| if doubtful { Outcome::Unknown } else { Outcome::NotDone };
        for error in [
            client().storage().move_many([("/a", "/b"), ("/c", "/d")]).await.unwrap_err(),
            client().storage().delete_many(["/a", "/b"]).await.unwrap_err(),
            client().storage().upload_many([("/a", "x"), ("/b", "y")]).await.unwrap_err(),
        ] {
            assert_eq!(error.outcome(), told(doubtful), "{status} {body}: {error}");
        }
        for error in [
            client().storage().move_many([("/a", "/b")]).await.unwrap_err(),
            client().storage().rename("/a", "b").await.unwrap_err(),
            client().storage().delete("/a").await.unwrap_err(),
            client().storage().upload("/a", "x").await.unwrap_err(),
        ] {
            assert_eq!(error.outcome(), Outcome::NotDone, "{status} {body}: {error}");
        }
    }
}

#[tokio::test]
async fn an_acknowledgement_is_ok_in_any_case_or_empty_and_nothing_else() {
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
        storage.storage().move_to("/a", "/b").await.unwrap();
    }
    for (body, kind, outcome, said) in [
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
        let error = scripted(&script).storage().move_to("/a", "/b").await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (kind, outcome, 1), "{body}: {error}");
        assert!(said.is_none() || error.message() == said, "{error}");
    }
}

#[test]
fn entries_are_read_in_every_spelling() {
    let entry = |value: Value| serde_json::from_value::<TreeEntry>(value);
    let odd = json!({
        "path": "/a", "is_dir": 0, "checksum": SUM.to_uppercase(), "size": "7", "mtime": "1780000005000",
        "created_at": 1.780e12, "updated_at": "", "protocol": "WebDAV", "owner": 1,
    });
    let odd = entry(odd).unwrap();
    assert_eq!((odd.is_dir, odd.size, odd.checksum.unwrap().as_str()), (false, 7, SUM));
    assert_eq!((odd.mtime, odd.created_at), (Some(UnixMillis(1_780_000_005_000)), Some(UnixMillis(1_780_000_000_000))));
    assert_eq!((odd.updated_at, odd.protocol), (None, Some(Protocol::Unknown("WebDAV".to_owned()))));
    let nothing = json!({ "path": "/a", "is_dir": null, "checksum": null, "size": null, "protocol": null });
    let nothing = entry(nothing).unwrap();
    assert!(!nothing.is_dir && nothing.checksum.is_none() && nothing.size == 0 && nothing.protocol.is_none());
    for broken in [json!({ "size": 1 }), json!({ "path": "/a", "size": -1 }), json!({ "path": "/a", "mtime": "now" })] {
        assert!(entry(broken.clone()).is_err(), "{broken}");
    }
    let least: DirEntry = serde_json::from_str(r#"{"path":"/a","name":null}"#).unwrap();
    assert_eq!((least.path.as_str(), least.name.as_str()), ("/a", ""));
    let least: FileEntry = serde_json::from_str(r#"{"name":"a","type":"symlink"}"#).unwrap();
    assert_eq!((least.size, least.entry_type), (0, Some(EntryType::Unknown("symlink".to_owned()))));
    assert!(serde_json::from_str::<FileEntry>(r#"{"size":1}"#).is_err());
}

#[tokio::test]
async fn a_file_is_found_in_the_list_of_its_directory() {
    let files = r#"[{"name":"a","size":1},{"name":"b","size":2}]"#;
    for (path, reply, directory, size) in [
        ("/x/b", files, "/x/", Some(2)),
        ("b", files, "/", Some(2)),
        ("/x/c", files, "/x/", None),
        ("/x/B", files, "/x/", None),
        ("/x/b", "null", "/x/", None),
    ] {
        let script = MockTransport::new().reply(200, &[], reply);
        let found = scripted(&script).storage().find_file(path).await.unwrap();
        assert_eq!(found.map(|file| file.size), size, "{path}");
        assert_eq!(*script.calls()[0].body, *json!({ "Params": directory }).to_string().as_bytes());
    }
    let client = scripted(&MockTransport::new().reply(404, &[], "").reply(403, &[], ""));
    assert_eq!(client.storage().find_file("/x/b").await.unwrap(), None);
    assert_eq!(client.storage().find_file("/x/b").await.unwrap_err().kind(), ErrorKind::PermissionDenied);
}
