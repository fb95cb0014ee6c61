//! Shares a file through a password-protected bundle and prints the public link.
//!
//! Prerequisites: the environment variables `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`. The simulator sets them:
//! `mft-simulator --provider brickftp -- cargo run --example share_bundle`.

use brickftp::transfer::Source;
use brickftp::{BundleAccess, Client, NewBundle, Secret};

#[tokio::main]
async fn main() -> brickftp::Result<()> {
    let client = Client::from_env()?;
    let password = Secret::from("example-only");
    let file = client.files().upload("Press/release.txt", Source::from(b"We are pleased.".to_vec())).await?;

    let bundle = client.bundles().create(NewBundle::new([file.path]).password(password.clone())).await?;
    println!("created {}", bundle.url.unwrap_or_default());

    let access = BundleAccess::new(bundle.code.unwrap_or_default()).password(password);
    let mut entries = client.bundles().contents(&access, "");
    while let Some(entry) = entries.try_next().await? {
        println!("contains {}", entry.path);
    }
    Ok(())
}
