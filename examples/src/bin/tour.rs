//! Shows every operation of every client at work.
//!
//! ```text
//! cargo run -p mft-examples --bin tour
//! ```
//!
//! Needs nothing: it starts simulators of the services in this process and talks to them over the loopback address. With
//! `--live` it reads from the accounts that the environment names.
//!
//! Prints what it does, step by step, with what came of it; then every operation with its requests, and how many
//! operations were covered and faults survived. Ends with 1 if anything was not as it should be.

use std::process::ExitCode;

use clap::{Parser, ValueEnum as _};
use mft_examples::tour::Chapter;
use mft_examples::{Failure, Narrator, exit_code};

const ENVIRONMENT: &str = "\
Environment, for --live:
  SFTPTOGO_ORGANIZATION_ID, SFTPTOGO_API_KEY   the account of SFTP To Go to read from
  FTPGRID_ASSOCIATION_KEY, FTPGRID_ACCESS_KEY, FTPGRID_SECRET_KEY, FTPGRID_STORAGE_URL   that of ftpGrid
  BRICKFTP_SUBDOMAIN, BRICKFTP_API_KEY         the site of BrickFTP
  USEBUCKETS_API_KEY                           the account of Buckets
  STOOK_ORGANIZATION_UUID, STOOK_API_KEY, STOOK_API_SECRET   the organization of Stook
  SFTPTOGO_BASE_URL and so on                  other addresses, such as those of the program mft-simulator

Colours appear on terminals only, and not where NO_COLOR is set.";

/// Shows every operation of every client at work, and checks each outcome.
///
/// Needs no account: the services are simulated in this process. No secret is printed. Ends with 1 if anything was not
/// as it should be.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT)]
struct Arguments {
    /// Reads from the real services instead, those that the environment names, and changes nothing there.
    #[arg(long)]
    live: bool,

    /// Visits this service alone.
    #[arg(long, value_enum, value_name = "SERVICE")]
    only: Option<Chapter>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    exit_code(tour(&Arguments::parse()).await)
}

async fn tour(arguments: &Arguments) -> Result<(), Failure> {
    let mut narrator = Narrator::stdout();
    let mut failed = 0;
    let all = Chapter::value_variants();
    // Where the environment names no account at all, the first one that is missed says so.
    let some_are_configured = all.iter().any(|chapter| chapter.is_configured());
    for chapter in all {
        let is_wanted = match arguments.only {
            Some(only) => only == *chapter,
            None => !arguments.live || !some_are_configured || chapter.is_configured(),
        };
        if is_wanted {
            let report = chapter.visit(arguments.live, &mut narrator).await?;
            report.tell(&mut narrator);
            failed += usize::from(!report.is_good());
        }
    }
    if failed == 0 { Ok(()) } else { Err("the tour met something that is not as it should be; see above".into()) }
}
