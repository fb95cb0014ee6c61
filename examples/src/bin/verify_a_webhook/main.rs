//! Receives webhooks: verifies the signature, decodes the event, and responds with the expected status.
//!
//! ```text
//! WEBHOOK_SECRETS=whsec-new,whsec-old cargo run -p mft-examples --bin verify_a_webhook -- --listen 127.0.0.1:8080
//! cargo run -p mft-examples --bin verify_a_webhook -- --service usebuckets --self-test
//! ```
//!
//! Needs the signing secret in `WEBHOOK_SECRETS`; during a rotation, the new and the old one, separated by a comma. The
//! services deliver over https only, so put a TLS proxy in front. `--self-test` needs no account: it uses a simulator in
//! this process.
//!
//! Prints one line for each event and for each rejected delivery.

mod self_test;
mod service;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::process::ExitCode;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use clap::Parser;
use mft_examples::{Failure, exit_code};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use self::service::{Event, Service, Verifier};

/// Receives and verifies webhooks.
#[derive(Parser)]
#[command(after_help = "WEBHOOK_SECRETS has the signing secret; during a rotation, both, separated by a comma.")]
struct Arguments {
    /// The service that sends the webhooks.
    #[arg(long, value_enum, default_value = "sftptogo")]
    service: Service,

    /// The address to listen on for POST /hook.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Creates a webhook in a simulator, receives its deliveries, and exits.
    #[arg(long)]
    self_test: bool,
}

#[derive(Clone)]
struct Receiver {
    verifier: Verifier,
    inbox: mpsc::Sender<Event>,
}

/// Responds first and processes later. 204: accepted. 401: invalid signature. 400: malformed body. 503: deliver again later.
async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get(receiver.verifier.header()).and_then(|value| value.to_str().ok());
    match receiver.verifier.event(&body, signature) {
        Ok(event) => match receiver.inbox.try_send(event) {
            Ok(()) => StatusCode::NO_CONTENT,
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        },
        Err(error) => {
            println!("refused: {error}");
            error.suggested_status()
        }
    }
}

async fn serve(listener: TcpListener, verifier: Verifier) -> Result<(), Failure> {
    let (inbox, events) = mpsc::channel(100);
    let app = Router::new().route("/hook", post(receive)).with_state(Receiver { verifier, inbox });
    tokio::spawn(work(events));
    Ok(axum::serve(listener, app).await?)
}

/// Processes events. A real application keeps three days of deduplication keys in its database.
async fn work(mut events: mpsc::Receiver<Event>) {
    let mut delivered = HashSet::new();
    while let Some(event) = events.recv().await {
        if delivered.insert(event.deduplication_key()) {
            println!("{event}");
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(match (arguments.self_test, arguments.service) {
        (false, service) => listen(service, arguments.listen).await,
        (true, Service::Sftptogo) => self_test::sftptogo().await,
        (true, Service::Usebuckets) => self_test::usebuckets().await,
    })
}

async fn listen(service: Service, address: SocketAddr) -> Result<(), Failure> {
    let secrets = std::env::var("WEBHOOK_SECRETS")
        .map_err(|_| "WEBHOOK_SECRETS is not set. Set it to the signing secret of the webhook, or use --self-test.")?;
    let verifier = Verifier::new(service, secrets.split(',')).map_err(|error| format!("WEBHOOK_SECRETS: {error}"))?;
    let listener = TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    println!("Waiting for POST http://{}/hook", listener.local_addr()?);
    serve(listener, verifier).await
}
