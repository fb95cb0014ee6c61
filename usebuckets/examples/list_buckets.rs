//! Lists all buckets, 1000 per page, with the number of users.
//!
//! Prerequisites: the environment variable `USEBUCKETS_API_KEY`. The simulator sets it:
//! `mft-simulator --provider usebuckets -- cargo run --example list_buckets`.

use usebuckets::Client;

#[tokio::main]
async fn main() -> usebuckets::Result<()> {
    let client = Client::from_env()?;
    let mut buckets = client.buckets().list().page_size(1000);
    let mut count = 0;
    while let Some(bucket) = buckets.try_next().await? {
        count += 1;
        let users = client.users().list(&bucket.id).try_collect_vec().await?;
        println!("{} {}: {} users", bucket.id, bucket.name.unwrap_or_default(), users.len());
    }
    println!("{count} buckets");
    Ok(())
}
