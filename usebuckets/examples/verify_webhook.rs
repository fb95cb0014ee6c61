//! Verifies the signature of a webhook delivery and decodes its event.
//!
//! Usage: `cargo run --example verify_webhook --features webhooks SIGNATURE < BODY`.
//!
//! Prerequisites: the environment variable `NOTIFICATION_KEY`: the account's notification key. A web service passes the
//! raw body and the header `x-buckets-signature` of the request in the same way.

use std::io::Read as _;

use usebuckets::webhook_event::{EventKind, Verifier};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verifier = Verifier::new([std::env::var("NOTIFICATION_KEY")?])?;
    let signature = std::env::args().nth(1);
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;

    match verifier.event(&body, signature.as_deref()) {
        Ok(event) => match event.kind() {
            EventKind::File => println!("{}: {}", event.event, event.file_path.unwrap_or_default()),
            EventKind::User => println!("{}: {:?}", event.event, event.user_id),
            _ => println!("{}: {:?}", event.event, event.bucket_id),
        },
        Err(error) => println!("respond with {}: {error}", error.suggested_status()),
    }
    Ok(())
}
