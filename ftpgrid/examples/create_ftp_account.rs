//! Creates an FTP account that is confined to one directory, and lists all accounts.
//!
//! Needs `FTPGRID_ASSOCIATION_KEY`, `FTPGRID_ACCESS_KEY`, `FTPGRID_SECRET_KEY` and `FTPGRID_STORAGE_URL`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider ftpgrid -- cargo run --example create_ftp_account
//! ```

use ftpgrid::{AccessRights, Client, NewFtpAccount};

#[tokio::main]
async fn main() -> ftpgrid::Result<()> {
    let client = Client::from_env()?;
    let camera = NewFtpAccount::new("dock-cam-7", AccessRights::ReadWrite, "/cams/7")
        .password("an-example-pass-1")
        .description("Dock camera");
    let created = client.ftp_accounts().create(camera).await?;
    println!("created account {:?}", created.id());

    let mut accounts = client.ftp_accounts().list();
    while let Some(account) = accounts.try_next().await? {
        println!("{} {} in {}", account.id, account.username, account.chroot);
    }
    Ok(())
}
