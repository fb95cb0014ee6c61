//! The text syntax of fault rules.

use std::time::Duration;

use mft_simulator::{Fault, FaultRule};
use serde_json::json;

#[test]
fn rules_are_parsed_and_displayed() {
    let second = Duration::from_secs(1);
    let cases = [
        (
            "sftptogo.credentials.create:nth=2:status=503:retry-after=2",
            Fault::status(503).retry_after(2).on("sftptogo.credentials.create").nth(2),
        ),
        ("sftptogo.*:times=3:reset:after", Fault::reset().after_processing().on("sftptogo.*").times(3)),
        ("any:skip=1:stall", Fault::stall().always().after_skip(1)),
        (
            "any:chance=0.25:seed=7:delay=1500ms",
            Fault::delay(Duration::from_millis(1500)).always().chance(0.25).seed(7),
        ),
        ("any:rate-limit=5/1s", Fault::rate_limit(5, second).into()),
        ("any:status=307:location=http://127.0.0.1:9/x", Fault::redirect(307, "http://127.0.0.1:9/x").into()),
        ("any:status=502:html", Fault::status(502).html().into()),
        ("any:status=500:body-size=10737418240", Fault::status(500).body_of_size(10 << 30).into()),
        ("any:status=200:endless", Fault::status(200).endless_body().into()),
        (r#"any:body={"a":"b"\:c,"d":1}"#, Fault::replaced_body(r#"{"a":"b":c,"d":1}"#).into()),
        ("any:body=[]", Fault::empty_list().into()),
        ("any:storage-error", Fault::storage_error().into()),
        ("any:drip=1/30s", Fault::drip(1, 30 * second).into()),
        ("any:close", Fault::close_after_response().into()),
        ("any:interim=103", Fault::interim(103).into()),
        ("any:truncate", Fault::truncated().into()),
        ("any:reset-mid-body", Fault::reset_mid_body().into()),
        ("any:headers=1000/8192", Fault::many_headers(1000, 8192).into()),
        ("any:header=x-a=b=c\\:d", Fault::replaced_body("").header("x-a", "b=c:d").into()),
        (r"any:raw=HTTP/1.1 200 OK\r\n\r\n\x00\\", Fault::raw(&b"HTTP/1.1 200 OK\r\n\r\n\0\\"[..]).into()),
        ("any:extra-keys", Fault::extra_keys().into()),
        ("any:unknown-enums", Fault::unknown_enums().into()),
        ("any:numbers-as-strings", Fault::numbers_as_strings().into()),
        ("any:set=Alias=null", Fault::set_key("Alias", json!(null)).into()),
        ("any:without=Host", Fault::without_key("Host").into()),
        ("any:reset:early=1048576", Fault::reset().during_request(1 << 20).into()),
        ("any:status=403:early=0", Fault::status(403).during_request(0).into()),
        ("any:storage-code=SlowDown", Fault::storage_code("SlowDown").into()),
        ("any:storage-code=InternalError:after", Fault::storage_code("InternalError").after_processing().into()),
        ("any:truncate-unsized", Fault::truncated_unsized().into()),
        ("any:excess", Fault::excess_body().into()),
        ("any:ignore-header=if-match", Fault::ignored_header("If-Match").into()),
        ("any:replace-header=etag=\"x\"", Fault::replaced_header("ETag", "\"x\"").into()),
        ("any:remove-header=etag", Fault::removed_header("etag").into()),
        ("any:replace-status=206", Fault::replaced_status(206).into()),
        ("any:shift-content-range", Fault::shifted_content_range().into()),
        ("any:corrupt", Fault::corrupted().into()),
        ("any:expired-url", Fault::expired_url().into()),
        ("any:changed-content", Fault::changed_content().into()),
        ("any:slow-request=1000/1s", Fault::slow_request(1000, second).into()),
    ];
    for (text, expected) in cases {
        let rule: FaultRule = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        // Only the header case differs from the expected rule, by an empty body.
        let expected = expected.to_string().replace(":body=", if text.contains("header=") { "" } else { ":body=" });
        assert_eq!(rule.to_string(), expected, "{text}");
        assert_eq!(rule.to_string(), text);
    }
    for (short, long) in [
        ("*:garbage", format!("any:{}", Fault::garbage())),
        ("any:unauthorized", "any:status=401".into()),
        ("any:redirect=302:location=/x", "any:status=302:location=/x".into()),
        ("any:empty-list", "any:body=[]".into()),
        ("any:delay=120s", "any:delay=2m".into()),
        ("any:after:status=500", "any:status=500:after".into()),
        ("any:early:status=403", "any:status=403:early=0".into()),
        ("any:status=500:storage-code=SlowDown", "any:status=500:storage-code=SlowDown".into()),
        ("any:wrong-etag", format!("any:{}", Fault::wrong_etag())),
    ] {
        assert_eq!(short.parse::<FaultRule>().unwrap().to_string(), long, "{short}");
    }
}

#[test]
fn syntax_errors_are_explained() {
    for (text, message) in [
        ("", r#"in "": expected an operation, a prefix such as sftptogo.*, or any"#),
        ("status=503", r#"in "status=503": expected an operation first: a name, a prefix such as sftptogo.*, or any"#),
        ("any", r#"in "any": no fault; add one, such as status=503"#),
        ("any:nth=2", r#"in "any:nth=2": no fault; add one, such as status=503"#),
        ("any:nth=0:stall", r#"in "nth=0": expected a number from 1"#),
        ("any:status=99", r#"in "status=99": expected a number from 100 to 999"#),
        ("any:status", r#"in "status": expected a value after ="#),
        ("any:stall=1", r#"in "stall=1": this word takes no value"#),
        ("any:delay=5", r#"in "delay=5": expected a time such as 250ms, 2s or 1m"#),
        ("any:drip=1", r#"in "drip=1": expected a count and a time such as 10/1s"#),
        ("any:chance=2:stall", r#"in "chance=2": expected a number from 0 to 1"#),
        ("any:header=x", r#"in "header=x": expected header=NAME=VALUE"#),
        ("any:set=a=nul", r#"in "set=a=nul": expected set=KEY=JSON"#),
        ("any:interim=200", r#"in "interim=200": expected a number from 100 to 199"#),
        ("any:early=3", r#"in "any:early=3": no fault; add one, such as status=503"#),
        (
            "any:storage-code=Oops",
            r#"in "storage-code=Oops": expected an error code of the object storage, such as SlowDown"#,
        ),
        ("any:replace-status=100", r#"in "replace-status=100": expected a number from 200 to 999"#),
        ("any:replace-header=etag", r#"in "replace-header=etag": expected replace-header=NAME=VALUE"#),
        ("any:explode", r#"in "explode": unknown word"#),
        (
            r#"any:body={"ok":true}"#,
            r#"in "true}": unknown word; in a value, write \: for a colon before a lowercase letter"#,
        ),
    ] {
        assert_eq!(text.parse::<FaultRule>().unwrap_err().to_string(), message);
    }
}
