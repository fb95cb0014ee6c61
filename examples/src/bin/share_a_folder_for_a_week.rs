//! Shares a folder with people who have nothing but a browser, for a week.
//!
//! ```text
//! cargo run -p mft-examples --bin share_a_folder_for_a_week -- /outbox/q3/ --access-limit 25 --password
//! ```
//!
//! Needs `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`, or `--simulate`. With `--password` also `SHARE_PASSWORD`,
//! or somebody to type it.
//!
//! Prints the address to hand out, and when it ends.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use clap::Parser;
use mft_examples::{Failure, SftptogoAccount, exit_code, with_causes};
use sftptogo::{AccessLimit, NewShareLink, Secret, SharePermission};

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const ENVIRONMENT: &str = "\
Environment:
  SFTPTOGO_ORGANIZATION_ID, SFTPTOGO_API_KEY  the account
  SHARE_PASSWORD                              the password, for --password";

/// Shares a folder for a week, for reading.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT)]
struct Arguments {
    /// The folder, counted from the root of the storage.
    folder: String,

    /// How often the link can be opened; then the service removes it.
    #[arg(long, value_name = "TIMES", default_value_t = 0, hide_default_value = true)]
    access_limit: u64,

    /// Protects it by a password: the one in the environment, or one that is asked for.
    #[arg(long)]
    password: bool,

    /// Works on a simulator in this process.
    #[arg(long, visible_alias = "simulator")]
    simulate: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(share(&Arguments::parse()).await)
}

async fn share(arguments: &Arguments) -> Result<(), Failure> {
    let account = SftptogoAccount::open(arguments.simulate).await?;
    let folder = format!("{}/", arguments.folder.trim_end_matches('/'));
    let mut link = NewShareLink::folder(&folder, SharePermission::ReadOnly)
        .expires_at(SystemTime::now() + WEEK)
        .access_limit(arguments.access_limit);
    if arguments.password {
        link = link.password(password()?);
    }
    let made = account.client.share_links().create(link).await.map_err(|error| {
        let advice =
            if error.is_ambiguous() { "\nList the share links before trying again: it may be there." } else { "" };
        format!("{}{advice}", with_causes(&error))
    })?;

    println!("{}", made.url.as_deref().unwrap_or("The service did not say the address."));
    match made.expires_at.and_then(sftptogo::UnixMillis::to_system_time) {
        Some(end) => println!("It shows {folder} until {}.", httpdate::fmt_http_date(end)),
        None => println!("It shows {folder}, and the service did not say until when."),
    }
    if let AccessLimit::Times(times) = made.access_limit {
        println!("It can be opened {times} times.");
    }
    if arguments.password {
        println!("Send the password by another way than the address.");
    }
    Ok(())
}

fn password() -> Result<Secret, Failure> {
    if let Ok(password) = std::env::var("SHARE_PASSWORD") {
        return Ok(Secret::new(password));
    }
    eprint!("Password (it shows while you type): ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}
