//! Maps every failure of a call to the next action.
//!
//! ```text
//! cargo run -p mft-examples --bin handle_errors
//! ```
//!
//! Needs no account: uses a simulator in this process that fails in each way.
//!
//! Prints, for each failure, the log line and the next action.

use std::fmt;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mft_examples::{Failure, SftptogoAccount, exit_code};
use mft_simulator::Fault;
use mft_simulator::sftptogo::Simulator;
use sftptogo::{Authentication, Client, CredentialId, Error, ErrorKind, NewCredential, Outcome};

/// The action after a failed call. The client has already made its own retries.
enum Next {
    /// The library or the service rejected the input. Nothing was done.
    CorrectTheInput,
    /// The API key is wrong, expired or lacks a permission.
    AskForAnotherKey,
    /// The object does not exist. For a delete, this equals success.
    TakeItAsGone,
    /// The object already exists. After a retry, this program itself may have created it.
    UseWhatIsThere,
    /// The call may have been applied.
    LookFirst,
    /// The call was applied, but the response was unusable.
    FetchTheResult,
    /// The same call can succeed later.
    TryAgain(Option<Duration>),
    /// The service, or a proxy in front of it, sent an unexpected response.
    TellSomebody,
}

fn what_next(error: &Error) -> Next {
    match error.kind() {
        ErrorKind::InvalidInput => Next::CorrectTheInput,
        // Check the outcome before any branch that repeats the call.
        _ if error.outcome() == Outcome::Unknown => Next::LookFirst,
        _ if error.outcome() == Outcome::Done => Next::FetchTheResult,
        ErrorKind::Auth | ErrorKind::PermissionDenied => Next::AskForAnotherKey,
        ErrorKind::NotFound => Next::TakeItAsGone,
        ErrorKind::Conflict => Next::UseWhatIsThere,
        ErrorKind::Rejected => Next::CorrectTheInput,
        _ if error.is_transient() => Next::TryAgain(error.retry_after()),
        _ => Next::TellSomebody,
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CorrectTheInput => "correct the input; nothing was done",
            Self::AskForAnotherKey => "check the API key",
            Self::TakeItAsGone => "continue without it",
            Self::UseWhatIsThere => "use the existing object, or another name",
            Self::LookFirst => "check whether it was applied before calling again",
            Self::FetchTheResult => "fetch the result; calling again would apply it twice",
            Self::TryAgain(Some(wait)) => return write!(f, "try again in {} s", wait.as_secs()),
            Self::TryAgain(None) => "try again later",
            Self::TellSomebody => "report it; retrying does not help",
        })
    }
}

/// Maps every failure of a call to the next action. Needs no account.
#[derive(Parser)]
struct Arguments {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    Arguments::parse();
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let account = SftptogoAccount::simulated().await?;
    let Some(simulator) = &account.simulator else { return Err("no simulator".into()) };
    let client = &account.client;
    let existing = simulator.state().add_credential(|credential| credential.user_name = "intake-robot-01".into());
    let existing = CredentialId::from(existing.id);
    let new = |name: &str| client.credentials().create(NewCredential::new().user_name(name));
    let faults = simulator.faults();

    show("The credential does not exist", client.credentials().get(&"nobody".into()).await);
    show("The username is taken", new("intake-robot-01").await);
    show("The username is too short", new("robot").await);
    show("The password violates the policy", client.credentials().set_password(&existing, "simple").await);

    faults.push(Fault::status(429).retry_after(120).on("sftptogo.credentials.list").once());
    show("Too many requests, Retry-After: two minutes", client.credentials().list().try_collect_vec().await);

    faults.push(Fault::reset().after_processing().on("sftptogo.credentials.create").once());
    show("The connection broke during a create", new("intake-robot-02").await);

    faults.push(Fault::truncated().on("sftptogo.credentials.rotate_password").once());
    show("The response to a rotation was truncated", client.credentials().rotate_password(&existing).await);

    faults.push(Fault::html_page().on("sftptogo.credentials.get").once());
    show("A login page instead of a JSON response", client.credentials().get(&existing).await);

    faults.outage();
    show("The service is down", client.credentials().get(&existing).await);
    show("The service is down during a create", new("intake-robot-03").await);
    faults.end_outage();

    simulator.revoke_api_key();
    show("The key was revoked", client.credentials().get(&existing).await);
    show("No server listens at the base URL", nowhere(simulator)?.credentials().get(&existing).await);
    Ok(())
}

/// Returns a client for an address without a server.
fn nowhere(simulator: &Simulator) -> sftptogo::Result<Client> {
    Client::builder(simulator.organization_id().into(), Authentication::api_key("example-only"))
        .base_url("http://127.0.0.1:9")
        .allow_http()
        .no_proxy()
        .build()
}

fn show<T>(what: &str, result: sftptogo::Result<T>) {
    match result {
        Ok(_) => println!("{what}\n  unexpected success\n"),
        Err(error) => println!("{what}\n  log:  {error}\n  next: {}\n", what_next(&error)),
    }
}
