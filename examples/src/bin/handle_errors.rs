//! Turns every failure of a call into what to do next.
//!
//! ```text
//! cargo run -p mft-examples --bin handle_errors
//! ```
//!
//! Needs nothing: a simulator in this process plays the service and fails in each way.
//!
//! Prints, for each failure, the line that belongs into a log and what to do next.

use std::fmt;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mft_examples::{Failure, SftptogoAccount, exit_code};
use mft_simulator::Fault;
use mft_simulator::sftptogo::Simulator;
use sftptogo::{Authentication, Client, CredentialId, Error, ErrorKind, NewCredential, Outcome};

/// What to do after a call has failed. The client has made its own repeats by then.
enum Next {
    /// The library or the service refuses it; nothing was done.
    CorrectTheInput,
    /// The key is wrong, expired or not allowed to do this.
    AskForAnotherKey,
    /// For a deletion this is as good as success.
    TakeItAsGone,
    /// Somebody was faster. After a repeat that may have been this program itself.
    UseWhatIsThere,
    /// It may have happened.
    LookFirst,
    /// It has happened, only the reply was of no use.
    FetchTheResult,
    /// The same call can succeed later.
    TryAgain(Option<Duration>),
    /// The service, or something before it, does not say what the library expects.
    TellSomebody,
}

fn what_next(error: &Error) -> Next {
    match error.kind() {
        ErrorKind::InvalidInput => Next::CorrectTheInput,
        // Before everything after which the call is made again.
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
            Self::AskForAnotherKey => "ask for another API key",
            Self::TakeItAsGone => "go on without it",
            Self::UseWhatIsThere => "use what is there, or another name",
            Self::LookFirst => "look whether it happened before calling again",
            Self::FetchTheResult => "fetch the result; calling again would do it twice",
            Self::TryAgain(Some(wait)) => return write!(f, "try again in {} s", wait.as_secs()),
            Self::TryAgain(None) => "try again later",
            Self::TellSomebody => "tell somebody; trying again does not help",
        })
    }
}

/// Turns every failure of a call into what to do next. Needs no account.
#[derive(Parser)]
struct Arguments {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    Arguments::parse();
    exit_code(run().await)
}

async fn run() -> Result<(), Failure> {
    let account = SftptogoAccount::simulated().await?;
    let Some(simulator) = &account.simulator else { return Err("there is no simulator".into()) };
    let client = &account.client;
    let known = simulator.state().add_credential(|credential| credential.user_name = "intake-robot-01".into());
    let known = CredentialId::from(known.id);
    let new = |name: &str| client.credentials().create(NewCredential::new().user_name(name));
    let faults = simulator.faults();

    show("There is no such credential", client.credentials().get(&"nobody".into()).await);
    show("The user name is taken", new("intake-robot-01").await);
    show("The user name is too short", new("robot").await);
    show("The password is against the policy", client.credentials().set_password(&known, "simple").await);

    faults.push(Fault::status(429).retry_after(120).on("sftptogo.credentials.list").once());
    show("Too many requests, come back in two minutes", client.credentials().list().try_collect_vec().await);

    faults.push(Fault::reset().after_processing().on("sftptogo.credentials.create").once());
    show("The connection broke while creating", new("intake-robot-02").await);

    faults.push(Fault::truncated().on("sftptogo.credentials.rotate_password").once());
    show("The reply to a rotation broke off", client.credentials().rotate_password(&known).await);

    faults.push(Fault::html_page().on("sftptogo.credentials.get").once());
    show("A login page in the place of a reply", client.credentials().get(&known).await);

    faults.outage();
    show("The service is down", client.credentials().get(&known).await);
    show("The service is down, while creating", new("intake-robot-03").await);
    faults.end_outage();

    simulator.revoke_api_key();
    show("The key was revoked", client.credentials().get(&known).await);
    show("Nothing answers at that address", nowhere(simulator)?.credentials().get(&known).await);
    Ok(())
}

/// A client of an address at which nobody listens.
fn nowhere(simulator: &Simulator) -> sftptogo::Result<Client> {
    Client::builder(simulator.organization_id().into(), Authentication::api_key("example-only"))
        .base_url("http://127.0.0.1:9")
        .allow_http()
        .no_proxy()
        .build()
}

fn show<T>(what: &str, result: sftptogo::Result<T>) {
    match result {
        Ok(_) => println!("{what}\n  no error, which is unexpected here\n"),
        Err(error) => println!("{what}\n  log:  {error}\n  next: {}\n", what_next(&error)),
    }
}
