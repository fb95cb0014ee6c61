//! Lists all credentials with their SFTP endpoints.
//!
//! Prerequisites: the environment variables `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`. The simulator sets them:
//! `mft-simulator --provider sftptogo -- cargo run --example list_credentials`.

use sftptogo::Client;

#[tokio::main]
async fn main() -> sftptogo::Result<()> {
    let client = Client::from_env()?;
    let mut credentials = client.credentials().list();
    let mut count = 0;
    while let Some(credential) = credentials.try_next().await? {
        count += 1;
        match credential.file_access() {
            Some(access) => println!("{}: sftp -P {} {}", credential.id, access.sftp.port, access.sftp.host),
            None => println!("{}: no host", credential.id),
        }
    }
    println!("{count} credentials");
    Ok(())
}
