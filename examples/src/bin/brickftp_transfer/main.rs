//! Uploads and downloads files and folders, and goes on where it was stopped.
//!
//! ```text
//! cargo run -p mft-examples --bin brickftp_transfer -- upload film.mov Media/film.mov
//! cargo run -p mft-examples --bin brickftp_transfer -- download Media backup
//! cargo run -p mft-examples --bin brickftp_transfer -- --simulate
//! ```
//!
//! Needs `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`, or `--simulate`.
//!
//! Shows how far it is on standard error, and a line for each file on standard output. Ctrl-C stops it, and the same
//! command goes on. Ends with 1 if a file was not transferred.

mod demo;
mod download;
mod meter;
mod tally;
mod token_file;
mod upload;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use brickftp::{Client, Error, Outcome};
use clap::{Args, Parser, Subcommand};
use mft_examples::{BrickftpAccount, Failure, exit_code, with_causes};

const ENVIRONMENT: &str = "\
Environment:
  BRICKFTP_SUBDOMAIN, BRICKFTP_API_KEY  the site
  BRICKFTP_BASE_URL                     another address, such as that of the program mft-simulator

Ctrl-C stops a transfer, and the same command goes on with it. For an upload, LOCAL.upload-token.json says how far it
is; for a download, LOCAL.part holds what has arrived. Of a folder, files that were being uploaded are begun anew.";

/// Uploads and downloads files and folders, and goes on where it was stopped.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT, arg_required_else_help = true)]
struct Arguments {
    /// Works on a simulator in this process; without a command it shows a folder go there and come back.
    #[arg(long, visible_alias = "simulator", global = true)]
    simulate: bool,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Uploads a file, or everything below a folder.
    Upload {
        /// The file or folder on this machine.
        local: PathBuf,
        /// Where it goes: the path of the file, or of a folder. What is below a local folder goes below this one.
        remote: String,
        #[command(flatten)]
        options: Options,
    },
    /// Downloads a file, or everything below a folder.
    Download {
        /// The file or folder on the site; / is the whole site.
        remote: String,
        /// Where it goes: the path of the file, or of a folder. What is below a remote folder goes below this one.
        local: PathBuf,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Args, Clone, Copy)]
struct Options {
    /// How many parts are moved at once.
    #[arg(long, value_name = "PARTS", default_value_t = 4)]
    parallel: usize,

    /// Begins anew, whatever an earlier run has left.
    #[arg(long)]
    restart: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let site = BrickftpAccount::open(arguments.simulate).await?;
    if let Some(simulator) = &site.simulator {
        demo::furnish(simulator);
    }
    match arguments.command {
        Some(Command::Upload { local, remote, options }) => {
            upload::upload(&site.client, &local, &remote, options).await
        }
        Some(Command::Download { remote, local, options }) => {
            download::download(&site.client, &remote, &local, options).await
        }
        None if arguments.simulate => demo::show(&site).await,
        None => Err("say what to do: upload or download; see --help".into()),
    }
}

/// Waits for Ctrl-C.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Nobody can tell this program then, and the transfer goes on to its end.
        std::future::pending::<()>().await;
    }
}

/// Whether something is there, and is a folder. The root always is.
async fn is_remote_folder(client: &Client, remote: &str) -> Result<Option<bool>, Failure> {
    if remote.is_empty() {
        return Ok(Some(true));
    }
    match client.files().stat(remote).await {
        Ok(file) => Ok(Some(file.is_folder())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The last part of a path on the site.
fn remote_name(remote: &str) -> &str {
    remote.rsplit('/').next().unwrap_or_default()
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// What is left to do after a failure.
fn explained(error: &Error, go_on: &str) -> Failure {
    let advice = match error.outcome() {
        Outcome::Unknown => "It may be there all the same: look before trying again.",
        _ if error.is_transient() => "This may pass.",
        _ => "",
    };
    let lines = [with_causes(error).as_str(), advice, go_on].map(str::to_owned);
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n").into()
}

/// How a place on this machine and one on the site are shown.
fn shown(local: Option<&Path>, remote: Option<&str>) -> String {
    match (local, remote) {
        (_, Some(remote)) => remote.to_owned(),
        (Some(local), None) => local.display().to_string(),
        (None, None) => "a file".to_owned(),
    }
}
