//! ftpGrid lists, uploads, moves, deletions and directories.

use std::time::Duration;

use crate::support::ftpgrid::{all, form, form_headers, json, store, upload, upload_url};
use crate::support::storage::send;
use mft_simulator::ftpgrid::{Batches, Builder, Lag, RelativeTarget, Simulator};
use serde_json::{Value, json};

async fn start(builder: Builder) -> Simulator {
    builder.frozen_clock().start_time_ms(1_780_000_000_000).start().await.unwrap()
}

async fn seeded(builder: Builder) -> Simulator {
    let simulator = start(builder).await;
    for (path, content) in [("/in/a b.txt", "test"), ("/in/2026/x", "x"), ("/in-2/y", ""), ("/top", "top")] {
        simulator.state().add_file(path, content);
    }
    simulator
}

#[tokio::test]
async fn three_views() {
    let simulator = seeded(Simulator::builder()).await;
    let list = async |path: &str, body: &str| json(&store(&simulator, path, body).await);
    assert_eq!(
        list("/list/files", r#"{"Params":"/in/"}"#).await,
        json!([{ "name": "a b.txt", "size": 4, "type": "file", "lastModified": 1_780_000_000_000_i64 }])
    );
    let directory = |name, path| json!({ "name": name, "path": path, "type": "directory" });
    let below_root = json!([directory("in", "/in"), directory("in-2", "/in-2"), directory("2026", "/in/2026")]);
    for body in ["", "{}", r#"{"Params":"/"}"#, r#"{"Params":""}"#] {
        let mut rows = list("/list/dirs", body).await.as_array().unwrap().clone();
        rows.sort_by_key(|one| one["path"].as_str().unwrap().len());
        assert_eq!(Value::Array(rows), below_root, "{body}");
    }
    assert_eq!(list("/list/dirs", r#"{"Params":"/in"}"#).await, json!([directory("2026", "/in/2026")]));
    let row = |path, is_dir, checksum, size| {
        json!({
            "path": path, "is_dir": is_dir, "checksum": checksum, "size": size, "protocol": "API",
            "mtime": 1_780_000_000_000_i64, "created_at": 1_780_000_000_020_i64, "updated_at": null,
        })
    };
    let of_test = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let of_x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    assert_eq!(
        list("/list/tree", r#"{"Params":"/in"}"#).await,
        json!([
            row("/in", true, "", 0),
            row("/in/2026", true, "", 0),
            row("/in/2026/x", false, of_x, 1),
            row("/in/a b.txt", false, of_test, 4),
        ])
    );
    assert_eq!(simulator.state().file("/in/2026/x").unwrap().sha256.as_deref(), Some(of_x));
    let tree = list("/list/tree", "{}").await;
    assert_eq!((tree.as_array().unwrap().len(), &tree[0]["path"]), (8, &json!("/")));

    let strict = seeded(Simulator::builder().missing_directory_is_an_error()).await;
    for path in ["/list/files", "/list/dirs", "/list/tree"] {
        assert_eq!(list(path, r#"{"Params":"/no"}"#).await, json!([]), "{path}");
        assert_eq!(store(&strict, path, r#"{"Params":"/no"}"#).await.status, 404, "{path}");
        for refused in [r#"{"Params":"/a/../b"}"#, r#"{"Params":"a\\b"}"#, r#"{"Params":"a\u0000"}"#, r#"{"Params":1}"#]
        {
            assert_eq!(store(&simulator, path, refused).await.status, 400, "{path} {refused}");
        }
    }
}

const F1: &str = r#"name="f1"; filename="a b.txt""#;
const F2: &str = r#"name="f2"; filename="é.bin""#;
const META: &str = r#"name="meta""#;

/// Form parts, and the resulting files.
type Named<'a> = &'a [(&'a str, &'a [u8])];

#[tokio::test]
async fn valid_forms() {
    let two = br#"{"files":[{"field":"f1","path":"/in/2026/"},{"field":"f2","path":"in"},{"field":"f9","path":"/"}]}"#;
    let cases: [(Named<'_>, Named<'_>); 6] = [
        (&[(F1, b"one")], &[("/a b.txt", b"one")]),
        (&[(F1, b"one"), (F2, b"\r\n--X-\r\n")], &[("/a b.txt", b"one"), ("/é.bin", b"\r\n--X-\r\n")]),
        (&[(F1, b"1"), (F2, b""), (META, two)], &[("/in/2026/a b.txt", b"1"), ("/in/é.bin", b"")]),
        (&[(META, two), (r#"name="other""#, b"text"), (F1, b"1")], &[("/in/2026/a b.txt", b"1")]),
        (&[(F1, b"1"), (META, br#"{"files":[{"field":"f1","path":"/"}]}"#)], &[("/a b.txt", b"1")]),
        (&[(r#"name="a b"; filename="say \"hi\"""#, b"1")], &[("/say \"hi\"", b"1")]),
    ];
    for (parts, expected) in cases {
        let simulator = start(Simulator::builder()).await;
        let answer = upload(&simulator, parts).await;
        assert_eq!((answer.status, json(&answer)), (200, json!({ "rslt": "OK" })));
        let stored: Vec<_> = simulator.state().file_paths();
        assert_eq!(stored, expected.iter().map(|(path, _)| *path).collect::<Vec<_>>());
        for (path, content) in expected {
            assert_eq!(simulator.state().content(path).unwrap(), *content);
        }
    }
}

#[tokio::test]
async fn rejected_forms() {
    let simulator = start(Simulator::builder().max_upload_size(1000)).await;
    simulator.state().add_file("/file", "");
    simulator.state().add_directory("/directory/a b.txt");
    let meta = |text: &str| form(&[(F1, b"1"), (F2, b"2"), (META, text.as_bytes())]);
    let form_named = |name: &str| form(&[(F1, b"1"), (&format!("name=\"x\"; filename=\"{name}\""), b"2")]);
    let complete = form(&[(F1, b"1")]);
    for (body, status) in [
        (meta(r#"{"files":[{"field":"f1","path":"/in"}]}"#), 400),
        (meta(r#"{"files":[{"field":"f1","path":"/in"},{"field":"f2","path":"/in/../.."}]}"#), 400),
        (meta(r#"{"files":[{"field":"f1","path":"/in"},{"field":"f2"}]}"#), 400),
        (meta(r#"{"files":[{"field":"f1","path":"/"},{"field":"f2","path":"/"},{"field":"f2","path":"/"}]}"#), 400),
        (meta(r#"{"files":[{"field":"f1","path":"/in"},{"field":"f2","path":"/file"}]}"#), 409),
        (meta(r#"{"files":[{"field":"f1","path":"/directory"},{"field":"f2","path":"/in"}]}"#), 409),
        (meta(r#"{"files":[{"field":"f1","path":"/n"},{"field":"f2","path":"/n/a b.txt"}]}"#), 409),
        (meta("{}"), 400),
        (meta("nothing"), 400),
        (form_named(""), 400),
        (form_named(".."), 400),
        (form_named("a/b"), 400),
        (form_named("a\\b"), 400),
        (form(&[(F1, b"1"), (F1, b"2")]), 400),
        (form(&[(F1, b"1"), (META, b"{\"files\":[]}"), (META, b"{}")]), 400),
        (form(&[(F1, b"1"), (r#"name="meta"; filename="m""#, b"{}")]), 400),
        (form(&[(r#"name="f1""#, b"no filename")]), 400),
        (form(&[]), 400),
        (complete[..complete.len() - 4].to_vec(), 400),
        (form(&[(F1, &[b'x'; 1000])]), 413),
    ] {
        let answer = send("POST", &upload_url(&simulator), &form_headers(&simulator), &body).await;
        assert_eq!(answer.status, status, "{} {}", String::from_utf8_lossy(&body), answer.text());
        assert_eq!(simulator.state().file_paths(), ["/file"]);
        assert_eq!(simulator.state().directories(), ["/directory", "/directory/a b.txt"]);
    }
    let headers = form_headers(&simulator).replace("multipart/form-data", "multipart/mixed");
    assert_eq!(send("POST", &upload_url(&simulator), &headers, &complete).await.status, 400);
}

#[tokio::test]
async fn uploads_replace_files_and_can_be_chunked() {
    let simulator = start(Simulator::builder()).await;
    assert_eq!(upload(&simulator, &[(F1, b"first")]).await.status, 200);
    simulator.advance(Duration::from_secs(5));
    let body = form(&[(F1, b"second")]);
    let chunks: Vec<_> =
        body.chunks(7).flat_map(|c| [format!("{:x}\r\n", c.len()).as_bytes(), c, b"\r\n"].concat()).collect();
    let mut stream = crate::support::storage::connect(&upload_url(&simulator)).await;
    for _ in 0..2 {
        let headers = format!("{}Transfer-Encoding: chunked\r\n", form_headers(&simulator));
        let head = crate::support::storage::head("POST", &upload_url(&simulator), &headers);
        tokio::io::AsyncWriteExt::write_all(&mut stream, &[head.as_bytes(), &chunks, b"0\r\n\r\n"].concat())
            .await
            .unwrap();
        let answer = crate::support::storage::read_answer(&mut stream, false).await;
        // The connection is reused.
        assert_eq!((answer.status, answer.header("connection")), (200, None));
    }
    let row = &json(&store(&simulator, "/list/tree", "{}").await)[1];
    let listing = &json(&store(&simulator, "/list/files", "{}").await)[0];
    assert_eq!(row["mtime"], listing["lastModified"]);
    // Two writes have different times although the clock is frozen.
    assert_eq!((&row["size"], &row["created_at"]), (&json!(6), &json!(1_780_000_000_020_i64)));
    assert_eq!((&row["mtime"], &row["updated_at"]), (&json!(1_780_000_005_001_i64), &json!(1_780_000_005_021_i64)));
    let exchange = simulator.journal().pop().unwrap();
    assert_eq!((exchange.operation, exchange.body_bytes), (Some("ftpgrid.storage.list_files"), 2));
}

#[tokio::test]
async fn moves() {
    for (from, to, status, path) in [
        ("/in/a b.txt", "/in-2/z", 200, Some("/in-2/z")),
        ("/in", "/in-2/moved", 200, Some("/in-2/moved/2026/x")),
        ("/in/a b.txt", "renamed", 200, Some("/renamed")),
        ("top", "/in/top", 200, Some("/in/top")),
        ("/top", "/in/a b.txt", 409, None),
        ("/top", "/in", 409, None),
        ("/top", "/top", 409, None),
        ("/top", "/no/top", 404, None),
        ("/top", "/in/a b.txt/top", 404, None),
        ("/no", "/yes", 404, None),
        ("/in", "/in/2026/in", 400, None),
        ("/", "/x", 400, None),
        ("/top", "/../x", 400, None),
        ("/top", "", 400, None),
    ] {
        let simulator = seeded(Simulator::builder()).await;
        let before = simulator.state().file_paths();
        let body = json!({ "Movelist": [{ "from": from, "to": to }] }).to_string();
        assert_eq!(store(&simulator, "/move", &body).await.status, status, "{body}");
        let after = simulator.state().file_paths();
        assert_eq!(after.iter().any(|entry| Some(entry.as_str()) == path), path.is_some(), "{body}");
        assert_eq!(after == before, path.is_none(), "{body}");
        assert_eq!(tree_files(&simulator).await, after, "{body}");
    }
    let prose = seeded(Simulator::builder().relative_target(RelativeTarget::SourceDirectory)).await;
    let body = r#"{"Movelist":[{"from":"/in/a b.txt","to":"b"}]}"#;
    assert_eq!(store(&prose, "/move", body).await.status, 200);
    assert!(prose.state().file("/in/b").is_some());
}

/// Returns the files in the metadata.
async fn tree_files(simulator: &Simulator) -> Vec<String> {
    let tree = json(&store(simulator, "/list/tree", "{}").await);
    let files = tree.as_array().unwrap().iter().filter(|row| row["is_dir"] == false);
    files.map(|row| row["path"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn deletions_and_batches() {
    let simulator = seeded(Simulator::builder()).await;
    for (list, status, left) in [
        (json!(["/no", "/in/2026", "/top"]), 200, vec!["/in-2/y", "/in/a b.txt"]),
        (json!([]), 200, vec!["/in-2/y", "/in/a b.txt"]),
        (json!(["/in/a b.txt", "/"]), 400, vec!["/in-2/y", "/in/a b.txt"]),
        (json!("/in"), 400, vec!["/in-2/y", "/in/a b.txt"]),
        (json!(["in/"]), 200, vec!["/in-2/y"]),
    ] {
        let body = json!({ "Filelist": list }).to_string();
        assert_eq!(store(&simulator, "/delete/", &body).await.status, status, "{body}");
        assert_eq!(simulator.state().file_paths(), left, "{body}");
        assert_eq!(tree_files(&simulator).await, left, "{body}");
    }
    for (batches, left) in [
        (Batches::StopAndKeep, vec!["/in-2/y", "/in/2026/x", "/in/a b.txt"]),
        (Batches::AllOrNothing, vec!["/in-2/y", "/in/2026/x", "/in/a b.txt", "/top"]),
    ] {
        let simulator = seeded(Simulator::builder().batches(batches)).await;
        simulator.state().pin("/in/2026/x");
        let body = r#"{"Filelist":["/top","/in","/in-2"]}"#;
        assert_eq!(store(&simulator, "/delete", body).await.status, 409);
        assert_eq!(simulator.state().file_paths(), left);
        let body = r#"{"Movelist":[{"from":"/in-2/y","to":"/y"},{"from":"/no","to":"/z"}]}"#;
        assert_eq!(store(&simulator, "/move", body).await.status, 404);
        assert_eq!(simulator.state().file("/y").is_some(), batches == Batches::StopAndKeep);
        assert_eq!(tree_files(&simulator).await, simulator.state().file_paths());
    }
}

#[tokio::test]
async fn three_body_shapes_for_directories() {
    let simulator = seeded(Simulator::builder()).await;
    for (body, status) in [
        (r#"{"Params":"/p/q"}"#, 200),
        (r#"{"Filelist":["/f","/g/"]}"#, 200),
        (r#"{"Dirlist":["d"]}"#, 200),
        (r#"{"Params":"/in"}"#, 200),
        (r#"{"Params":"/top"}"#, 409),
        (r#"{"Params":"/top/x"}"#, 409),
        ("{}", 400),
    ] {
        assert_eq!(store(&simulator, "/mkdir", body).await.status, status, "{body}");
    }
    assert_eq!(simulator.state().directories(), ["/d", "/f", "/g", "/in", "/in-2", "/in/2026", "/p", "/p/q"]);
    let hiding = seeded(Simulator::builder().hide_implied_directories()).await;
    assert_eq!(store(&hiding, "/mkdir", r#"{"Params":"/p/q"}"#).await.status, 200);
    let visible = all(&store(&hiding, "/list/tree", "{}").await, "path");
    assert_eq!(visible, ["/", "/in-2/y", "/in/2026/x", "/in/a b.txt", "/p/q", "/top"]);
    assert_eq!(all(&store(&hiding, "/list/tree", r#"{"Params":"/in"}"#).await, "path").len(), 3);
}

#[tokio::test]
async fn metadata_and_checksums_are_delayed() {
    let second = Duration::from_secs(1);
    for lag in [Lag::Operations(2), Lag::Time(second)] {
        let simulator = start(Simulator::builder().metadata_lag(lag)).await;
        simulator.state().add_file("/seeded", "");
        simulator.state().put_file("/a", "x", "SFTP");
        assert_eq!(tree_files(&simulator).await, ["/seeded"], "{lag:?}");
        assert_eq!(all(&store(&simulator, "/list/files", "{}").await, "name"), ["a", "seeded"], "{lag:?}");
        simulator.advance(second);
        let tree = json(&store(&simulator, "/list/tree", "{}").await);
        assert_eq!((&tree[1]["path"], &tree[1]["protocol"]), (&json!("/a"), &json!("SFTP")), "{lag:?}");
    }
    for lag in [Lag::Operations(1), Lag::Time(second)] {
        let simulator = start(Simulator::builder().checksum_delay(lag)).await;
        let mut checksums = Vec::new();
        for content in ["x", "test"] {
            simulator.state().put_file("/a", content, "FTP");
            for _ in 0..2 {
                checksums
                    .push(json(&store(&simulator, "/list/tree", "{}").await)[1]["checksum"].as_str().unwrap().len()
                        as u64);
                checksums.push(json(&store(&simulator, "/list/files", "{}").await)[0]["size"].as_u64().unwrap());
                simulator.advance(second);
            }
        }
        // The old checksum is visible until the new checksum is available.
        assert_eq!(checksums, [0, 1, 64, 1, 64, 4, 64, 4], "{lag:?}");
        let sum = json(&store(&simulator, "/list/tree", "{}").await)[1]["checksum"].clone();
        assert_eq!(sum.as_str(), simulator.state().file("/a").unwrap().sha256.as_deref());
    }
}
