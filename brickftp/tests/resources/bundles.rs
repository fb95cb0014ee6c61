//! Bundles: requests in both formats, and every documented response with its variants.

use crate::support::{NOTHING, Service, both_formats, delete, either, fixture, get, post, scripted};
use brickftp::{
    Bundle, BundleAccess, BundleEntry, BundleId, ErrorKind, Format, NewBundle, OffsetDateTime, Outcome, UserId,
};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};

fn id() -> BundleId {
    BundleId::new(221_260)
}

/// Returns the decoded value in wire form.
fn to_wire(bundle: &Bundle) -> Value {
    json!({
        "id": bundle.id, "code": bundle.code, "url": bundle.url, "user_id": bundle.user_id,
        "created_at": bundle.created_at.as_ref().map(OffsetDateTime::as_str), "paths": bundle.paths,
    })
}

/// The same for an entry of a bundle.
fn entry_to_wire(entry: &BundleEntry) -> Value {
    let mut value = json!({
        "path": entry.path, "type": entry.file_type, "size": entry.size, "crc32": entry.crc32, "md5": entry.md5,
    });
    if let Some(address) = &entry.download_uri {
        value["download_uri"] = address.expose().into();
    }
    value
}

fn documented(name: &str) -> Value {
    serde_json::from_str(&fixture(name, Format::Json)).unwrap()
}

async fn list(format: Format) {
    let service = Service::answering(format, get("/bundles"), 200, fixture("bundles", format)).await;
    let bundles = service.client.bundles().list().try_collect_vec().await.unwrap();
    assert_eq!(bundles.iter().map(to_wire).collect::<Value>(), documented("bundles"));
    assert_eq!(bundles[0].user_id, Some(UserId::new(12_345)));
    for nothing in [either(format, NOTHING), either(format, ["[]", r#"<bundles type="array"/>"#])] {
        let service = Service::answering(format, get("/bundles"), 200, nothing).await;
        assert!(service.client.bundles().list().try_next().await.unwrap().is_none());
    }
}

async fn show(format: Format) {
    let service = Service::answering(format, get("/bundles/221260"), 200, fixture("bundle", format)).await;
    assert_eq!(to_wire(&service.client.bundles().get(id()).await.unwrap()), documented("bundle"));
    let missing = Service::answering(format, get("/bundles/221260"), 200, either(format, NOTHING)).await;
    assert!(missing.client.bundles().get(id()).await.unwrap_err().is_not_found());
}

async fn create(format: Format) {
    let open = post("/bundles").body(
        json!({ "paths": ["cloud/images", "backup.zip"] }),
        "<bundle><paths><path>cloud/images</path><path>backup.zip</path></paths></bundle>",
    );
    let service = Service::answering(format, open, 201, fixture("bundle", format)).await;
    let bundle = service.client.bundles().create(NewBundle::new(["/cloud/images", "backup.zip"])).await.unwrap();
    assert_eq!((to_wire(&bundle), bundle.user_id), (documented("bundle"), None));
    let protected = post("/bundles").body(
        json!({ "paths": ["a & b"], "password": "p<w>" }),
        "<bundle><paths><path>a &amp; b</path></paths><password>p&lt;w&gt;</password></bundle>",
    );
    let service = Service::answering(format, protected, 200, fixture("bundle", format)).await;
    service.client.bundles().create(NewBundle::new(["a & b"]).password("p<w>")).await.unwrap();
}

async fn remove(format: Format) {
    let service = Service::answering(format, delete("/bundles/221260"), 200, either(format, NOTHING)).await;
    service.client.bundles().delete(id()).await.unwrap();
}

async fn contents(format: Format) {
    let open = || {
        (
            json!({ "code": "a0b1c2d3e", "host": "acme.brickftp.com" }),
            "<bundle><code>a0b1c2d3e</code><host>acme.brickftp.com</host></bundle>",
        )
    };
    // The root has a format suffix. A folder is requested with `Accept`.
    for (path, target) in [
        ("", post("/bundles/folders")),
        ("cloud/my images", post("/bundles/folders/cloud/my%20images").without_suffix()),
    ] {
        let (json, xml) = open();
        let service = Service::answering(format, target.body(json, xml), 200, fixture("bundle_contents", format)).await;
        let access = BundleAccess::new("a0b1c2d3e");
        let entries = service.client.bundles().contents(&access, path).try_collect_vec().await.unwrap();
        assert_eq!(entries.iter().map(entry_to_wire).collect::<Value>(), documented("bundle_contents"));
        assert!(entries[0].is_folder() && !entries[1].is_folder());
    }
    let protected = post("/bundles/folders").body(
        json!({ "code": "c", "host": "partner.example", "password": "p&w" }),
        "<bundle><code>c</code><host>partner.example</host><password>p&amp;w</password></bundle>",
    );
    let service = Service::answering(format, protected, 200, either(format, NOTHING)).await;
    let access = BundleAccess::new("c").host("partner.example").password("p&w");
    assert!(service.client.bundles().contents(&access, "/").try_next().await.unwrap().is_none());
}

async fn download_urls(format: Format) {
    let wanted = post("/bundles/files").body(
        json!({ "code": "c", "host": "acme.brickftp.com", "paths": ["cloud/images/image1.jpg", "backup.zip"], "password": "pw" }),
        "<bundle><code>c</code><host>acme.brickftp.com</host><paths><path>cloud/images/image1.jpg</path>\
         <path>backup.zip</path></paths><password>pw</password></bundle>",
    );
    let service = Service::answering(format, wanted, 200, fixture("bundle_files", format)).await;
    let access = BundleAccess::new("c").password("pw");
    let files =
        service.client.bundles().download_urls(&access, ["cloud/images/image1.jpg", "/backup.zip"]).await.unwrap();
    assert_eq!(files.iter().map(entry_to_wire).collect::<Value>(), documented("bundle_files"));
    assert!(!format!("{files:?}").contains("Signature"));
}

#[test]
fn both_formats_of_a_bundle_are_equal() {
    fn equal<T: serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(name: &str) {
        let json: T = serde_json::from_str(&fixture(name, Format::Json)).unwrap();
        let xml: T = brickftp::xml::from_slice(fixture(name, Format::Xml).as_bytes()).unwrap();
        assert_eq!(json, xml);
    }
    equal::<Bundle>("bundle");
    equal::<Vec<Bundle>>("bundles");
    equal::<Vec<BundleEntry>>("bundle_contents");
    equal::<Vec<BundleEntry>>("bundle_files");
}

#[test]
fn only_the_id_is_required() {
    let bare: Bundle = serde_json::from_str(r#"{"id":"1","paths":null,"expires_at":"x"}"#).unwrap();
    assert_eq!((bare.id.get(), bare.paths.len(), bare.url), (1, 0, None));
    let xml: Bundle = brickftp::xml::from_slice(br#"<bundle><id>1</id><paths type="array"/></bundle>"#).unwrap();
    assert_eq!(xml.paths.len(), 0);
    assert!(serde_json::from_str::<Bundle>("{}").is_err());
}

#[tokio::test]
async fn invalid_input_is_rejected_before_a_request() {
    let script = MockTransport::new();
    let client = scripted(&script);
    let bundles = client.bundles();
    let code = BundleAccess::new("c");
    let nothing: [&str; 0] = [];
    let long = "x".repeat(551);
    let mut rejected = vec![
        (bundles.create(NewBundle::new(nothing)).await.map(|_| ()), "paths "),
        (bundles.create(NewBundle::new(["a"]).password("")).await.map(|_| ()), "password "),
        (bundles.download_urls(&code, nothing).await.map(|_| ()), "paths "),
    ];
    for bad in ["", "/", "a//b", "../a", "a\r\nb", &long] {
        rejected.push((bundles.create(NewBundle::new(["a", bad])).await.map(|_| ()), "paths[1] "));
        rejected.push((bundles.download_urls(&code, ["a", "b", bad]).await.map(|_| ()), "paths[2] "));
    }
    for (access, field) in [
        (BundleAccess::new(""), "code "),
        (BundleAccess::new("c").host(""), "host "),
        (BundleAccess::new("c").password(""), "password "),
    ] {
        rejected.push((bundles.contents(&access, "").try_next().await.map(|_| ()), field));
        rejected.push((bundles.download_urls(&access, ["a"]).await.map(|_| ()), field));
    }
    rejected.push((bundles.contents(&code, "a/../b").try_next().await.map(|_| ()), "path "));
    rejected.push((bundles.contents(&code, "").page_size(5).try_next().await.map(|_| ()), "page_size "));
    for (result, field) in rejected {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidInput, Outcome::NotDone), "{error}");
        assert!(error.message().unwrap().starts_with(field), "{field}: {error}");
    }
    assert!(script.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn only_creating_a_bundle_is_not_retried() {
    let failing = || MockTransport::new().reply(502, &[], "").repeat_last();
    let (script, access) = (failing(), BundleAccess::new("c"));
    let error = scripted(&script).bundles().create(NewBundle::new(["a"])).await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (1, Outcome::Unknown));
    let script = failing();
    let error = scripted(&script).bundles().contents(&access, "").try_next().await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (3, Outcome::NotDone), "reading by POST");
    let script = failing();
    let error = scripted(&script).bundles().download_urls(&access, ["a"]).await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (3, Outcome::NotDone), "reading by POST");
    let script = MockTransport::new().reply(502, &[], "").reply(404, &[], "");
    scripted(&script).bundles().delete(id()).await.unwrap();
}

#[tokio::test]
async fn a_password_echoed_by_the_service_is_redacted() {
    let script = MockTransport::new()
        .reply(401, &[], r#"{"error":"the password hunter22 is wrong","http-code":"401"}"#)
        .repeat_last();
    let client = scripted(&script);
    let access = BundleAccess::new("c").password("hunter22");
    let bundle = NewBundle::new(["a"]).password("hunter22");
    let debug = format!("{access:?} {bundle:?}");
    for error in [
        client.bundles().contents(&access, "").try_next().await.map(|_| ()).unwrap_err(),
        client.bundles().download_urls(&access, ["a"]).await.map(|_| ()).unwrap_err(),
        client.bundles().create(bundle).await.map(|_| ()).unwrap_err(),
    ] {
        let line = format!("{error} {error:?}");
        assert!(line.contains("the password *** is wrong") && !line.contains("hunter22"), "{line}");
    }
    assert!(!debug.contains("hunter22"), "{debug}");
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    show => fn get_json(), fn get_xml();
    create => fn create_json(), fn create_xml();
    remove => fn delete_json(), fn delete_xml();
    contents => fn contents_json(), fn contents_xml();
    download_urls => fn download_urls_json(), fn download_urls_xml();
}
