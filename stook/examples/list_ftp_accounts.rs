//! Lists all FTP accounts.
//!
//! Needs `STOOK_ORGANIZATION_UUID`, `STOOK_API_KEY` and `STOOK_API_SECRET`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider stook -- cargo run --example list_ftp_accounts
//! ```

use stook::Client;

#[tokio::main]
async fn main() -> stook::Result<()> {
    let client = Client::from_env()?;
    let mut accounts = client.ftp_accounts().list();
    let mut count = 0;
    while let Some(account) = accounts.try_next().await? {
        let state = if account.login_allowed == Some(false) { "disabled" } else { "enabled" };
        println!("{} {} {state}", account.uuid, account.name.unwrap_or_default());
        count += 1;
    }
    println!("{count} accounts");
    Ok(())
}
