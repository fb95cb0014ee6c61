//! Uploads a file and prints the progress. `FILE` selects the file; default: `Cargo.toml`.
//!
//! Needs `FTPGRID_ASSOCIATION_KEY`, `FTPGRID_ACCESS_KEY`, `FTPGRID_SECRET_KEY` and `FTPGRID_STORAGE_URL`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider ftpgrid -- cargo run --example upload_with_progress
//! ```

use ftpgrid::Client;
use ftpgrid::transfer::Source;

#[tokio::main]
async fn main() -> ftpgrid::Result<()> {
    let client = Client::from_env()?;
    let file = std::env::var("FILE").unwrap_or_else(|_| "Cargo.toml".to_owned());

    let upload = client.storage().upload("/inbox/upload.bin", Source::file(file)).start();
    let mut progress = upload.progress();
    let printer = tokio::spawn(async move {
        while let Some(snapshot) = progress.changed().await {
            println!("{} of {:?} bytes", snapshot.bytes, snapshot.total);
        }
    });
    upload.join().await?;
    printer.await.expect("the printer does not panic");

    let stored = client.storage().find_file("/inbox/upload.bin").await?;
    println!("stored {:?} bytes", stored.map(|file| file.size));
    Ok(())
}
