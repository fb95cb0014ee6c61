//! The account that an example uses.

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
    /// The simulator behind the client, if the example runs without an account.
    pub simulator: Option<S>,
}

impl<S: Simulated> Account<S> {
    /// Returns the account from the environment.
    fn from_env(without_account: &str) -> Result<Self, Failure> {
        let client = S::build(builder_from_env::<S>(without_account)?)?;
        Ok(Self { client, simulator: None })
    }

    /// Starts a simulator in this process and returns its account.
    ///
    /// # Errors
    ///
    /// Fails if the simulator cannot listen.
    pub async fn simulated() -> Result<Self, Failure> {
        let simulator = S::start().await?;
        let client = S::build(simulator.client_builder())?;
        Ok(Self { client, simulator: Some(simulator) })
    }

    /// Returns a simulated account if `simulate` is set, otherwise the account from the environment.
    ///
    /// # Errors
    ///
    /// Fails if a variable is missing, with advice, or if the simulator cannot listen.
    pub async fn open(simulate: bool) -> Result<Self, Failure> {
        if simulate { Self::simulated().await } else { Self::from_env("add --simulate") }
    }

    /// Returns the account from the environment, or a simulated one if no variable of it is set.
    ///
    /// # Errors
    ///
    /// Fails if only some of the variables are set, or if the simulator cannot listen.
    pub async fn open_or_simulated() -> Result<Self, Failure> {
        if is_configured::<S>() { Self::from_env("unset all of them") } else { Self::simulated().await }
    }
}

/// Returns `true` if the environment has any variable of the service's account.
pub(crate) fn is_configured<S: Simulated>() -> bool {
    S::VARIABLES.iter().any(|name| std::env::var_os(name).is_some())
}

/// Returns a client builder for the account from the environment. An error includes advice for use without an account.
pub(crate) fn builder_from_env<S: Simulated>(without_account: &str) -> Result<S::ClientBuilder, Failure> {
    S::client_builder_from_env().map_err(|error| format!("{error}\n{}", no_account::<S>(without_account)).into())
}

fn no_account<S: Simulated>(instead: &str) -> String {
    let mut text = String::new();
    if let [first @ .., last] = S::VARIABLES {
        let and = if first.is_empty() { "" } else { " and " };
        let verb = if first.is_empty() { "selects" } else { "select" };
        let _ = write!(text, "{}{and}{last} {verb}", first.join(", "));
    }
    format!(
        "{text} the account.\n\
         Without an account, {instead}, or let a simulator set the variables for a command:\n    \
         cargo run -p mft-simulator -- --provider {} -- COMMAND",
        S::PROVIDER
    )
}
