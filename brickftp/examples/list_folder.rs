//! Lists the entries of a folder, the largest first, and the total size of everything below it.
//!
//! Usage: `cargo run --example list_folder [PATH]`. Without a path, lists the root of the site.
//!
//! Prerequisites: the environment variables `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`. The simulator sets them:
//! `mft-simulator --provider brickftp -- cargo run --example list_folder`.

use brickftp::{Client, ListFolder, SortBy, SortOrder};

#[tokio::main]
async fn main() -> brickftp::Result<()> {
    let client = Client::from_env()?;
    let path = std::env::args().nth(1).unwrap_or_default();

    let largest_first = ListFolder::new().sort_by(SortBy::Size, SortOrder::Descending);
    let mut entries = client.folders().list_with(&path, largest_first);
    while let Some(entry) = entries.try_next().await? {
        let kind = if entry.is_folder() { "folder" } else { "file" };
        println!("{:>12} {kind:6} {}", entry.size_or_zero(), entry.path);
    }
    println!("{:>12} total", client.folders().size(&path).await?);
    Ok(())
}
