//! Receives webhooks: checks the signature, decodes the event, answers as the service wants it.
//!
//! ```text
//! WEBHOOK_SECRETS=whsec-new,whsec-old cargo run -p mft-examples --bin verify_a_webhook -- --listen 127.0.0.1:8080
//! cargo run -p mft-examples --bin verify_a_webhook -- --self-test
//! ```
//!
//! Needs the signing secret in `WEBHOOK_SECRETS`; during a rotation the new one and the old one, with a comma between.
//! The service speaks https only, so put a proxy with a certificate before it. `--self-test` needs nothing: a simulator
//! in this process plays the service.
//!
//! Prints a line for each event, once, and for each delivery that is refused.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::process::ExitCode;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use clap::Parser;
use mft_examples::{Account, Failure, exit_code};
use mft_simulator::sftptogo::Event;
use sftptogo::webhook_event::{EventData, SIGNATURE_HEADER, Verifier, WebhookEvent};
use sftptogo::{NewWebhook, WebhookTopic, WebhookType};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Receives and verifies webhooks.
#[derive(Parser)]
#[command(after_help = "WEBHOOK_SECRETS holds the signing secret; during a rotation both, with a comma between.")]
struct Arguments {
    /// Where to listen for POST /hook.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Creates a webhook in a simulator, lets it deliver events to this program, and ends.
    #[arg(long)]
    self_test: bool,
}

#[derive(Clone)]
struct Receiver {
    verifier: Verifier,
    inbox: mpsc::Sender<WebhookEvent>,
}

/// Answers first and works later. 204: it is ours now. 401 and 400: never send this again. 503: send it again later.
async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
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

/// The work itself. A real application keeps the ids of three days in its database.
async fn work(mut events: mpsc::Receiver<WebhookEvent>) {
    let mut seen = HashSet::new();
    while let Some(event) = events.recv().await {
        if !seen.insert(event.id.clone()) {
            continue;
        }
        // In quotes, which also keeps a file's name from talking to the terminal.
        match event.data {
            EventData::FileCreated(file) => {
                println!("created: {:?}, {} bytes", file.path, file.size_bytes.unwrap_or_default());
            }
            EventData::FileDeleted(file) => println!("deleted: {:?}", file.path),
            EventData::FileDownloaded(file, _) => println!("downloaded: {:?}", file.path),
            EventData::Ping(_) => println!("ping"),
            _ => println!("something new: {:?}", event.topic),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    exit_code(if arguments.self_test { self_test().await } else { listen(arguments.listen).await })
}

async fn listen(address: SocketAddr) -> Result<(), Failure> {
    let secrets = std::env::var("WEBHOOK_SECRETS").map_err(
        |_| "WEBHOOK_SECRETS is not set: it holds the secret that creating the webhook returned. See also --self-test.",
    )?;
    let verifier = Verifier::new(secrets.split(','))?;
    let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    println!("Waiting for POST http://{}/hook", listener.local_addr()?);
    serve(listener, verifier).await
}

async fn self_test() -> Result<(), Failure> {
    let account = Account::simulated().await?;
    let Some(simulator) = account.simulator else { return Err("there is no simulator".into()) };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let topics = [WebhookTopic::FileCreated, WebhookTopic::FileDeleted, WebhookTopic::FileDownloaded];
    let webhook = account.client.webhooks().create(NewWebhook::new(WebhookType::Webhook, url, topics)).await?;
    let signing_secret = webhook.secret.ok_or("the service withheld the secret")?;
    let server = tokio::spawn(serve(listener, Verifier::new([signing_secret, "the-secret-before".into()])?));

    simulator.raise_event(Event::file_created("inbox/café 1.csv", 2048));
    simulator.raise_event(Event::file_downloaded("inbox/café 1.csv", 2048));
    simulator.raise_event(Event::file_deleted("inbox/café 1.csv"));
    simulator.deliveries_settled().await;
    println!("-- the owner rotates the secret in the dashboard, and forgets to tell this program");
    simulator.state().rotate_webhook_secret(webhook.id.as_str());
    simulator.raise_event(Event::file_created("inbox/2.csv", 1));
    simulator.deliveries_settled().await;

    let answers: Vec<_> =
        simulator.deliveries().iter().flat_map(|one| one.attempts.clone()).map(|it| it.status).collect();
    server.abort();
    println!("answered: {}", answers.iter().flatten().map(u16::to_string).collect::<Vec<_>>().join(", "));
    let good = answers == [Some(204), Some(204), Some(204), Some(401)];
    if good { Ok(()) } else { Err("the answers should be 204, 204, 204, 401".into()) }
}
