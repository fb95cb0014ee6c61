//! Rotates the password of a login, and says what is known if that goes wrong.
//!
//! ```text
//! cargo run -p mft-examples --bin rotate_password -- intake-robot-01 --write-to robot.password
//! ```
//!
//! Needs `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`, or `--simulate`.
//!
//! Prints that the password was rotated and where the new one is, never the password itself.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use mft_examples::{Failure, SecretFile, SftptogoAccount, exit_code, masked, with_causes};
use sftptogo::{Client, Credential, Error, Outcome};

/// Rotates the password of a login.
#[derive(Parser)]
#[command(after_help = "SFTPTOGO_ORGANIZATION_ID and SFTPTOGO_API_KEY name the account.")]
struct Arguments {
    /// The id or the user name of the credential.
    credential: String,

    /// Writes the new password, and nothing else, to this file, which only its owner can read.
    #[arg(long, value_name = "FILE")]
    write_to: Option<PathBuf>,

    /// Works on a simulator in this process, which has a login of that name.
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
    // Before the rotation: where the file cannot be written, the old password had better stay.
    let file = arguments.write_to.as_deref().map(SecretFile::open).transpose()?;

    let rotated = account.client.credentials().rotate_password_and_fetch(&credential.id).await;
    let rotated = rotated.map_err(|error| format!("{}\n{}", with_causes(&error), what_is_known(&error)))?;

    println!("The password of {} was rotated. Open sessions go on.", rotated.login_name());
    if rotated.is_default {
        println!("It is the root credential: SFTPTOGO_URL, where an application has it, may hold the old password.");
    }
    match (file, &rotated.password) {
        (Some(file), Some(password)) => {
            file.write(password)?;
            println!("The new one is in the file.");
        }
        (Some(_), None) => return Err("the service withholds the new password, so the file is as it was".into()),
        (None, password) => println!("The new one is {}; --write-to FILE keeps it.", masked(password.as_ref())),
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
    Err(format!("no credential has the id or the user name {wanted:?}").into())
}

/// A rotation is never repeated by the client, because the second would undo the first.
fn what_is_known(error: &Error) -> &'static str {
    match error.outcome() {
        Outcome::NotDone => "Nothing was rotated: the old password is valid.",
        Outcome::Unknown => {
            "The password may have been rotated. Do not rotate again: fetch the credential, which has the valid one."
        }
        Outcome::Done => "The password was rotated, and fetching it failed. Do not rotate again: fetch the credential.",
    }
}
