//! Creates a read-only share link to a folder that expires in a week.
//!
//! Usage: `cargo run --example share_folder [FOLDER]`. The path of a folder ends with `/`.
//!
//! Prerequisites: the environment variables `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`. The simulator sets them:
//! `mft-simulator --provider sftptogo -- cargo run --example share_folder`.

use std::time::{Duration, SystemTime};

use sftptogo::{Client, NewShareLink, SharePermission};

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[tokio::main]
async fn main() -> sftptogo::Result<()> {
    let client = Client::from_env()?;
    let folder = std::env::args().nth(1).unwrap_or_else(|| "/outbox/".to_owned());
    let new = NewShareLink::folder(folder, SharePermission::ReadOnly)
        .expires_at(SystemTime::now() + WEEK)
        .access_limit(20)
        .notes("created by the example share_folder");
    let link = client.share_links().create(new).await?;
    println!("{} leads to {}", link.url.unwrap_or_default(), link.path.unwrap_or_default());
    Ok(())
}
