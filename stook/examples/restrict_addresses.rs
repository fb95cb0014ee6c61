//! Restricts all FTP accounts to the addresses of an office. `ADDRESSES` is a comma-separated list of ranges.
//!
//! Needs `STOOK_ORGANIZATION_UUID`, `STOOK_API_KEY` and `STOOK_API_SECRET`. With the simulator:
//!
//! ```console
//! $ mft-simulator --provider stook -- cargo run --example restrict_addresses
//! ```

use stook::{Client, FtpAccountUpdate, WrapRule};

#[tokio::main]
async fn main() -> stook::Result<()> {
    let client = Client::from_env()?;
    let addresses = std::env::var("ADDRESSES").unwrap_or_else(|_| "198.51.100.7,203.0.113.0/24".to_owned());
    let office = [WrapRule::allow(addresses.split(','))];

    let (mut updated, mut unchanged) = (0, 0);
    let mut accounts = client.ftp_accounts().list();
    while let Some(account) = accounts.try_next().await? {
        // Compares the rules by their meaning, because the service rewrites them.
        if account.has_wrap_rules(&office) {
            unchanged += 1;
            continue;
        }
        client.ftp_accounts().update(&account.uuid, FtpAccountUpdate::new().wrap_rules(office.clone())).await?;
        updated += 1;
    }
    println!("{updated} accounts updated, {unchanged} unchanged");
    Ok(())
}
