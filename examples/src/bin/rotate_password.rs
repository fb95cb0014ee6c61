//! Rotates the password of a credential, and explains the outcome if the call fails.
//!
//! ```text
//! cargo run -p mft-examples --bin rotate_password -- intake-robot-01 --write-to robot.password
//! ```
//!
//! Needs `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`, or `--simulate`.
//!
//! Prints the result and the name of the file with the new password, never the password itself.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use mft_examples::{Failure, SecretFile, SftptogoAccount, exit_code, masked, with_causes};
use sftptogo::{Client, Credential, Error, Outcome};

/// Rotates the password of a credential.
#[derive(Parser)]
#[command(after_help = "SFTPTOGO_ORGANIZATION_ID and SFTPTOGO_API_KEY select the account.")]
struct Arguments {
    /// The id or username of the credential.
    credential: String,

    /// Writes the new password to this file, readable only by its owner.
    #[arg(long, value_name = "FILE")]
    write_to: Option<PathBuf>,

    /// Uses a simulator in this process that has this credential.
    #[arg(long, visible_alias = "simulator")]
    simulate: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(rotate(&Arguments::parse()).await)
}

async fn rotate(arguments: &Arguments) -> Result<(), Failure> {
    let account = SftptogoAccount::open(arguments.simulate).await?;
    if let Some(simulator) = &account.simulator {
        let _ = simulator.state().add_credential(|credential| credential.user_name.clone_from(&arguments.credential));
    }
    let credential = find(&account.client, &arguments.credential).await?;
    // Open the file first: if it cannot be written, keep the old password.
    let file = arguments.write_to.as_deref().map(SecretFile::open).transpose()?;

    let rotated = account.client.credentials().rotate_password_and_fetch(&credential.id).await;
    let rotated = rotated.map_err(|error| format!("{}\n{}", with_causes(&error), what_is_known(&error)))?;

    println!("The password of {} was rotated. Open sessions continue.", rotated.login_name());
    if rotated.is_default {
        println!(
            "It is the root credential: if an application uses SFTPTOGO_URL, that variable may contain the old password."
        );
    }
    match (file, &rotated.password) {
        (Some(file), Some(password)) => {
            file.write(password)?;
            println!("The file contains the new password.");
        }
        (Some(_), None) => return Err("the service withholds the new password, so the file is unchanged".into()),
        (None, password) => {
            println!("The new password is {}; use --write-to FILE to save it.", masked(password.as_ref()));
        }
    }
    Ok(())
}

async fn find(client: &Client, wanted: &str) -> Result<Credential, Failure> {
    let mut credentials = client.credentials().list();
    while let Some(credential) = credentials.try_next().await? {
        if credential.login_name() == wanted || credential.id.as_str() == wanted {
            return Ok(credential);
        }
    }
    Err(format!("no credential has the id or username {wanted:?}").into())
}

/// The client never retries a rotation, because a second one would replace the first password.
fn what_is_known(error: &Error) -> &'static str {
    match error.outcome() {
        Outcome::NotDone => "The password was not rotated: the old one is valid.",
        Outcome::Unknown => {
            "The password may have been rotated. Do not rotate again: fetch the credential, which has the valid password."
        }
        Outcome::Done => "The password was rotated, and fetching it failed. Do not rotate again: fetch the credential.",
    }
}
