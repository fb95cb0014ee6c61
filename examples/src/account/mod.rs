//! Whose account an example works on.

mod simulated;

use std::fmt::Write as _;

use crate::Failure;

pub use simulated::Simulated;

/// An account of SFTP To Go.
pub type SftptogoAccount = Account<mft_simulator::sftptogo::Simulator>;
/// An account of ftpGrid.
pub type FtpgridAccount = Account<mft_simulator::ftpgrid::Simulator>;
/// A site of `BrickFTP`.
pub type BrickftpAccount = Account<mft_simulator::brickftp::Simulator>;
/// An account of Buckets.
pub type UsebucketsAccount = Account<mft_simulator::usebuckets::Simulator>;
/// An organization of Stook.
pub type StookAccount = Account<mft_simulator::stook::Simulator>;

/// A client of a service, and the simulator behind it if there is one.
///
/// The simulator stops when this is dropped.
#[derive(Debug)]
pub struct Account<S: Simulated> {
    /// The client of the account.
    pub client: S::Client,
    /// The simulator that plays the service, with `--simulate`.
    pub simulator: Option<S>,
}

impl<S: Simulated> Account<S> {
    /// The account that the environment names.
    fn from_env(without_account: &str) -> Result<Self, Failure> {
        let client = S::build(builder_from_env::<S>(without_account)?)?;
        Ok(Self { client, simulator: None })
    }

    /// The account of a simulator inside this process.
    ///
    /// # Errors
    ///
    /// Where the simulator cannot listen.
    pub async fn simulated() -> Result<Self, Failure> {
        let simulator = S::start().await?;
        let client = S::build(simulator.client_builder())?;
        Ok(Self { client, simulator: Some(simulator) })
    }

    /// That of a simulator where the program was told `--simulate`, otherwise the one that the environment names.
    ///
    /// # Errors
    ///
    /// Which variable is missing, and what to do without an account; where the simulator cannot listen.
    pub async fn open(simulate: bool) -> Result<Self, Failure> {
        if simulate { Self::simulated().await } else { Self::from_env("add --simulate") }
    }

    /// The account that the environment names, and a simulator only where it names none at all.
    ///
    /// # Errors
    ///
    /// Which variable is missing where there are others, and where the simulator cannot listen.
    pub async fn open_or_simulated() -> Result<Self, Failure> {
        if is_configured::<S>() { Self::from_env("unset them all") } else { Self::simulated().await }
    }
}

/// Whether the environment names an account of the service, or begins to.
pub(crate) fn is_configured<S: Simulated>() -> bool {
    S::VARIABLES.iter().any(|name| std::env::var_os(name).is_some())
}

/// Begins a client of the account that the environment names. An error says what else to do without one.
pub(crate) fn builder_from_env<S: Simulated>(without_account: &str) -> Result<S::ClientBuilder, Failure> {
    S::client_builder_from_env().map_err(|error| format!("{error}\n{}", no_account::<S>(without_account)).into())
}

fn no_account<S: Simulated>(instead: &str) -> String {
    let mut text = String::new();
    if let [first @ .., last] = S::VARIABLES {
        let and = if first.is_empty() { "" } else { " and " };
        let verb = if first.is_empty() { "says" } else { "say" };
        let _ = write!(text, "{}{and}{last} {verb}", first.join(", "));
    }
    format!(
        "{text} which account to work on.\n\
         Without an account {instead}, or let a simulator set them for a command:\n    \
         cargo run -p mft-simulator -- --provider {} -- COMMAND",
        S::PROVIDER
    )
}
