//! Writes a seed corpus: `cargo run --example seeds -- corpus`. The seeds are the responses in the test fixtures, for
//! every operation that accepts them, and some more.

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use mft_fuzz::checks::PLANTED;
use mft_fuzz::operations::{self, Service};
use serde_json::Value;

/// Responses of services without fixtures: ftpGrid and Stook.
const FTPGRID: [&str; 8] = [
    r#"{"rslt":"OK"}"#,
    r#"{"rslt":"1780000000","id":501}"#,
    r#"{"token":"eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDAwMDAwMDAsImlhdCI6MTc4MDAwMDAwMH0.c2ln","expires_in":900}"#,
    r#"{"id":501,"associationKey":"planted-6d15","username":"dock-cam-7","accessRights":"RW","chroot":"/cams/7","description":"Dock","enabled":true,"rsaKey":"ssh-ed25519 AAAADEMO cam7"}"#,
    r#"{"data":[{"id":501,"username":"dock-cam-7","accessRights":"RO","chroot":"/","enabled":0}]}"#,
    r#"[{"path":"/inbox","is_dir":false,"checksum":"00","size":4,"protocol":"API","mtime":1780000000100,"created_at":1780000000120,"updated_at":null}]"#,
    r#"[{"name":"b","path":"/a/b","type":"directory"},{"name":"2026","path":"/inbox/2026","type":"directory"}]"#,
    r#"[{"name":"b","size":4,"type":"file","lastModified":1780000005000}]"#,
];
const STOOK: [&str; 6] = [
    r#"{"status":true,"data":{"uuid":"1","organization_uuid":"o","name":"m","region":"eu-ist-1","size":"0B","tags":[{"key":"team","label":"video"}]}}"#,
    r#"{"status":true,"data":[{"uuid":"c1","name":"u","is_readonly":false,"access_key":"K","subfolder":"in","buckets":[{"uuid":"1","tags":[]}]}]}"#,
    r#"{"status":true,"data":{"uuid":"f1","name":"cam","bucket_uuid":"1","path":"m/cam1","login_allowed":true,"is_readonly":false,"wrap_rules":[{"type":"deny","rule":["all"]},{"type":"allow","rule":["198.51.100.7"]}],"count":0}}"#,
    r#"{"status":true,"message":"deleted","data":null}"#,
    r#"{"status":true,"data":{"token":"planted-6d15","expires_in":3600}}"#,
    r#"{"token":"planted-6d15"}"#,
];
/// Error responses.
const FAILURES: [&str; 6] = [
    "403\nretry-after: 7\nx-request-id: r-1\n\n{\"error\":\"own-key-71c09e5d3ab8\",\"code\":\"E7\",\"http-code\":\"401\"}",
    "429\nretry-after: Sun, 06 Nov 1994 08:49:37 GMT\ndate: Sun, 06 Nov 1994 08:49:30 GMT\n\n{\"message\":\"slow down\"}",
    "302\nlocation: https://elsewhere.example/x?y\n\n",
    "503 cut\ncontent-type: text/html\n\n<html>own-secret-5f20d7c4e961</html>",
    "200\n\n{\"status\":false,\"errors\":[{\"type\":\"x\",\"message\":\"own-password-8e3b16a90fd2\"}],\"error\":{\"message\":\"m\"}}",
    "refuse",
];
/// Transfers: their numbers, and their responses.
const TRANSFERS: [(&[u8], &str); 13] = [
    (&[0, 1, 3, 4], "200\ncontent-disposition: attachment; filename=\"b.txt\"\ncontent-length: 4\n\nabcd"),
    (&[0, 3, 4], "200 cut\netag: \"1\"\n\nab\n--\n200 stream\netag: \"1\"\n\nabcd"),
    (
        &[0, 1, 2],
        "200\ncontent-type: application/json\ncontent-disposition: inline; filename*=UTF-8''%C3%BC.txt\n\n{\"error\":\"x\"}",
    ),
    (&[2], "200\n\n{\"rslt\":\"1780\"}\n--\n200\ncontent-type: application/zip\n\nPK"),
    (
        &[5, 7, 9],
        "200\ndate: Sun, 06 Nov 1994 08:49:30 GMT\n\n{\"id\":1,\"path\":\"in/a\",\"type\":\"file\",\"size\":4,\"md5\":\"e2fc714c4727ee9395f324cd2e7f331f\",\"crc32\":\"ed82cd11\",\"download_uri\":\"https://storage.example/o?Expires=1999999999\"}\n--\n206\ncontent-range: bytes 0-3/4\netag: \"1\"\ncontent-length: 4\n\nabcd",
    ),
    (
        &[5, 7, 9],
        "200\n\n{\"id\":1,\"path\":\"in/a\",\"type\":\"file\",\"size\":7,\"download_uri\":\"https://storage.example/o\"}\n--\n206\ncontent-range: bytes 0-2/7\netag: \"1\"\n\nabc\n--\n206\ncontent-range: bytes 3-5/7\netag: \"1\"\n\ndef\n--\n206 cut\ncontent-range: bytes 6-6/7\netag: \"1\"\n\n\n--\n206\ncontent-range: bytes 6-6/7\netag: \"1\"\n\ng",
    ),
    (
        &[5, 7],
        "200\n\n{\"path\":\"in/a\",\"type\":\"file\",\"download_uri\":\"https://storage.example/o\"}\n--\n200 stream\nlast-modified: Sun, 06 Nov 1994 08:49:30 GMT\n\nabcdefg",
    ),
    (
        &[5, 7, 9],
        "200\n\n{\"path\":\"in/a\",\"type\":\"file\",\"size\":0,\"download_uri\":\"https://storage.example/o\"}\n--\n416\ncontent-range: bytes */0\n\n",
    ),
    (
        &[10],
        "200\n\n[{\"path\":\"in/a\",\"type\":\"file\",\"size\":1},{\"path\":\"in/../b\",\"type\":\"file\",\"size\":1},{\"path\":\"in/c\",\"type\":\"directory\"}]\n--\n200\n\n{\"path\":\"in/a\",\"type\":\"file\",\"size\":1,\"download_uri\":\"https://storage.example/o\"}\n--\n206\ncontent-range: bytes 0-0/1\n\na",
    ),
    (
        &[10],
        "200\n\n[{\"path\":\"in/c\",\"type\":\"directory\"}]\n--\n200\n\n[{\"path\":\"in/c/d\",\"type\":\"directory\"}]\n--\n200\n\n[]",
    ),
    (
        &[11, 13],
        "200\n\n{\"ref\":\"put-1\",\"path\":\"in/a\",\"http_method\":\"PUT\",\"upload_uri\":\"https://storage.example/o/1\",\"partsize\":5242880,\"part_number\":1,\"available_parts\":100,\"send\":{\"partsize\":\"required-header Content-Length\",\"partdata\":\"body\"},\"headers\":{\"x-amz-acl\":\"private\"},\"parameters\":{}}\n--\n200\n\n\n--\n200\n\n{\"path\":\"in/a\",\"type\":\"file\"}",
    ),
    (
        &[12],
        "200\n\n{\"ref\":\"put-1\",\"parallel_parts\":false,\"http_method\":\"PUT\",\"upload_uri\":\"https://storage.example/o/1\",\"partsize\":5242880,\"part_number\":1}\n--\n200\n\n\n--\n200\n\n{\"ref\":\"put-1\",\"http_method\":\"PUT\",\"upload_uri\":\"https://storage.example/o/2\",\"part_number\":2}\n--\n200\n\n\n--\n200\n\n{\"path\":\"in/a\",\"type\":\"file\",\"size\":5242881}",
    ),
    (
        &[13],
        "200\n\n{\"ref\":\"put-1\",\"http_method\":\"POST\",\"upload_uri\":\"https://storage.example/o/1\",\"partsize\":5242880,\"part_number\":1,\"send\":{\"partdata\":\"required-parameter file\",\"Content-Type\":\"required-parameter ct\"},\"parameters\":{\"a\":\"b\"}}\n--\n204\n\n\n--\n200\n\n{\"path\":\"in/a\",\"type\":\"file\",\"size\":10}",
    ),
];
const TEXTS: [&str; 14] = [
    "https://host/o/1?X-Amz-Date=20180502T101500Z&X-Amz-Expires=900&X-Amz-Signature=abc",
    "http://127.0.0.1:9000/o?Expires=1525270200&Signature=abc",
    "a/b c/ü.txt",
    "in/../CON.txt",
    "x-amz-acl: private\nhost: x",
    "2014-05-15T18:34:51+00:00",
    "2016-12-31T23:59:60.123456789Z",
    "1780000000100",
    "-62135596800",
    "sftp://ro%40bot:p%3A%2Fw@host.example:2222",
    "203.0.113.0/24",
    "2001:db8::/32",
    "all",
    r#"{"version":1,"operation":"brickftp.files.upload","destination":"in/a","reference":"put-1","part_size":5242880,"most":10000,"fingerprint":{"size":10485760,"modified":null,"ends":null},"done":[[1,1]]}"#,
];

fn write(folder: &Path, input: &[u8]) {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join(format!("{:016x}", hasher.finish())), input).expect("a file");
}

/// Reads all fixtures with a suffix.
fn fixtures(provider: &str, suffix: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/../../{provider}/tests/fixtures", env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let paths = entries.flatten().map(|entry| entry.path()).filter(|path| path.to_string_lossy().ends_with(suffix));
    paths.map(|path| fs::read(&path).expect("a fixture")).collect()
}

/// Replaces the values of secret fields with a planted secret. Returns `None` if there are none.
fn plant_secret(body: &[u8], names: &[&str]) -> Option<Vec<u8>> {
    fn plant(value: &mut Value, names: &[&str]) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| plant(item, names)),
            Value::Object(members) => {
                for (name, member) in members {
                    if names.contains(&name.as_str()) { *member = PLANTED.into() } else { plant(member, names) }
                }
            }
            _ => {}
        }
    }
    let mut value = serde_json::from_slice(body).ok()?;
    plant(&mut value, names);
    let plant_secret = value.to_string();
    plant_secret.contains(PLANTED).then(|| plant_secret.into_bytes())
}

/// Calls with several requests: the service, the operations, the options, the responses.
const CALL_SEQUENCES: [(u8, &[u8], u8, &str); 9] = [
    (0, &[2, 3, 7, 9, 14, 17], 2, "200\n\n{\"token\":\"a.b.c\",\"expires_in\":900}\n--\n200\n\n{\"rslt\":\"OK\"}"),
    (0, &[2, 8, 9], 0, "401\n\n{}\n--\n200\n\n{\"token\":\"a.b.c\"}\n--\n200\n\n[]"),
    (0, &[2, 6, 14], 1, "404\n\n{}\n--\n200\n\n[]\n--\n500\n\n"),
    (
        1,
        &[0, 1, 5, 6, 10],
        4,
        "200\n\n{\"has_more\":true,\"next_uri\":\"/v1/buckets?after=2\",\"data\":[{\"id\":\"1\"}]}\n--\n200\n\n{\"has_more\":false,\"data\":[{\"id\":\"2\"}]}",
    ),
    (
        2,
        &[0, 1, 8, 13, 18],
        2,
        "200\n\n{\"status\":true,\"data\":{\"token\":\"t-1\",\"expires_in\":60}}\n--\n200\n\n{\"status\":true,\"data\":[]}",
    ),
    (
        2,
        &[0, 8],
        3,
        "200\n\n{\"token\":\"t-1\"}\n--\n401\n\n{}\n--\n200\n\n{\"token\":\"t-2\"}\n--\n200\n\n{\"status\":true,\"data\":[]}",
    ),
    (
        3,
        &[8],
        1,
        "200\n\n{\"Id\":\"9a41\",\"Password\":\"planted-6d15\",\"PasswordCreatedAt\":\"2025-10-09T08:53:20.123Z\"}\n--\n200\n\n{\"message\":\"Password set.\"}\n--\n200\n\n{\"Id\":\"9a41\",\"Password\":\"planted-6d15.\",\"PasswordCreatedAt\":\"2025-10-09T08:53:21.123Z\"}",
    ),
    (
        3,
        &[9, 10],
        1,
        "200\n\n[{\"Id\":\"9a41\",\"Settings\":{\"Network\":{\"InboundRules\":[{\"Id\":\"a\",\"Source\":\"::1\"}]}}}]\n--\n200\n\n{\"Id\":\"9a41\"}",
    ),
    (4, &[0, 20, 46], 4, "200\n\n[{\"id\":1}]\n--\n200\n\n[{\"id\":2}]\n--\n200\n\n[]"),
];

/// Writes each response for each operation that succeeds with it, once per kind of document.
fn response_seeds(folder: &Path) {
    let bytes = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let brickftp = [fixtures("brickftp", ".json"), fixtures("brickftp", ".xml")].concat();
    let services = [
        bytes(&FTPGRID),
        fixtures("usebuckets", ".json"),
        bytes(&STOOK),
        fixtures("sftptogo", ".json"),
        brickftp.clone(),
        brickftp,
    ];
    for (service, bodies) in (0_u8..).zip(services) {
        let mut accepted = HashSet::new();
        for operation in 0..48_u8 {
            for body in &bodies {
                let is_xml = body.starts_with(b"<");
                let input = [&[service, operation, if is_xml { 2 } else { 0 }], &b"200\n\n"[..], body].concat();
                if operations::any(&input) && accepted.insert((operation, is_xml, body.len() / 200)) {
                    write(folder, &input);
                    let names = Service::ALL[usize::from(service)].secret_names();
                    if let Some(plant_secret) = plant_secret(body, names) {
                        write(folder, &[&input[..3], b"200\n\n", &plant_secret].concat());
                    }
                }
            }
            let failure = FAILURES[usize::from(operation) % FAILURES.len()];
            write(folder, &[&[service, operation, operation], failure.as_bytes()].concat());
        }
    }
    for (service, operations, options, text) in CALL_SEQUENCES {
        for operation in operations {
            write(folder, &[&[service, *operation, options], text.as_bytes()].concat());
        }
    }
}

fn main() {
    let root = std::env::args().nth(1).expect("the folder to write to");
    let root = Path::new(&root);
    response_seeds(&root.join("responses"));
    let mut succeeded = HashSet::new();
    for (transfers, text) in TRANSFERS {
        for transfer in transfers {
            for options in [0, 1] {
                let input = [&[*transfer, options], text.as_bytes()].concat();
                if mft_fuzz::transfers::any(&input) {
                    succeeded.insert(*transfer);
                }
                write(&root.join("transfers"), &input);
            }
        }
    }
    for transfer in [0, 1, 2, 3, 4, 5, 7, 9, 11, 13] {
        assert!(succeeded.contains(&transfer), "no seed of transfer {transfer} succeeds");
    }
    for text in TEXTS {
        write(&root.join("texts"), text.as_bytes());
    }
    for document in fixtures("brickftp", ".xml") {
        write(&root.join("xml"), &document);
    }
    for provider in ["sftptogo", "usebuckets"] {
        for document in fixtures(provider, ".json").into_iter().filter(|text| text.len() < 2_000) {
            write(&root.join("webhooks"), &[b"sha256=00\n\n", &document[..]].concat());
        }
    }
}
