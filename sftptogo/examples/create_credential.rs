//! Creates a credential that can log in from one network, and adds an SSH key if a file is given.
//!
//! Usage: `cargo run --example create_credential [PUBLIC_KEY_FILE]`.
//!
//! Prerequisites: the environment variables `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`. The simulator sets them:
//! `mft-simulator --provider sftptogo -- cargo run --example create_credential`.

use sftptogo::{Client, CredentialPermission, InboundProtocol, InboundRule, NewCredential};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let office = InboundRule::allow("203.0.113.0/24").protocol(InboundProtocol::Sftp).description("Office");
    let new = NewCredential::new()
        .alias("Nightly intake")
        .permission(CredentialPermission::WriteOnly)
        .inbound_rules([office]);
    let credential = client.credentials().create(new).await?;
    println!("created {} with the user name {}", credential.id, credential.login_name());

    if let Some(file) = std::env::args().nth(1) {
        let key = client.ssh_keys().add(&credential.id, &std::fs::read_to_string(file)?).await?;
        println!("added the SSH key {}", key.fingerprint.unwrap_or_default());
    }
    Ok(())
}
