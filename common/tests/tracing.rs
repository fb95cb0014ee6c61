//! Spans and events of the pipeline, without secrets.

#![cfg(feature = "tracing")]

mod support;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use mft_common::testing::MockTransport;
use mft_common::transport::Body;
use mft_common::{Error, Result, Secret};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use support::{Answer, KEY, build, call, client, reply, settings};

type Fields = BTreeMap<&'static str, String>;

/// A span or event: its name and level, its declared fields, and the fields with a value.
#[derive(Debug, Clone, Default)]
struct Seen {
    name: String,
    declared: Vec<&'static str>,
    fields: Fields,
    closed: bool,
}

/// Spans have ids, events have none.
type Numbered = (Option<u64>, Seen);

#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<Numbered>>>);

struct Visitor<'a>(&'a mut Fields);

impl Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        let metadata = attributes.metadata();
        let mut seen = Seen { name: format!("{} {}", metadata.level(), metadata.name()), ..Seen::default() };
        seen.declared = metadata.fields().iter().map(|field| field.name()).collect();
        attributes.record(&mut Visitor(&mut seen.fields));
        self.0.lock().unwrap().push((Some(id.into_u64()), seen));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.with(id, |seen| values.record(&mut Visitor(&mut seen.fields)));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut seen = Seen { name: format!("{} event", event.metadata().level()), ..Seen::default() };
        event.record(&mut Visitor(&mut seen.fields));
        self.0.lock().unwrap().push((None, seen));
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.with(&id, |seen| seen.closed = true);
    }
}

impl Capture {
    fn with(&self, id: &Id, change: impl FnOnce(&mut Seen)) {
        let mut all = self.0.lock().unwrap();
        // Span ids are reused. The latest span is meant.
        let found = all.iter_mut().rev().find(|(known, _)| *known == Some(id.into_u64()));
        if let Some((_, seen)) = found {
            change(seen);
        }
    }

    fn named(&self, name: &str) -> Vec<Seen> {
        self.0.lock().unwrap().iter().filter(|(_, seen)| seen.name == name).map(|(_, seen)| seen.clone()).collect()
    }
}

/// Runs on the current thread, because the subscriber is thread-local.
fn observed<T>(work: impl Future<Output = T>) -> (T, Capture) {
    let capture = Capture::default();
    let subscriber = tracing_subscriber::registry().with(capture.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let result = tracing::subscriber::with_default(subscriber, || runtime.block_on(work));
    (result, capture)
}

fn text_of(fields: &Fields) -> String {
    fields.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{name}={value}");
        text
    })
}

#[test]
fn a_call_and_each_attempt_have_one_span_with_exactly_these_fields() {
    let script = MockTransport::new().reply(429, &[("retry-after", "2")], "").reply(200, &[], "1");
    let (result, capture) = observed(async {
        let sent = client(&script).call("parcels.get", http::Method::GET, "/parcels/{id}", &[&"p-1"]);
        sent.safe().query("page", "3").query("token", "hunter2").json::<u8>().await
    });
    assert_eq!(result.unwrap(), 1);
    let attempts = capture.named("INFO http_request");
    assert_eq!(
        attempts[0].declared,
        [
            "otel.name",
            "otel.kind",
            "otel.status_code",
            "operation",
            "http.request.method",
            "http.request.resend_count",
            "http.response.status_code",
            "url.template",
            "url.full",
            "server.address",
            "server.port",
            "error.type",
        ]
    );
    let common = "http.request.method=GET\n";
    let place = "server.address=api.example.com\nserver.port=443\n\
                 url.full=https://api.example.com/v1/parcels/p-1?page=3&token=REDACTED\nurl.template=/parcels/{id}\n";
    let operation = "operation=parcels.get\n";
    let name = "otel.kind=client\notel.name=GET /parcels/{id}\n";
    assert_eq!(
        text_of(&attempts[0].fields),
        format!(
            "error.type=429\n{common}http.response.status_code=429\n{operation}{name}otel.status_code=ERROR\n{place}"
        )
    );
    assert_eq!(
        text_of(&attempts[1].fields),
        format!("{common}http.request.resend_count=1\nhttp.response.status_code=200\n{operation}{name}{place}")
    );
    let calls = capture.named("INFO mft_call");
    assert_eq!((attempts.len(), calls.len()), (2, 1));
    assert_eq!(calls[0].declared, ["otel.name", "otel.kind", "otel.status_code", "error.type"]);
    assert_eq!(text_of(&calls[0].fields), "otel.kind=internal\notel.name=parcels.get\n");
    let events = capture.named("DEBUG event");
    let event = "attempt=2\ndelay_ms=2000\nerror.type=429\nmessage=retrying\noperation=parcels.get\n";
    assert_eq!((events.len(), text_of(&events[0].fields).as_str()), (1, event));
    assert_eq!(capture.0.lock().unwrap().len(), 4, "no other output");
}

#[test]
fn error_type_has_low_cardinality() {
    type Step = fn(MockTransport) -> MockTransport;
    // The response of all three attempts, and `error.type` of the attempt and of the call.
    let cases: [(Step, Option<&str>, &str); 8] = [
        (|s| s.refuse_connection(), Some("connect"), "connect"),
        (|s| s.hang(), Some("timeout"), "timeout"),
        (|s| s.break_connection(), Some("interrupted"), "interrupted"),
        (|s| s.truncated_body(200, "1"), Some("interrupted"), "interrupted"),
        (|s| s.reply(503, &[], ""), Some("503"), "503"),
        (|s| s.reply(404, &[], ""), Some("404"), "404"),
        (|s| s.reply(302, &[], ""), Some("other"), "other"),
        // The attempt succeeded, but the call did not.
        (|s| s.reply(200, &[], "<html>"), None, "decode"),
    ];
    for (step, of_attempt, of_call) in cases {
        let script = step(MockTransport::new()).repeat_last();
        let (result, capture) = observed(async { call(&client(&script)).safe().json::<u8>().await });
        let error: Error = result.unwrap_err();
        let attempts = capture.named("INFO http_request");
        assert_eq!(attempts.len(), error.attempts() as usize);
        for (index, attempt) in attempts.iter().enumerate() {
            assert_eq!(attempt.fields.get("error.type").map(String::as_str), of_attempt, "{error}");
            let resent = (index > 0).then(|| index.to_string());
            assert_eq!(attempt.fields.get("http.request.resend_count"), resent.as_ref());
        }
        let calls = capture.named("INFO mft_call");
        assert_eq!(calls[0].fields["error.type"], of_call);
        assert_eq!(calls[0].fields["otel.status_code"], "ERROR");
        let retries = capture.named("DEBUG event");
        assert_eq!(retries.len(), attempts.len() - 1);
        assert!(retries.iter().all(|event| event.fields["error.type"] == of_call), "{retries:?}");
    }
}

#[test]
fn a_retried_delete_that_finds_no_object_is_not_an_error() {
    let script = MockTransport::new().reply(500, &[], "").reply(404, &[], "");
    let (result, capture) = observed(async { call(&client(&script)).deletes().await });
    result.unwrap();
    assert!(!capture.named("INFO mft_call")[0].fields.contains_key("error.type"));
}

#[test]
fn the_span_of_a_streamed_response_ends_with_its_body() {
    let (body, capture) = observed(async {
        let pipeline = build(settings(Answer(|_: &_| reply(200, Body::from("abc")))));
        call(&pipeline).safe().stream().await.unwrap().into_body()
    });
    assert!(!capture.named("INFO http_request")[0].closed);
    drop(body);
    assert!(capture.named("INFO http_request")[0].closed);
}

#[derive(serde::Serialize)]
struct Pin {
    #[serde(serialize_with = "mft_common::secret::expose")]
    pin: Secret,
}

#[test]
fn no_secret_is_recorded_at_any_level() {
    let text = Arc::new(Mutex::new(Vec::new()));
    let writer = Writer(text.clone());
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(everything()));
    let text = String::from_utf8(text.lock().unwrap().clone()).unwrap();
    assert!(text.contains("http_request") && text.contains("REDACTED"), "{text}");
    for secret in [KEY, "hunter2", "k3y-query"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

async fn everything() {
    let words = format!("{KEY} hunter2");
    let script = MockTransport::new().reply(500, &[], words.clone()).reply(401, &[("x-request-id", KEY)], words);
    let failed: Result<u8> = call(&client(&script))
        .idempotent()
        .query("key", "k3y-query")
        .json_body(&Pin { pin: "hunter2".into() })
        .json()
        .await;
    failed.unwrap_err();
    // The layers below the default transport emit events too.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut local = mft_common::provider::Settings::default();
    local.base_url(format!("http://{}", listener.local_addr().unwrap()));
    local.allow_http();
    local.reqwest(mft_common::transport::ReqwestTransportBuilder::no_proxy);
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let sent = call(&build(local)).non_idempotent().query("key", "k3y-query").json_body(&Pin { pin: "hunter2".into() });
    sent.json::<u8>().no_retry().await.unwrap_err();
}

#[derive(Clone)]
struct Writer(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
