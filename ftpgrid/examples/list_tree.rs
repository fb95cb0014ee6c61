//! Uploads a file and lists all files and directories of the storage.
//!
//! Needs `FTPGRID_ASSOCIATION_KEY`, `FTPGRID_ACCESS_KEY`, `FTPGRID_SECRET_KEY` and `FTPGRID_STORAGE_URL`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider ftpgrid -- cargo run --example list_tree
//! ```

use ftpgrid::Client;
use ftpgrid::transfer::Source;

#[tokio::main]
async fn main() -> ftpgrid::Result<()> {
    let client = Client::from_env()?;
    client.storage().upload("/inbox/2026/hello.txt", Source::bytes("Hello!")).await?;

    // The tree comes from a database that lags behind the storage, so the new file may be missing.
    let mut tree = client.storage().list_tree("/");
    let (mut files, mut bytes) = (0, 0);
    while let Some(entry) = tree.try_next().await? {
        println!("{}{}", entry.path, if entry.is_dir { "/" } else { "" });
        files += u64::from(!entry.is_dir);
        bytes += entry.size;
    }
    println!("{files} files with {bytes} bytes");
    Ok(())
}
