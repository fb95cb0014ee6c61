//! Replaces the password of an FTP account. `FTP_ACCOUNT_UUID` selects the account; default: the first one of the list.
//!
//! Needs `STOOK_ORGANIZATION_UUID`, `STOOK_API_KEY` and `STOOK_API_SECRET`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider stook -- cargo run --example rotate_password
//! ```

use stook::{Client, FtpAccountId, FtpAccountUpdate, Secret};

#[tokio::main]
async fn main() -> stook::Result<()> {
    let client = Client::from_env()?;
    let id = match std::env::var("FTP_ACCOUNT_UUID") {
        Ok(uuid) => Some(FtpAccountId::from(uuid)),
        Err(_) => client.ftp_accounts().list().try_next().await?.map(|account| account.uuid),
    };
    let Some(id) = id else {
        println!("there is no FTP account");
        return Ok(());
    };
    let update = FtpAccountUpdate::new().password(Secret::new("Another-Example-2!"));
    let account = client.ftp_accounts().update(&id, update).await?;
    println!("replaced the password of {}", account.name.unwrap_or_default());
    Ok(())
}
