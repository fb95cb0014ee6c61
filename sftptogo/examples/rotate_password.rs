//! Rotates the password of a credential and reports whether the password changed.
//!
//! Usage: `cargo run --example rotate_password [USER_NAME]`. Without a user name, rotates the first credential.
//!
//! Prerequisites: the environment variables `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`. The simulator sets them:
//! `mft-simulator --provider sftptogo -- cargo run --example rotate_password`.

use sftptogo::{Client, Error, Outcome};

#[tokio::main]
async fn main() -> sftptogo::Result<()> {
    let client = Client::from_env()?;
    let user_name = std::env::args().nth(1);
    let credentials = client.credentials().list().try_collect_vec().await?;
    let selected = |name: &str| user_name.as_deref().is_none_or(|user_name| user_name == name);
    let Some(credential) = credentials.iter().find(|credential| selected(credential.login_name())) else {
        return Err(Error::invalid_input("USER_NAME", "is not a user name of this organization"));
    };

    match client.credentials().rotate_password_and_fetch(&credential.id).await {
        Ok(rotated) => {
            let length = rotated.password.map_or(0, |password| password.expose().len());
            println!("{} has a new password of {length} characters", credential.login_name());
            Ok(())
        }
        Err(error) if error.outcome() == Outcome::NotDone => {
            println!("the old password is still valid");
            Err(error)
        }
        Err(error) => {
            println!("the password may have changed: get the credential");
            Err(error)
        }
    }
}
