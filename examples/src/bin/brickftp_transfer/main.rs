//! Uploads and downloads files and folders, with resume.
//!
//! ```text
//! cargo run -p mft-examples --bin brickftp_transfer -- upload film.mov Media/film.mov
//! cargo run -p mft-examples --bin brickftp_transfer -- download Media backup
//! cargo run -p mft-examples --bin brickftp_transfer -- --simulate
//! ```
//!
//! Needs `BRICKFTP_SUBDOMAIN` and `BRICKFTP_API_KEY`, or `--simulate`.
//!
//! Shows progress on standard error and prints a line for each file on standard output. Ctrl-C stops it, and the same
//! command resumes. Exits with 1 if a file was not transferred.

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

/// Uploads and downloads files and folders, with resume.
#[derive(Parser)]
#[command(after_help = ENVIRONMENT, arg_required_else_help = true)]
struct Arguments {
    /// Uses a simulator in this process. Without a command, uploads a folder and downloads it again.
    #[arg(long, visible_alias = "simulator", global = true)]
    simulate: bool,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Uploads a file or a folder.
    Upload {
        /// The local file or folder.
        local: PathBuf,
        /// The remote path of the file or folder. The contents of a local folder go below it.
        remote: String,
        #[command(flatten)]
        options: Options,
    },
    /// Downloads a file or a folder.
    Download {
        /// The remote file or folder. / is the whole site.
        remote: String,
        /// The local path of the file or folder. The contents of a remote folder go below it.
        local: PathBuf,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Args, Clone, Copy)]
struct Options {
    /// The number of parts in flight.
    #[arg(long, value_name = "PARTS", default_value_t = 4)]
    parallel: usize,

    /// Ignores the state of an earlier run and starts over.
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
        None => Err("missing command: upload or download; see --help".into()),
    }
}

/// Waits for Ctrl-C.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a signal handler, the transfer runs to its end.
        std::future::pending::<()>().await;
    }
}

/// Returns whether the path exists, and whether it is a folder. The root is always a folder.
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

/// Returns the last segment of a remote path.
fn remote_name(remote: &str) -> &str {
    remote.rsplit('/').next().unwrap_or_default()
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Returns advice after a failure.
fn explained(error: &Error, go_on: &str) -> Failure {
    let advice = match error.outcome() {
        Outcome::Unknown => "The file may exist: check before trying again.",
        _ if error.is_transient() => "The failure may be temporary: try again.",
        _ => "",
    };
    let lines = [with_causes(error).as_str(), advice, go_on].map(str::to_owned);
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n").into()
}

/// Formats a local and a remote path.
fn shown(local: Option<&Path>, remote: Option<&str>) -> String {
    match (local, remote) {
        (_, Some(remote)) => remote.to_owned(),
        (Some(local), None) => local.display().to_string(),
        (None, None) => "a file".to_owned(),
    }
}
