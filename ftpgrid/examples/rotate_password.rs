//! Replaces the password of an FTP account. `FTP_USERNAME` selects the account; default: `dock-cam-7`.
//!
//! Needs `FTPGRID_ASSOCIATION_KEY`, `FTPGRID_ACCESS_KEY`, `FTPGRID_SECRET_KEY` and `FTPGRID_STORAGE_URL`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider ftpgrid -- cargo run --example rotate_password
//! ```

use ftpgrid::{AccessRights, Client, FtpAccountUpdate, NewFtpAccount, Secret};

#[tokio::main]
async fn main() -> ftpgrid::Result<()> {
    let client = Client::from_env()?;
    let accounts = client.ftp_accounts();
    let username = std::env::var("FTP_USERNAME").unwrap_or_else(|_| "dock-cam-7".to_owned());
    let new_password = Secret::new("another-example-pass-2");

    let existing = accounts.list().try_collect_vec().await?.into_iter().find(|account| account.username == username);
    if let Some(account) = existing {
        // The old password stops working at once.
        accounts.update(account.id, FtpAccountUpdate::new().password(new_password)).await?;
        println!("replaced the password of {username}");
    } else {
        let account = NewFtpAccount::new(&username, AccessRights::ReadOnly, "/").password(new_password);
        accounts.create(account).await?;
        println!("{username} did not exist and was created");
    }
    Ok(())
}
