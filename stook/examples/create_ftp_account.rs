//! Creates a bucket and an FTP account that can log in from one address only.
//!
//! Needs `STOOK_ORGANIZATION_UUID`, `STOOK_API_KEY` and `STOOK_API_SECRET`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider stook -- cargo run --example create_ftp_account
//! ```

use stook::{Client, NewBucket, NewFtpAccount, Secret, WrapRule};

#[tokio::main]
async fn main() -> stook::Result<()> {
    let client = Client::from_env()?;
    let bucket = client.buckets().create(NewBucket::new("example-cameras")).await?;
    let camera = NewFtpAccount::new("camera1", Secret::new("Example-Only-1!"), bucket.uuid, "cam1")
        .wrap_rules([WrapRule::allow(["198.51.100.7"])]);
    let account = client.ftp_accounts().create(camera).await?;

    // The service extends the name and prefixes the path with the name of the bucket.
    println!("UUID:       {}", account.uuid);
    println!("login name: {}", account.name.unwrap_or_default());
    println!("path:       {}", account.path.unwrap_or_default());
    Ok(())
}
