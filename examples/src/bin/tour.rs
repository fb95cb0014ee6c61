//! Shows every operation of every client at work.
//!
//! ```text
//! cargo run -p mft-examples --bin tour
//! ```
//!
//! Needs nothing: it starts a simulator of the service in this process and talks to it over the loopback address. With
//! `--live` it reads from the account that `SFTPTOGO_ORGANIZATION_ID` and `SFTPTOGO_API_KEY` name.
//!
//! Prints what it does, step by step, with what came of it; then every operation with its requests, and how many
//! operations were covered and faults survived. Ends with 1 if anything was not as it should be.

use std::process::ExitCode;

use clap::{Parser, ValueEnum as _};
use mft_examples::tour::Chapter;
use mft_examples::{Failure, Narrator, exit_code};

const ENVIRONMENT: &str = "\
Environment, for --live:
  SFTPTOGO_ORGANIZATION_ID, SFTPTOGO_API_KEY  the account to read from
  SFTPTOGO_BASE_URL                           another address, such as that of the program mft-simulator

Colours appear on terminals only, and not where NO_COLOR is set.";

/// Shows every operation of every client at work, and checks each outcome.
///
/// Needs no account: the services are simulated in this process. No secret is printed. Ends with 1 if anything was not
/// as it should be.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT)]
struct Arguments {
    /// Reads from the real service instead, and changes nothing there.
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
    for chapter in Chapter::value_variants() {
        if arguments.only.is_none_or(|only| only == *chapter) {
            let report = chapter.visit(arguments.live, &mut narrator).await?;
            report.tell(&mut narrator);
            failed += usize::from(!report.is_good());
        }
    }
    if failed == 0 { Ok(()) } else { Err("the tour met something that is not as it should be; see above".into()) }
}
