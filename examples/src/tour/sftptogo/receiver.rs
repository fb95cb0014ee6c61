//! The other end of a webhook, for the tour. The example `verify_a_webhook` explains how one is written.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sftptogo::webhook_event::{SIGNATURE_HEADER, Verifier, WebhookEvent};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

type Inbox = mpsc::Sender<WebhookEvent>;

/// Receives deliveries until it is dropped.
pub(super) struct Receiver {
    events: mpsc::Receiver<WebhookEvent>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Receiver {
    pub(super) fn start(listener: TcpListener, verifier: Verifier) -> Self {
        let (inbox, events) = mpsc::channel(16);
        let app = Router::new().route("/hook", post(receive)).with_state((verifier, inbox));
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        Self { events, server }
    }

    /// The event that came first and was not taken yet, if there is one.
    pub(super) fn take(&mut self) -> Option<WebhookEvent> {
        self.events.try_recv().ok()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(State((verifier, inbox)): State<(Verifier, Inbox)>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
    match verifier.event(&body, signature) {
        Ok(event) => match inbox.try_send(event) {
            Ok(()) => StatusCode::NO_CONTENT,
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        },
        Err(error) => error.suggested_status(),
    }
}
