//! Uploads a file, prints the progress, and downloads it again.
//!
//! Usage: `cargo run --example upload_with_progress [FILE]`. Without a file, uploads 16 MiB from memory.
//!
//! Prerequisites: the environment variables `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`. The simulator sets them:
//! `mft-simulator --provider brickftp -- cargo run --example upload_with_progress`.

use brickftp::Client;
use brickftp::transfer::Source;

#[tokio::main]
async fn main() -> brickftp::Result<()> {
    let client = Client::from_env()?;
    let source = match std::env::args().nth(1) {
        Some(file) => Source::file(file),
        None => Source::from(vec![7; 16 << 20]),
    };

    let upload = client.files().upload("Incoming/upload.bin", source).parallel(4).start();
    let mut progress = upload.progress();
    let printer = tokio::spawn(async move {
        while let Some(now) = progress.changed().await {
            println!("{} of {:?} bytes", now.bytes, now.total);
        }
    });
    let file = upload.join().await?;
    let _ = printer.await;
    println!("uploaded {} with {} bytes", file.path, file.size_or_zero());

    let target = std::env::temp_dir().join("brickftp-download.bin");
    let downloaded = client.files().download(&file.path).to_file(&target).await?;
    println!("downloaded {} bytes to {}", downloaded.size, target.display());
    Ok(())
}
