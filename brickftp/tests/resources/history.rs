//! History: requests in both formats, and every documented response with its variants.

use crate::support::{Exchange, NOTHING, Service, both_formats, either, fixture, get, scripted, scripted_in};
use brickftp::transport::Body;
use brickftp::{
    ErrorKind, ExportFormat, Format, HistoryAction, HistoryEvent, HistoryInterface, HistoryPage, HistoryQuery,
    HistoryScope, OffsetDateTime, PermissionKind, UserId,
};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};

fn since() -> HistoryQuery {
    HistoryQuery::new().start_at("2018-01-01T00:00:00+01:00".parse().unwrap())
}

const SINCE: &str = "start_at=2018-01-01T00%3A00%3A00%2B01%3A00";

/// Returns the decoded value in wire form.
fn to_wire(event: &HistoryEvent) -> Value {
    let without_nulls = |mut value: Value| {
        value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        value
    };
    let targets: Vec<Value> = event
        .targets
        .iter()
        .map(|target| {
            let user = target.user.as_ref().map(|user| json!({ "id": user.id, "username": user.username }));
            let group = target.group.as_ref().map(|group| json!({ "id": group.id, "name": group.name }));
            let permission = target.permission.as_ref().map(|permission| {
                json!({ "id": permission.id, "permission": permission.permission, "recursive": permission.recursive })
            });
            without_nulls(json!({ "user": user, "group": group, "permission": permission }))
        })
        .collect();
    without_nulls(json!({
        "id": event.id, "when": event.when.as_ref().map(OffsetDateTime::as_str), "user_id": event.user_id,
        "username": event.username, "action": event.action, "failure_type": event.failure_type, "path": event.path,
        "source": event.source, "destination": event.destination,
        "targets": match targets.as_slice() { [] => Value::Null, [one] => one.clone(), many => many.into() },
        "ip": event.ip, "interface": event.interface, "display": event.display,
    }))
}

/// Each list sends the query and returns the fixture.
async fn list(
    format: Format,
    exchange: fn() -> Exchange,
    list: impl Fn(&Service, HistoryQuery) -> brickftp::Pager<HistoryEvent>,
) {
    let service = Service::answering(format, exchange().query(SINCE), 200, fixture("history", format)).await;
    let events = list(&service, since()).try_collect_vec().await.unwrap();
    let documented: Value = serde_json::from_str(&fixture("history", Format::Json)).unwrap();
    assert_eq!(events.iter().map(to_wire).collect::<Value>(), documented);
    for nothing in [either(format, NOTHING), either(format, ["[]", r#"<history type="array"/>"#])] {
        let service = Service::answering(format, exchange(), 200, nothing).await;
        assert!(list(&service, HistoryQuery::new()).try_next().await.unwrap().is_none());
    }
}

async fn site(format: Format) {
    list(format, || get("/history"), |service, query| service.client.history().site_with(query)).await;
}

async fn logins(format: Format) {
    list(format, || get("/history/login"), |service, query| service.client.history().logins_with(query)).await;
}

async fn user(format: Format) {
    let of_user = |service: &Service, query| service.client.history().user_with(UserId::new(41), query);
    list(format, || get("/history/users/41"), of_user).await;
}

async fn folder(format: Format) {
    let of_folder = |service: &Service, query| service.client.history().folder_with("/Staff/in box", query);
    list(format, || get("/history/folders/Staff/in%20box").without_suffix(), of_folder).await;
    let of_root = |service: &Service, query| service.client.history().folder_with("", query);
    list(format, || get("/history/folders").without_suffix(), of_root).await;
}

async fn file(format: Format) {
    let of_file = |service: &Service, query| service.client.history().file_with("Staff/a.json", query);
    list(format, || get("/history/files/Staff/a.json").without_suffix(), of_file).await;
}

#[test]
fn both_formats_of_a_history_are_equal_and_typed() {
    let json: Vec<HistoryEvent> = serde_json::from_str(&fixture("history", Format::Json)).unwrap();
    let xml: Vec<HistoryEvent> = brickftp::xml::from_slice(fixture("history", Format::Xml).as_bytes()).unwrap();
    assert_eq!(json, xml);
    assert_eq!(json[0].action, Some(HistoryAction::PermissionCreate));
    assert_eq!(json[0].when.as_ref().unwrap().offset_seconds(), -4 * 3600);
    let permission = json[0].targets[0].permission.as_ref().unwrap();
    assert_eq!((permission.permission.clone(), permission.recursive), (Some(PermissionKind::Full), Some(true)));
    assert_eq!((json[1].user_id, json[1].targets.len()), (None, 0));
    assert_eq!(json[2].interface, Some(HistoryInterface::Unknown("carrier_pigeon".to_owned())));
}

#[test]
fn targets_are_one_object_a_list_or_nothing() {
    for (json, xml, users) in [
        (
            r#"{"user":{"id":1,"username":"a"}}"#,
            "<targets><user><id>1</id><username>a</username></user></targets>",
            &[1][..],
        ),
        (
            r#"[{"user":{"id":"1"}},{"user":{"id":2}}]"#,
            r#"<targets type="array"><target><user><id>1</id></user></target><target><user><id type="integer">2</id></user></target></targets>"#,
            &[1, 2],
        ),
        ("[]", r#"<targets type="array"/>"#, &[]),
        ("{}", "<targets/>", &[]),
        ("null", r#"<targets nil="true"/>"#, &[]),
        (r#""""#, "<targets></targets>", &[]),
    ] {
        let json: HistoryEvent = serde_json::from_str(&format!(r#"{{"id":"7","targets":{json}}}"#)).unwrap();
        let xml: HistoryEvent =
            brickftp::xml::from_slice(format!("<event><id>7</id>{xml}</event>").as_bytes()).unwrap();
        assert_eq!(json, xml);
        let event_ids: Vec<u64> =
            json.targets.iter().map(|target| target.user.as_ref().unwrap().id.unwrap().get()).collect();
        assert_eq!(event_ids, users);
    }
    let bare: HistoryEvent = serde_json::from_str(r#"{"id":7,"when":"","user_id":null,"new":{}}"#).unwrap();
    assert_eq!(to_wire(&bare), json!({ "id": 7 }));
    let group = json!({ "id": 8, "action": "group_create", "targets": { "group": { "id": 3, "name": "Ops" } }, "display": "x" });
    assert_eq!(to_wire(&serde_json::from_value(group.clone()).unwrap()), group);
}

/// Returns a page of events with these ids.
fn page(format: Format, ids: impl IntoIterator<Item = u32>) -> String {
    match format {
        Format::Json => ids.into_iter().map(|id| json!({ "id": id, "action": "read" })).collect::<Value>().to_string(),
        Format::Xml => {
            let events = ids.into_iter().map(|id| format!(r#"<event><id type="integer">{id}</id></event>"#));
            format!(r#"<history type="array">{}</history>"#, events.collect::<Vec<_>>().concat())
        }
    }
}

#[tokio::test]
async fn new_events_do_not_repeat_older_ones() {
    for format in [Format::Json, Format::Xml] {
        // Two new events move 8 and 7 to the second page.
        let script = MockTransport::new()
            .reply(200, &[], page(format, [10, 9, 8, 7]))
            .reply(200, &[], page(format, [8, 7, 6, 5]))
            .reply(200, &[], page(format, [4]));
        let list = scripted_in(&script, format).history().site_with(since()).page_size(4);
        let ids: Vec<u64> = list.try_collect_vec().await.unwrap().iter().map(|event| event.id.get()).collect();
        assert_eq!(ids, [10, 9, 8, 7, 6, 5, 4]);
        let queries: Vec<String> = script.calls().iter().map(|call| call.uri.query().unwrap().to_owned()).collect();
        let expected = ["per_page=4", "page=2&per_page=4", "page=3&per_page=4"].map(|page| format!("{page}&{SINCE}"));
        assert_eq!(queries, expected);
    }
}

#[tokio::test]
async fn a_full_page_of_1000_is_followed_by_another_request() {
    let script = MockTransport::new().reply(200, &[], page(Format::Json, (1..=1000).rev())).reply(200, &[], "[]");
    let events = scripted(&script).history().logins().try_collect_vec().await.unwrap();
    assert_eq!((events.len(), script.calls().len()), (1000, 2));
    let script = MockTransport::new().reply(200, &[], page(Format::Json, [2, 1])).repeat_last();
    let error = scripted(&script).history().logins().page_size(2).try_collect_vec().await.unwrap_err();
    // After as many new events as a page has, one page contains nothing new.
    assert_eq!((error.kind(), script.calls().len()), (ErrorKind::Protocol, 3), "a service that ignores the page");
}

async fn read(mut body: Body) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(chunk) = body.chunk().await {
        all.extend_from_slice(&chunk.unwrap());
    }
    all
}

#[tokio::test]
async fn exports_use_suffix_or_accept_and_stream() {
    let scopes = [
        (HistoryScope::Site, "/history", true),
        (HistoryScope::Logins, "/history/login", true),
        (HistoryScope::User(UserId::new(41)), "/history/users/41", true),
        (HistoryScope::Folder("/Staff/in box".to_owned()), "/history/folders/Staff/in%20box", false),
        (HistoryScope::Folder(String::new()), "/history/folders", false),
        (HistoryScope::File("Staff/a.csv".to_owned()), "/history/files/Staff/a.csv", false),
    ];
    let formats = [
        (ExportFormat::Html, "html", "text/html"),
        (ExportFormat::Xls, "xls", "application/vnd.ms-excel"),
        (ExportFormat::Csv, "csv", "text/csv"),
    ];
    for (scope, path, suffixed) in scopes {
        for (format, suffix, media_type) in formats {
            let declared = format!("{media_type}; charset=utf-8");
            let script = MockTransport::new().reply(200, &[("content-type", &declared)], "id,when\n1,now\n");
            // The client's own format does not apply.
            let client = scripted_in(&script, Format::Xml);
            let export = client.history().export(scope.clone(), format).await.unwrap();
            assert_eq!(export.content_type.as_deref(), Some(declared.as_str()));
            assert_eq!(read(export.body).await, b"id,when\n1,now\n");
            let call = &script.calls()[0];
            let path = if suffixed { format!("{path}.{suffix}") } else { path.to_owned() };
            assert_eq!(call.uri.to_string(), format!("https://acme.brickftp.com/api/rest/v1{path}"));
            assert_eq!(call.headers.get_all("accept").iter().collect::<Vec<_>>(), [media_type]);
        }
    }
}

#[tokio::test]
async fn an_export_has_its_own_page_options() {
    let script = MockTransport::new().reply(200, &[], "").repeat_last();
    let client = scripted(&script);
    let export = |page| client.history().export_with(HistoryScope::Site, ExportFormat::Csv, page);
    let page_3 = HistoryPage::new().page(3).per_page(10_000).start_at("2018-01-01T00:00:00+01:00".parse().unwrap());
    let export_of_nothing = export(page_3).await.unwrap();
    assert_eq!(export_of_nothing.content_type, None);
    assert_eq!(script.calls()[0].uri.query(), Some(format!("page=3&per_page=10000&{SINCE}").as_str()));
    for (page, field) in [
        (HistoryPage::new().page(0), "page "),
        (HistoryPage::new().per_page(0), "per_page "),
        (HistoryPage::new().per_page(10_001), "per_page "),
    ] {
        let error = export(page).await.unwrap_err();
        assert!(error.is_invalid_input() && error.message().unwrap().starts_with(field), "{error}");
    }
    for scope in
        [HistoryScope::File(String::new()), HistoryScope::File("a//b".into()), HistoryScope::Folder("..".into())]
    {
        let error = client.history().export(scope, ExportFormat::Csv).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
    }
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_export_of_another_media_type_is_an_error() {
    for (format, declared) in [
        (ExportFormat::Csv, "text/html; charset=utf-8"),
        (ExportFormat::Xls, "TEXT/HTML"),
        (ExportFormat::Xls, "application/json"),
        (ExportFormat::Html, "application/json; charset=utf-8"),
    ] {
        let script = MockTransport::new().reply(200, &[("content-type", declared)], "<html>log in</html>");
        let error = scripted(&script).history().export(HistoryScope::Site, format).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Protocol, Some("brickftp.history.site")), "{error}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
    }
    let script = MockTransport::new().reply(503, &[], "").reply(403, &[], r#"{"error":"Forbidden","http-code":"403"}"#);
    let error = scripted(&script).history().export(HistoryScope::Logins, ExportFormat::Csv).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::PermissionDenied, Some("Forbidden")));
}

#[tokio::test]
async fn invalid_input_is_rejected_before_a_request() {
    let script = MockTransport::new();
    let client = scripted(&script);
    let history = client.history();
    for bad in ["a//b", "a/", "..", "a\n"] {
        for mut list in [history.folder_with(bad, since()), history.file_with(bad, since())] {
            let error = list.try_next().await.unwrap_err();
            assert!(error.is_invalid_input() && error.message().unwrap().starts_with("path "), "{error}");
        }
    }
    assert!(history.file_with("/", since()).try_next().await.unwrap_err().is_invalid_input());
    for size in [0, 10_001] {
        let error = history.site_with(since()).page_size(size).try_next().await.unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("page_size"), "{error}");
    }
    assert!(script.calls().is_empty());
}

both_formats! {
    #[tokio::test]
    site => fn site_json(), fn site_xml();
    logins => fn logins_json(), fn logins_xml();
    user => fn user_json(), fn user_xml();
    folder => fn folder_json(), fn folder_xml();
    file => fn file_json(), fn file_xml();
}
