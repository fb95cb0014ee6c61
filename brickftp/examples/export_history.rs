//! Exports the history of the site as a CSV file.
//!
//! Usage: `cargo run --example export_history [FILE]`. Default: `history.csv` in the temporary directory.
//!
//! Prerequisites: the environment variables `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`. The simulator sets them:
//! `mft-simulator --provider brickftp -- cargo run --example export_history`.

use std::io::Write as _;
use std::path::PathBuf;

use brickftp::{Client, ExportFormat, HistoryPage, HistoryScope};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let client = Client::from_env()?;
    let target = std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("history.csv"), PathBuf::from);

    let page = HistoryPage::new().per_page(10_000);
    let mut export = client.history().export_with(HistoryScope::Site, ExportFormat::Csv, page).await?;
    let mut file = std::fs::File::create(&target)?;
    let mut bytes = 0;
    while let Some(chunk) = export.body.chunk().await {
        let chunk = chunk?;
        bytes += chunk.len();
        file.write_all(&chunk)?;
    }
    println!("exported {bytes} bytes to {}", target.display());
    Ok(())
}
