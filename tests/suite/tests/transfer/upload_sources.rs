//! Upload sources that fail, and upload sessions of the service that are invalid or unusual.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use brickftp::ErrorKind;
use brickftp::transfer::Source;
use brickftp::transport::BodyError;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use mft_simulator::brickftp::{PartLength, Simulator, UploadForm};
use mft_simulator::{Fault, PartEtags, StorageSettings};
use mft_tests::transfer::{COMPLETE, MIB, PART, PUT, Site, SourceKind, content, uneven_chunks};
use serde_json::{Value, json};

const TIB: u64 = 1 << 40;

type Change = fn(&Path);

/// The file changes after the first part was sent.
#[tokio::test]
async fn file_changed_during_upload_is_not_stored() {
    let changes: [(&str, Change); 5] = [
        ("grows", |path| OpenOptions::new().append(true).open(path).unwrap().write_all(b"x").unwrap()),
        ("shrinks", |path| OpenOptions::new().write(true).open(path).unwrap().set_len(PART as u64 + 9).unwrap()),
        ("is emptied", |path| drop(File::create(path).unwrap())),
        ("is overwritten", |path| {
            let mut file = OpenOptions::new().write(true).open(path).unwrap();
            file.write_all(b"other bytes").unwrap();
            file.set_modified(SystemTime::now() + Duration::from_secs(2)).unwrap();
        }),
        ("is touched", |path| {
            File::options().write(true).open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        }),
    ];
    for (name, change) in changes {
        let site = Site::start().await;
        let path = site.file("source", &content(3 * PART));
        let source = path.clone();
        let upload = site.client().files().upload("in/file", Source::file(&path)).parallel(1);
        let upload = upload.on_checkpoint(move |token| {
            if token.parts_done() == 1 {
                change(&source);
            }
        });
        let error = upload.await.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Integrity, "{name}: {error:?}");
        assert!(error.to_string().contains("source changed while it was being sent"), "{name}: {error}");
        site.assert_not_done("in/file", &error, name);
    }
}

/// Rejected before any request is sent.
#[tokio::test]
async fn invalid_uploads_are_rejected_locally() {
    let site = Site::start().await;
    let client = site.client();
    let upload = |source: Source| client.files().upload("in/file", source);
    let nothing = || stream::empty::<Result<Bytes, BodyError>>();
    let reopen = |size| Source::seekable(size, |_| std::future::ready(Ok(stream::empty())));
    for (name, request) in [
        ("file", upload(reopen(5 * TIB + 1))),
        ("file", upload(Source::stream(nothing(), Some(5 * TIB + 1)))),
        ("file", upload(reopen(u64::MAX))),
        ("memory_budget", upload(Source::stream(nothing(), Some(TIB)))),
        ("part_size", upload(Source::bytes("abc")).part_size(0)),
        ("part_size", upload(Source::bytes("abc")).part_size(PART as u64 - 1)),
        ("part_size", upload(Source::bytes("abc")).part_size((5 << 30) + 1)),
        ("part_size", upload(Source::stream(nothing(), None)).part_size(u64::MAX)),
        ("parallel", upload(Source::bytes("abc")).parallel(0)),
        ("path", client.files().upload("", b"abc")),
        ("path", client.files().upload("in/../out", b"abc")),
        ("source", upload(Source::file(site.local_path("")))),
    ] {
        let error = request.await.expect_err(name);
        assert!(error.is_invalid_input() && error.to_string().contains(name), "{name}: {error:?}");
    }
    let error = upload(Source::file(site.local_path("missing"))).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Io && error.to_string().contains("missing"), "{error}");
    assert!(site.journal().is_empty());
}

/// Streams of the wrong size, and sources that fail during the upload.
#[tokio::test]
async fn failing_sources_fail_the_upload() {
    let bytes = content(2 * PART + 10);
    let length = bytes.len() as u64;
    let failing = |after: usize| {
        let broken = stream::iter([Err::<Bytes, BodyError>("read failed".into())]);
        uneven_chunks(bytes.slice(..after)).chain(broken)
    };
    let panicking = |after: usize| {
        uneven_chunks(bytes.slice(..after)).chain(stream::iter([()]).map(|()| panic!("deliberate panic")))
    };
    let reopened = |after: usize, panics: bool| {
        let bytes = bytes.clone();
        Source::seekable(length, move |position| {
            let begin = usize::try_from(position).unwrap();
            let remaining = bytes.slice(begin.min(after)..after);
            let end: Result<Bytes, BodyError> = Err("read failed".into());
            std::future::ready(Ok(uneven_chunks(remaining).chain(stream::iter([end]).map(move |end| {
                assert!(!panics, "deliberate panic");
                end
            }))))
        })
    };
    let closed = Source::seekable(length, |_| {
        std::future::ready(Err::<stream::Empty<Result<Bytes, BodyError>>, BodyError>("open failed".into()))
    });
    for (name, kind, source, message) in [
        ("fails", ErrorKind::Io, Source::stream(failing(PART + 5), None), "read failed"),
        ("fails immediately", ErrorKind::Io, Source::stream(failing(0), Some(length)), "read failed"),
        (
            "ends early",
            ErrorKind::Integrity,
            Source::stream(uneven_chunks(bytes.clone()), Some(length + 1)),
            "fewer than",
        ),
        (
            "is longer",
            ErrorKind::Integrity,
            Source::stream(uneven_chunks(bytes.clone()), Some(length - 1)),
            "more than",
        ),
        ("is not empty", ErrorKind::Integrity, Source::stream(uneven_chunks(bytes.clone()), Some(0)), "more than"),
        ("panics", ErrorKind::Other, Source::stream(panicking(PART + 5), None), "panicked"),
        ("fails again", ErrorKind::Io, reopened(PART + 5, false), "read failed"),
        ("cannot be opened", ErrorKind::Io, closed, "open failed"),
        ("panics again", ErrorKind::Other, reopened(PART + 5, true), "panicked"),
    ] {
        let site = Site::start().await;
        let error = site.client().files().upload("in/file", source).parallel(2).await.expect_err(name);
        assert_eq!(error.kind(), kind, "{name}: {error:?}");
        assert!(error.to_string().contains(message), "{name}: {error}");
        site.assert_not_done("in/file", &error, name);
    }
}

/// Single bytes, long runs of empty chunks, and one chunk with the whole content.
#[tokio::test]
async fn chunks_of_every_size_are_accepted() {
    let site = Site::start().await;
    let client = site.client();
    let single = content(150_000);
    let singles = stream::iter((0..single.len()).map({
        let single = single.clone();
        move |at| Ok::<_, BodyError>(single.slice(at..=at))
    }));
    client.files().upload("in/single", Source::stream(singles, None)).await.unwrap();
    site.assert_done("in/single", &single, "single bytes");

    let empty = stream::iter((0..200_000).map(|_| Ok::<_, BodyError>(Bytes::new())));
    site.clear_journal();
    client.files().upload("in/empty", Source::stream(empty, None)).await.unwrap();
    site.assert_done("in/empty", b"", "empty chunks");

    // This stream panics if it is polled after its end.
    let parts = stream::unfold(0, |at| async move { (at < 3).then(|| (Ok::<_, BodyError>(content(7)), at + 1)) });
    site.clear_journal();
    client.files().upload("in/unfolded", Source::stream(parts, None)).await.unwrap();
    site.assert_done("in/unfolded", &content(7).repeat(3), "unfolded");

    let huge = content(64 * MIB);
    let one = |chunk: &Bytes| stream::iter([Ok::<_, BodyError>(chunk.clone())]);
    for size in [Some(64 << 20), None] {
        site.clear_journal();
        client.files().upload("in/huge", Source::stream(one(&huge), size)).memory_budget(10 << 20).await.unwrap();
        site.assert_done("in/huge", &huge, "one chunk");
    }
}

/// A stream that exceeds the maximum total size, and one that fits because its parts grow.
#[tokio::test]
async fn parts_grow_with_the_stream() {
    let site = Site::with(Simulator::builder().available_parts(3)).await;
    let client = site.client();
    let upload = |size: usize| client.files().upload("in/file", Source::stream(uneven_chunks(content(size)), None));
    // Parts of 5, 10 and 20 MiB.
    upload(35 * MIB).memory_budget(20 << 20).await.unwrap();
    site.assert_done("in/file", &content(35 * MIB), "growing parts");
    site.state().remove_entry("in/file");
    site.clear_journal();
    let error = upload(100 * MIB).memory_budget(20 << 20).await.unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("memory_budget"), "{error}");
    site.assert_not_done("in/file", &error, "too long");
}

/// Contradictory upload sessions are rejected before any byte is sent.
#[tokio::test]
async fn invalid_upload_sessions_are_rejected() {
    for (operation, key, value) in [
        ("start", "partsize", json!(0)),
        ("start", "partsize", json!(-1)),
        ("start", "partsize", json!("many")),
        ("start", "partsize", json!(6_u64 << 30)),
        ("start", "available_parts", json!(0)),
        ("start", "part_number", json!(2)),
        ("start", "upload_uri", json!("ftp://host/a?X-Amz-Signature=1")),
        ("start", "upload_uri", json!("http://user@127.0.0.1/a?X-Amz-Signature=1")),
        ("start", "upload_uri", Value::Null),
        ("start", "http_method", json!("DELETE")),
        ("start", "headers", json!({"Host": "elsewhere"})),
        ("start", "headers", json!({"Authorization": "Basic abc"})),
        ("start", "headers", json!({"Content-Length": "1"})),
        ("start", "headers", json!({"x-amz-acl": "a\r\nb: c"})),
        ("start", "send", json!({"partdata": "pigeon"})),
        ("start", "send", json!({"checksum": "required-header x", "partdata": "body"})),
        ("part", "part_number", json!(3)),
        ("part", "ref", json!("put-other")),
        ("part", "upload_uri", json!("file:///etc/passwd")),
    ] {
        let site = Site::start().await;
        let case = format!("{key}: {value} from {operation}");
        site.faults().push(Fault::set_key(key, value).on(format!("brickftp.uploads.{operation}")));
        let error = site.client().files().upload("in/file", content(PART + 1)).parallel(1).await.expect_err(&case);
        assert!(matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Decode), "{case}: {error:?}");
        assert!(site.puts().iter().all(|put| put.part == 1 && operation == "part"), "{case}: {:?}", site.puts());
        site.assert_not_done("in/file", &error, &case);
    }
}

/// Unusual but valid upload sessions work.
#[tokio::test]
async fn upload_session_instructions_are_followed() {
    let bytes = content(PART + 1);
    for (key, value) in [
        ("partsize", json!("5242880")),
        ("part_number", Value::Null),
        ("available_parts", json!("10000")),
        ("headers", json!([])),
        ("headers", json!({"x-amz-acl": "private"})),
        ("parameters", json!([])),
        ("send", json!({"partdata": "body", "Content-Type": "required-header Content-Type"})),
        ("surprise", json!({"of": ["any", "kind"]})),
    ] {
        let site = Site::start().await;
        site.faults().push(Fault::set_key(key, value.clone()).on("brickftp.uploads.*"));
        let upload = site.client().files().upload("in/file", bytes.clone()).content_type("text/x-test");
        upload.await.unwrap_or_else(|error| panic!("{key}: {value}: {error:?}"));
        site.assert_done("in/file", &bytes, key);
        let expected_header = value.get("x-amz-acl").map(|_| ("x-amz-acl", "private"));
        let expected_header =
            expected_header.or_else(|| value.get("Content-Type").map(|_| ("content-type", "text/x-test")));
        for exchange in site.journal().iter().filter(|exchange| exchange.operation == Some(PUT)) {
            assert!(
                expected_header.is_none_or(|(name, value)| exchange.header(name) == Some(value)),
                "{exchange}: {expected_header:?}"
            );
        }
    }
}

/// Form uploads with different response statuses, and with faulty parts.
#[tokio::test]
async fn parts_are_posted_as_forms_if_requested() {
    let bytes = content(2 * PART + 1);
    for (form, status) in [(UploadForm::FormPart, 200), (UploadForm::FormFile, 201), (UploadForm::FormPart, 204)] {
        let site =
            Site::with(Simulator::builder().upload_form(form).storage(StorageSettings::new().form_status(status)))
                .await;
        for (name, fault) in [
            ("nothing", None),
            ("expiry", Some(Fault::expired_url())),
            ("a reset", Some(Fault::reset())),
            ("500", Some(Fault::status(500))),
        ] {
            for (source_kind, size) in
                [(SourceKind::File, bytes.len()), (SourceKind::UnknownSize, bytes.len()), (SourceKind::Bytes, 0)]
            {
                let case = format!("{form:?} {status}, {name}, {size} from {source_kind:?}");
                site.clear_journal();
                if let Some(fault) = fault.clone() {
                    site.faults().push(fault.on(PUT).once());
                }
                let bytes = bytes.slice(..size);
                let result =
                    site.client().files().upload("in/form", source_kind.source(&site, &bytes)).parallel(2).await;
                result.unwrap_or_else(|error| panic!("{case}: {error:?}"));
                site.assert_done("in/form", &bytes, &case);
                let parts = size.div_ceil(PART).max(1);
                assert_eq!(site.count(PUT), parts + usize::from(fault.is_some()), "{case}");
            }
        }
    }
}

/// All ways to specify the part length, and all kinds of `ETag`.
#[tokio::test]
async fn storage_variants_are_supported() {
    let bytes = content(PART + 1);
    for length in [PartLength::Parameter, PartLength::Header, PartLength::Unsaid] {
        for tags in [PartEtags::Md5, PartEtags::Opaque, PartEtags::Absent] {
            let settings = Simulator::builder().part_length(length).storage(StorageSettings::new().part_etags(tags));
            let site = Site::with(settings).await;
            site.client().files().upload("in/file", bytes.clone()).await.unwrap();
            site.assert_done("in/file", &bytes, "dialects");
            assert_eq!((site.count(COMPLETE), site.puts().len()), (1, 2));
        }
    }
}
