//! Verifies the signature of a webhook delivery and decodes its event.
//!
//! Usage: `cargo run --example verify_webhook --features webhooks SIGNATURE < BODY`.
//!
//! Prerequisites: the environment variable `WEBHOOK_SECRET`: the secret that `Webhooks::create` returned. A web service
//! passes the raw body and the header `X-Hub-Signature` of the request in the same way.

use std::io::Read as _;

use sftptogo::webhook_event::{EventData, Verifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verifier = Verifier::new([std::env::var("WEBHOOK_SECRET")?])?;
    let signature = std::env::args().nth(1);
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;

    match verifier.event(&body, signature.as_deref()) {
        Ok(event) => match event.data {
            EventData::FileCreated(file) => println!("created: {} ({:?} bytes)", file.path, file.size_bytes),
            EventData::FileDeleted(file) => println!("deleted: {}", file.path),
            EventData::FileDownloaded(file, download) => println!("downloaded: {} {:?}", file.path, download.protocol),
            other => println!("{}: {other:?}", event.topic),
        },
        Err(error) => println!("respond with {}: {error}", error.suggested_status()),
    }
    Ok(())
}
