//! Code that the example programs share: printing, the tour, and the choice between an account and a simulator. The
//! programs are in `src/bin`, one task each.

mod account;
mod narrator;
mod secret_file;
pub mod tour;

use std::error::Error;
use std::process::ExitCode;

use sftptogo::Secret;

pub use account::{
    Account, BrickftpAccount, FtpgridAccount, SftptogoAccount, Simulated, StookAccount, UsebucketsAccount,
};
pub use narrator::{Narrator, clean};
pub use secret_file::SecretFile;

/// The error type of the example programs.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Returns the exit code for a result. Prints an error with its causes to standard error.
#[must_use]
pub fn exit_code(result: Result<(), Failure>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(next) = cause {
        eprintln!("  caused by: {next}");
        cause = next.source();
    }
    ExitCode::FAILURE
}

/// Formats an error and its causes as one line.
///
/// ```
/// let error = std::io::Error::other("the disk is full");
/// assert_eq!(mft_examples::with_causes(&error), "the disk is full");
/// ```
#[must_use]
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        line = format!("{line}: caused by {next}");
        cause = next.source();
    }
    line
}

/// Masks a secret: shows its presence and length only.
///
/// ```
/// assert_eq!(mft_examples::masked(Some(&"hunter22".into())), "*** (8 characters)");
/// assert_eq!(mft_examples::masked(None), "withheld");
/// ```
#[must_use]
pub fn masked(secret: Option<&Secret>) -> String {
    secret
        .map_or_else(|| "withheld".to_owned(), |secret| format!("*** ({} characters)", secret.expose().chars().count()))
}
