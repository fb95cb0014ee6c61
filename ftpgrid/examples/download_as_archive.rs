//! Uploads two files and downloads both as one ZIP archive.
//!
//! Needs `FTPGRID_ASSOCIATION_KEY`, `FTPGRID_ACCESS_KEY`, `FTPGRID_SECRET_KEY` and `FTPGRID_STORAGE_URL`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider ftpgrid -- cargo run --example download_as_archive
//! ```

use ftpgrid::Client;
use ftpgrid::transfer::Source;

#[tokio::main]
async fn main() -> ftpgrid::Result<()> {
    let client = Client::from_env()?;
    let reports = [("/reports/q1.csv", "1;100"), ("/reports/q2.csv", "2;250")];
    client.storage().upload_many(reports.map(|(path, content)| (path, Source::bytes(content)))).await?;

    let archive = std::env::temp_dir().join("ftpgrid-reports.zip");
    let download = client.storage().download_many(reports.map(|(path, _)| path));
    let result = download.to_file(&archive).await?;
    println!("{:?} of {} bytes in {}", result.file.kind, result.size, archive.display());
    Ok(())
}
