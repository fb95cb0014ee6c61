//! Single upload steps: requests in both formats, and the upload object.

use crate::support::{NOTHING, Service, both_formats, either, fixture, post};
use brickftp::{ErrorKind, Format, Outcome, UploadPart, UploadRef};
use serde_json::json;

const PATH: &str = "Engineering Candidates/John Smith.docx";
const ENCODED: &str = "/files/Engineering%20Candidates/John%20Smith.docx";

fn check(part: &UploadPart) {
    assert_eq!(part.upload_ref.as_str(), "put-378670");
    assert_eq!(part.path.as_deref(), Some(PATH));
    assert_eq!(part.ask_about_overwrites, Some(true));
    assert_eq!(part.http_method.as_deref(), Some("PUT"));
    assert_eq!((part.partsize, part.part_number, part.available_parts), (Some(5_242_880), Some(2), Some(10_000)));
    let send = [("partsize", "required-parameter Content-Length"), ("partdata", "body")];
    assert_eq!(part.send, send.map(|(piece, place)| (piece.to_owned(), place.to_owned())));
    assert!(part.headers.is_empty() && part.parameters.is_empty());
    let address = part.upload_uri.as_ref().unwrap().expose();
    assert!(address.ends_with(
        "partNumber=2&uploadId=iUOt.&X-Amz-Date=20180502T101500Z&X-Amz-Expires=180&X-Amz-Signature=5f0b4a5a08a6d7f1"
    ));
    assert!(!format!("{part:?}").contains("5f0b4a5a08a6d7f1"));
}

async fn start(format: Format) {
    let exchange = post(ENCODED).without_suffix().body(json!({ "action": "put" }), "<file><action>put</action></file>");
    let service = Service::answering(format, exchange, 200, fixture("upload", format)).await;
    check(&service.client.uploads().start(PATH).await.unwrap());
    let exchange = post(ENCODED).without_suffix().body(json!({ "action": "put" }), "<file><action>put</action></file>");
    let silent = Service::answering(format, exchange, 200, either(format, NOTHING)).await;
    let error = silent.client.uploads().start(PATH).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done), "{error}");
}

async fn part(format: Format) {
    let exchange = post(ENCODED).without_suffix().body(
        json!({ "action": "put", "ref": "put-378670", "part": 2 }),
        "<file><action>put</action><ref>put-378670</ref><part>2</part></file>",
    );
    let service = Service::answering(format, exchange, 200, fixture("upload", format)).await;
    let upload = UploadRef::from("put-378670");
    check(&service.client.uploads().part(PATH, &upload, 2).await.unwrap());
    for number in [0, 10_001] {
        let error = service.client.uploads().part(PATH, &upload, number).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
    }
    assert_eq!(service.requests().await, 1);
}

async fn complete(format: Format) {
    let exchange = post(ENCODED).without_suffix().body(
        json!({ "action": "end", "ref": "put-378670" }),
        "<file><action>end</action><ref>put-378670</ref></file>",
    );
    let service = Service::answering(format, exchange, 201, fixture("file", format)).await;
    let file = service.client.uploads().complete(PATH, &UploadRef::from("put-378670")).await.unwrap();
    assert_eq!((file.path.as_str(), file.size), (PATH, Some(61_440)));
}

both_formats! {
    #[tokio::test]
    start => fn start_json(), fn start_xml();
    part => fn part_json(), fn part_xml();
    complete => fn complete_json(), fn complete_xml();
}
