//! Creates a user with access to one folder, and adds an SSH public key if a file is given.
//!
//! Usage: `cargo run --example create_user [PUBLIC_KEY_FILE]`.
//!
//! Prerequisites: the environment variables `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`. The simulator sets them:
//! `mft-simulator --provider brickftp -- cargo run --example create_user`.

use brickftp::{Client, GrantedPermission, NewPublicKey, NewUser, Secret};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let folder = "Partners/ada";
    let new = NewUser::new("ada")
        .password(Secret::from("correct horse battery staple"))
        .user_root(format!("{folder}/"))
        .grant_permission(GrantedPermission::ReadWrite)
        .ftp_permission(false);
    let user = client.users().create(new).await?;
    println!("created user {} with the root {}", user.id, user.user_root.unwrap_or_default());

    if let Some(file) = std::env::args().nth(1) {
        let key = NewPublicKey::new("laptop").openssh(std::fs::read_to_string(file)?);
        let key = client.public_keys().create(user.id, key).await?;
        println!("added the SSH key {}", key.fingerprint.unwrap_or_default());
    }
    Ok(())
}
