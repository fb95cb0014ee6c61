//! Contradictions of the reference. Each test covers a row of the list of inconsistencies that concerns decoding, by
//! its number: all documented forms decode to the same value. Rows about requests are in the tests of their operations,
//! rows about whole responses in `client_behavior.rs`.

use std::fmt::Debug;

use brickftp::{
    Behavior, Bundle, File, Group, HistoryAction, HistoryEvent, HistoryInterface, Membership, Notification, Permission,
    PermissionKind, UploadPart, User, UserId,
};
use serde::de::DeserializeOwned;

/// Decodes all forms, JSON or XML, and asserts the same of each.
fn same<T: DeserializeOwned, V: PartialEq + Debug>(
    row: &str,
    spellings: &[&str],
    expected: &V,
    look: impl Fn(&T) -> V,
) {
    for text in spellings {
        let value: T = if text.starts_with('<') {
            brickftp::xml::from_slice(text.as_bytes()).unwrap_or_else(|error| panic!("{row}: {text}: {error}"))
        } else {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{row}: {text}: {error}"))
        };
        assert_eq!(look(&value), *expected, "{row}: {text}");
    }
}

#[test]
fn all_forms_of_ids_and_id_lists_are_decoded() {
    same(
        "I1",
        &[
            r#"{"id":"7","user_id":"41"}"#,
            r#"{"id":7,"user_id":41}"#,
            r#"<notification><id type="integer">7</id><user_id>41</user_id></notification>"#,
        ],
        &(7, Some(41)),
        |one: &Notification| (one.id.get(), one.user_id.map(UserId::get)),
    );
    let lists = |user: &User| user.admin_group_ids.clone().map(|ids| ids.iter().map(|id| id.get()).collect::<Vec<_>>());
    same(
        "I3",
        &[
            r#"{"id":1,"admin_group_ids":"2,9"}"#,
            r#"{"id":1,"admin_group_ids":[2,9]}"#,
            r#"{"id":1,"admin_group_ids":["2","9"]}"#,
            r#"<user><id type="integer">1</id><admin_group_ids>2,9</admin_group_ids></user>"#,
            r#"<user><id>1</id><admin_group_ids type="array"><admin_group_id type="integer">2</admin_group_id><x>9</x></admin_group_ids></user>"#,
        ],
        &Some(vec![2, 9]),
        lists,
    );
    same(
        "I3, none",
        &[
            r#"{"id":1,"admin_group_ids":[]}"#,
            r#"{"id":1,"admin_group_ids":""}"#,
            r#"<user><id>1</id><admin_group_ids type="array"/></user>"#,
            "<user><id>1</id><admin_group_ids></admin_group_ids></user>",
        ],
        &Some(vec![]),
        lists,
    );
    let members = |group: &Group| group.user_ids.as_ref().map(|ids| ids.iter().map(|id| id.get()).collect::<Vec<_>>());
    let group = [r#"{"id":7,"user_ids":"41,43"}"#, "<group><id>7</id><user_ids>41,43</user_ids></group>"];
    same("I3, members", &group, &Some(vec![41, 43]), members);
}

#[test]
fn unset_fields_are_not_sent() {
    same(
        "I10",
        &[r#"{"path":"a","size":null}"#, r#"<file><path>a</path><size nil="true"/></file>"#],
        &None,
        |f: &File| f.size,
    );
    let zero = [r#"{"path":"a","size":0}"#, r#"<file><path>a</path><size type="integer">0</size></file>"#];
    same("I10, by the text", &zero, &Some(0), |file: &File| file.size);
    for (spelling, expected) in [("1", Some(true)), ("true", Some(true)), ("\"0\"", Some(false)), ("null", None)] {
        let json = format!(r#"{{"path":"a","subfolders_locked?":{spelling}}}"#);
        same("I11", &[&json], &expected, |file: &File| file.subfolders_locked);
    }
    same("I11, absent", &[r#"{"path":"a"}"#], &None, |file: &File| file.subfolders_locked);
    for (spelling, expected) in [("null", None), ("\"\"", Some(String::new()))] {
        let json = format!(r#"{{"id":1,"language":{spelling}}}"#);
        same("I13", &[&json], &expected, |user: &User| user.language.clone());
    }
    let site = [r#"{"id":1,"user_id":null}"#, r#"<bundle><id>1</id><user_id nil="true"/></bundle>"#];
    same("I14", &site, &None, |bundle: &Bundle| bundle.user_id);
    for (json, xml, expected) in [
        ("null", r#"<last_protocol_cipher nil="true"/>"#, None),
        ("\"TLSv1.2\"", "<last_protocol_cipher>TLSv1.2</last_protocol_cipher>", Some("TLSv1.2".to_owned())),
    ] {
        let spellings =
            [format!(r#"{{"id":1,"last_protocol_cipher":{json}}}"#), format!("<user><id>1</id>{xml}</user>")];
        let spellings: Vec<&str> = spellings.iter().map(String::as_str).collect();
        same("I15", &spellings, &expected, |user: &User| user.last_protocol_cipher.clone());
    }
}

#[test]
fn enum_values_objects_and_times_are_preserved() {
    for (word, expected) in [("readonly", PermissionKind::ReadOnly), ("read", PermissionKind::from("read"))] {
        let json = format!(r#"{{"id":1,"permission":"{word}"}}"#);
        same("I6", &[&json], &Some(expected), |one: &Permission| one.permission.clone());
    }
    for spelling in ["true", "\"true\"", "1"] {
        let json = format!(r#"{{"group_id":7,"user_id":41,"admin":{spelling}}}"#);
        same("I24", &[&json], &Some(true), |one: &Membership| one.admin);
    }
    same(
        "I25",
        &[
            r#"{"id":1,"targets":{"user":{"id":43}}}"#,
            r#"{"id":1,"targets":[{"user":{"id":43}}]}"#,
            r#"<event><id>1</id><targets><user><id type="integer">43</id></user></targets></event>"#,
        ],
        &vec![Some(43)],
        |event: &HistoryEvent| {
            event.targets.iter().map(|target| target.user.as_ref().and_then(|user| user.id).map(UserId::get)).collect()
        },
    );
    same("I25, absent", &[r#"{"id":1}"#, "<event><id>1</id></event>"], &(None, 0), |event: &HistoryEvent| {
        (event.path.clone(), event.targets.len())
    });
    let future = [
        r#"{"id":1,"action":"archive","interface":"satellite"}"#,
        "<event><id>1</id><action>archive</action><interface>satellite</interface></event>",
    ];
    let values = (Some(HistoryAction::from("archive")), Some(HistoryInterface::from("satellite")));
    same("I27", &future, &values, |event: &HistoryEvent| (event.action.clone(), event.interface.clone()));
    for (text, offset) in [
        ("2017-02-03T09:12:44-05:00", -18_000),
        ("2018-05-02T10:00:00-04:00", -14_400),
        ("2018-05-01T00:00:00+00:00", 0),
        ("2018-05-01T00:00:00.250Z", 0),
    ] {
        let spellings = [
            format!(r#"{{"id":1,"last_login_at":"{text}"}}"#),
            format!(r#"<user><id>1</id><last_login_at type="dateTime">{text}</last_login_at></user>"#),
            format!(r#"<user><id>1</id><last_login_at type="datetime">{text}</last_login_at></user>"#),
        ];
        let spellings: Vec<&str> = spellings.iter().map(String::as_str).collect();
        same("I28, X3", &spellings, &Some((text.to_owned(), offset)), |user: &User| {
            user.last_login_at.as_ref().map(|moment| (moment.as_str().to_owned(), moment.offset_seconds()))
        });
    }
    let address = "https://s/o?a=1&b=2";
    same(
        "I20, X2",
        &[
            r#"{"ref":"put-1","action":"write","upload_uri":"https://s/o?a=1\u0026b=2"}"#,
            "<upload><ref>put-1</ref><action>put/write</action><upload_uri>https://s/o?a=1&b=2</upload_uri></upload>",
            "<upload><ref>put-1</ref><upload_uri>https://s/o?a=1&amp;b=2</upload_uri></upload>",
        ],
        &Some(address.to_owned()),
        |part: &UploadPart| part.upload_uri.as_ref().map(|address| address.expose().to_owned()),
    );
}

#[test]
fn malformed_xml_of_the_service_is_accepted() {
    same(
        "X1, X5",
        &[
            r#"<file><path>a</path><subfolders_locked? nil="true"/></file>"#,
            r#"<file><path>a</path><subfolders_locked nil="true" /></file>"#,
            r#"<file><path>a</path><subfolders-locked nil="true"/></file>"#,
        ],
        &("a".to_owned(), None),
        |file: &File| (file.path.clone(), file.subfolders_locked),
    );
    let one = r#"<file><path>a</path><subfolders_locked? type="integer">1</subfolders_locked?></file>"#;
    same("X1", &[one], &Some(true), |file: &File| file.subfolders_locked);
    same(
        "X6",
        &[
            "<permission><id>61</id></permission>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<permission><id>61</id></permission>",
        ],
        &61,
        |permission: &Permission| permission.id.get(),
    );
    same(
        "X8",
        &[
            r#"<permission><id>1</id><permission type="symbol">full</permission></permission>"#,
            "<permission><id>1</id><permission>full</permission></permission>",
        ],
        &Some(PermissionKind::Full),
        |permission: &Permission| permission.permission.clone(),
    );
    same(
        "X9",
        &[
            r#"<behavior><path>a</path><behavior>webhook</behavior><value type="array"><value>u</value></value></behavior>"#,
            r#"{"path":"a","behavior":"webhook","value":["u"]}"#,
        ],
        &(None, vec!["u".to_owned()]),
        |behavior: &Behavior| {
            let urls = behavior.webhook_urls().into_iter().map(str::to_owned).collect();
            (behavior.id.map(brickftp::BehaviorId::get), urls)
        },
    );
    same(
        "X10",
        &[
            "<upload><ref>put-1</ref><headers></headers><parameters type=\"array\"/></upload>",
            r#"{"ref":"put-1","headers":{},"parameters":[]}"#,
            r#"{"ref":"put-1"}"#,
        ],
        &(0, 0),
        |part: &UploadPart| (part.headers.len(), part.parameters.len()),
    );
}
