//! A webhook receiver for the tour. The example `verify_a_webhook` explains how to write one.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sftptogo::webhook_event::WebhookError;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Walk;

/// Receives deliveries until it is dropped.
pub(super) struct Receiver<E> {
    events: mpsc::Receiver<E>,
    server: JoinHandle<io::Result<()>>,
}

impl<E: Send + 'static> Receiver<E> {
    /// Starts a receiver that passes each body and the signature from this header to `verify`.
    pub(super) fn start(
        listener: TcpListener,
        signature_header: &'static str,
        verify: impl Fn(&[u8], Option<&str>) -> Result<E, WebhookError> + Send + Sync + 'static,
    ) -> Self {
        let (inbox, events) = mpsc::channel(16);
        let verify = Arc::new(verify);
        let receive = move |headers: HeaderMap, body: Bytes| {
            let (verify, inbox) = (Arc::clone(&verify), inbox.clone());
            async move {
                let signature = headers.get(signature_header).and_then(|value| value.to_str().ok());
                match verify(&body, signature) {
                    Ok(event) => match inbox.try_send(event) {
                        Ok(()) => StatusCode::NO_CONTENT,
                        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
                    },
                    Err(error) => error.suggested_status(),
                }
            }
        };
        let app = Router::new().route("/hook", post(receive));
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        Self { events, server }
    }

    /// Returns the oldest event that was not taken yet.
    pub(super) fn take(&mut self) -> Option<E> {
        self.events.try_recv().ok()
    }
}

impl<E> Drop for Receiver<E> {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Binds a listener for a receiver and returns it with its URL.
pub(super) async fn listen(walk: &mut Walk<'_>) -> Option<(TcpListener, String)> {
    let bound = async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        Ok::<_, io::Error>((listener, format!("http://{address}/hook")))
    };
    match bound.await {
        Ok(bound) => Some(bound),
        Err(error) => {
            walk.see("Listen for deliveries", Err(error.to_string()));
            None
        }
    }
}
