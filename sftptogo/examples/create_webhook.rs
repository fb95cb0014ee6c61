//! Creates a webhook for uploaded files and prints its state.
//!
//! Usage: `cargo run --example create_webhook [URL]`.
//!
//! Prerequisites: the environment variables `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`. The simulator sets them:
//! `mft-simulator --provider sftptogo -- cargo run --example create_webhook`.

use sftptogo::{Client, NewWebhook, WebhookTopic, WebhookType};

#[tokio::main]
async fn main() -> sftptogo::Result<()> {
    let client = Client::from_env()?;
    let url = std::env::args().nth(1).unwrap_or_else(|| "https://hooks.example.net/sftptogo".to_owned());
    let new = NewWebhook::new(WebhookType::Webhook, url, [WebhookTopic::FileCreated]).alias("Intake");
    let webhook = client.webhooks().create(new).await?;
    // Only this response contains the signing secret. Store it for the receiver.
    let has_secret = webhook.secret.is_some();
    println!("created {}: state {:?}, signing secret returned: {has_secret}", webhook.id, webhook.state);
    Ok(())
}
