//! No secret in anything that is traced, by this crate and by those below it.
//!
//! The only test of its process: a thread without a subscriber that comes first to a span would have it cached as
//! wanted by nobody.

use std::io::Write;
use std::sync::{Arc, Mutex};

use brickftp::{Access, Client, Format, Method, NewUser, Reauthentication, RetryPolicy, UserId, UserUpdate};
use tracing_subscriber::util::SubscriberInitExt;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[path = "support/markers.rs"]
mod markers;

use markers::{KEY, MARK, PASSWORD, REAUTHENTICATION, SESSION};

/// The key and `x`, as they are sent.
const BASIC: &str = "TUFSSy1hcGkta2V5Ong=";

/// What a subscriber wrote.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whatever sends or brings a secret, against a real socket, where reqwest and hyper write events of their own.
async fn everything(client: &Client) {
    let ada = UserId::new(41);
    let _ = client.sessions().login_guarded("ada", PASSWORD).await;
    let _ = client.users().create(NewUser::new("ada").password(PASSWORD)).await;
    let _ = client.users().update(ada, UserUpdate::new().password(PASSWORD)).await;
    let _ = client.users().delete(ada).await;
    let _ = client.users().list().try_collect_vec().await;
    let _ = client.api_keys().list(ada).try_collect_vec().await;
    let _ = client.sessions().logout().await;
    let _ = client.raw(Method::GET, "/users.json").query("token", "MARK-query").send().await;
}

#[tokio::test]
async fn nothing_that_is_traced_holds_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For this thread, on which the runtime runs the tasks of the connections too.
    // Records of the crate `log`, which reqwest writes, come along.
    let guard = subscriber.set_default();
    tracing::info!("the subscriber listens");
    let object = format!(r#"{{"id":"{SESSION}","key":"{KEY}"}}"#);
    let failure = format!(
        r#"{{"error":"{KEY} {SESSION} password:{REAUTHENTICATION}","errors":[{{"type":"{PASSWORD}","message":"{PASSWORD}"}}]}}"#
    );
    for (status, body) in [(200, object), (500, failure.clone()), (200, failure), (400, format!("<x>{KEY}</x>"))] {
        let server = MockServer::start().await;
        let reply = ResponseTemplate::new(status).set_body_raw(body, "application/json");
        Mock::given(any()).respond_with(reply).mount(&server).await;
        for (access, format) in [(Access::from(KEY), Format::Json), (Access::session(SESSION), Format::Xml)] {
            let builder = Client::builder("acme", access).base_url(server.uri()).allow_http().no_proxy().format(format);
            let client = builder.retry(RetryPolicy::none()).build().unwrap();
            everything(&client.with_reauthentication(Reauthentication::new(REAUTHENTICATION).on_every_call())).await;
        }
        let sent = server.received_requests().await.unwrap();
        let sent = sent.iter().map(|request| {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            format!("{} {:?} {body}", request.url, request.headers)
        });
        let sent = sent.collect::<String>();
        for marker in [BASIC, SESSION, PASSWORD, REAUTHENTICATION, "MARK-query"] {
            assert!(sent.contains(marker), "{marker} was not planted");
        }
    }
    drop(guard);
    let written = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(written.contains("the subscriber listens"));
    assert!(written.contains("reqwest::"), "the transport was not listened to");
    assert!(!cfg!(feature = "tracing") || written.contains("brickftp.users.delete"), "no span was written");
    let line = written.lines().find(|line| line.contains(MARK) || line.contains(BASIC));
    assert_eq!(line, None, "a secret was traced");
}
