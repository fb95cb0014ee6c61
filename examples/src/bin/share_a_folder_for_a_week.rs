//! Shares a folder for a week with people who use a browser.
//!
//! ```text
//! cargo run -p mft-examples --bin share_a_folder_for_a_week -- /outbox/q3/ --access-limit 25 --password
//! ```
//!
//! Needs `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY`, or `--simulate`. With `--password`, it
//! reads `SHARE_PASSWORD` or prompts for the password.
//!
//! Prints the URL of the link and its expiry.

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

/// Shares a folder for a week, read-only.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT)]
struct Arguments {
    /// The folder, relative to the storage root.
    folder: String,

    /// The maximum number of visits. The service then removes the link.
    #[arg(long, value_name = "TIMES", default_value_t = 0, hide_default_value = true)]
    access_limit: u64,

    /// Protects the link with a password from the environment or from a prompt.
    #[arg(long)]
    password: bool,

    /// Uses a simulator in this process.
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
    let link = account.client.share_links().create(link).await.map_err(|error| {
        let advice =
            if error.is_ambiguous() { "\nList the share links before trying again: the link may exist." } else { "" };
        format!("{}{advice}", with_causes(&error))
    })?;

    println!("{}", link.url.as_deref().unwrap_or("The response has no URL."));
    match link.expires_at.and_then(sftptogo::UnixMillis::to_system_time) {
        Some(end) => println!("It shares {folder} until {}.", httpdate::fmt_http_date(end)),
        None => println!("It shares {folder}. The response has no expiry."),
    }
    if let AccessLimit::Times(times) = link.access_limit {
        println!("It allows {times} visits.");
    }
    if arguments.password {
        println!("Send the password and the URL through different channels.");
    }
    Ok(())
}

fn password() -> Result<Secret, Failure> {
    if let Ok(password) = std::env::var("SHARE_PASSWORD") {
        return Ok(Secret::new(password));
    }
    eprint!("Password (visible while you type): ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
}
