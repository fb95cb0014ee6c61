//! Calls an endpoint for which the crate has no method, with the client's authentication, retries and errors.
//!
//! Prerequisites: the environment variable `USEBUCKETS_API_KEY`. The simulator sets it:
//! `mft-simulator --provider usebuckets -- cargo run --example call_any_endpoint`.

use usebuckets::Client;
use usebuckets::raw::{Idempotency, Method};

#[tokio::main]
async fn main() -> usebuckets::Result<()> {
    let client = Client::from_env()?;
    // The path is the documented path as it follows the base URL.
    let response = client
        .raw(Method::GET, "/buckets")
        .query("limit", "10")
        .idempotency(Idempotency::Safe) // permits retries
        .into_call()
        .await?;
    println!("{}: {} bytes", response.status, response.body.len());
    Ok(())
}
