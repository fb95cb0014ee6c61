//! Creates a bucket and a read-only credential for it, and prints its access key.
//!
//! Needs `STOOK_ORGANIZATION_UUID`, `STOOK_API_KEY` and `STOOK_API_SECRET`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider stook -- cargo run --example create_credential
//! ```

use stook::{Client, NewBucket, NewCredential};

#[tokio::main]
async fn main() -> stook::Result<()> {
    let client = Client::from_env()?;
    let bucket = client.buckets().create(NewBucket::new("example-reports")).await?;
    let reader = NewCredential::new("reader", [bucket.uuid]).read_only(true);
    let credential = client.credentials().create(reader).await?;

    // The response to a create call may lack the access key.
    let credential = client.credentials().get(&credential.uuid).await?;
    println!("access key: {}", credential.access_key.unwrap_or_default());
    println!("secret key: only in the control panel");
    Ok(())
}
