//! Creates a bucket and handles the case in which the outcome is unknown.
//!
//! Usage: `cargo run --example create_bucket [NAME]`.
//!
//! Prerequisites: the environment variable `USEBUCKETS_API_KEY`. The simulator sets it:
//! `mft-simulator --provider usebuckets -- cargo run --example create_bucket`.

use usebuckets::{Client, NewBucket, Outcome};

#[tokio::main]
async fn main() -> usebuckets::Result<()> {
    let client = Client::from_env()?;
    let name = std::env::args().nth(1).unwrap_or_else(|| "Northwind intake".to_owned());
    match client.buckets().create(NewBucket::new(&name)).await {
        Ok(bucket) => {
            println!("created {}: users connect to {}", bucket.id, bucket.host.unwrap_or_default());
            Ok(())
        }
        // Names are not unique: a second request could create a second bucket.
        Err(error) if error.outcome() == Outcome::Unknown => {
            let buckets = client.buckets().list().try_collect_vec().await?;
            let matches = buckets.iter().filter(|bucket| bucket.name.as_deref() == Some(&name)).count();
            println!("the outcome is unknown: {matches} buckets have this name");
            Err(error)
        }
        Err(error) => Err(error),
    }
}
