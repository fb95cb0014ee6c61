//! What the example programs share: one that says what happens, the tour, and the choice between an account and a
//! simulator. The programs themselves are in `src/bin`, one task each.

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

/// What the example programs fail with.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The exit code of a program that came to this; a failure goes to standard error, with its causes.
#[must_use]
pub fn exit_code(result: Result<(), Failure>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("error: {error}");
    let mut cause = error.source();
    while let Some(next) = cause {
        eprintln!("  because: {next}");
        cause = next.source();
    }
    ExitCode::FAILURE
}

/// The line of an error, and of its causes.
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
        line = format!("{line}, because: {next}");
        cause = next.source();
    }
    line
}

/// Tells that there is a secret, and how long it is, and no more.
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
