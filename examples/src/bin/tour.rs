//! Runs every operation of every client and checks each result.
//!
//! ```text
//! cargo run -p mft-examples --bin tour
//! ```
//!
//! Needs no account: it starts a simulator of each service in this process and talks to it over loopback HTTP. With `--live`
//! it reads from the accounts in the environment.
//!
//! Prints each step with its result, then a table of all operations with their requests, and the number of operations
//! covered and faults survived. Exits with 1 if a check failed.

use std::process::ExitCode;

use clap::{Parser, ValueEnum as _};
use mft_examples::tour::Chapter;
use mft_examples::{Failure, Narrator, exit_code};

const ENVIRONMENT: &str = "\
Environment, for --live:
  SFTPTOGO_ORGANIZATION_ID, SFTPTOGO_API_KEY   the SFTP To Go account
  FTPGRID_ASSOCIATION_KEY, FTPGRID_ACCESS_KEY, FTPGRID_SECRET_KEY, FTPGRID_STORAGE_URL   the ftpGrid account
  BRICKFTP_SUBDOMAIN, BRICKFTP_API_KEY         the BrickFTP site
  USEBUCKETS_API_KEY                           the Buckets account
  STOOK_ORGANIZATION_UUID, STOOK_API_KEY, STOOK_API_SECRET   the Stook organization
  SFTPTOGO_BASE_URL, ...                       other base URLs, for example of mft-simulator

Colors appear on terminals only, unless NO_COLOR is set.";

/// Runs every operation of every client and checks each result.
///
/// Needs no account: the services are simulated in this process. Prints no secret. Exits with 1 if a check failed.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT)]
struct Arguments {
    /// Reads from the real services in the environment instead, and changes nothing there.
    #[arg(long)]
    live: bool,

    /// Runs this service only.
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
    // If the environment has no account at all, the error of the first service says so.
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
    if failed == 0 { Ok(()) } else { Err("a check of the tour failed; see above".into()) }
}
