//! Whose account an example works on.

use mft_simulator::sftptogo::Simulator;
use sftptogo::{Client, ClientBuilder};

use crate::Failure;

const NO_ACCOUNT: &str = "\
SFTPTOGO_ORGANIZATION_ID and SFTPTOGO_API_KEY say which account to work on. Without an account leave --live out, add
--simulate, or let a simulator set them for a command:
    cargo run -p mft-simulator -- -- COMMAND";

/// A client, and the simulator behind it if there is one.
///
/// The simulator stops when this is dropped.
#[derive(Debug)]
pub struct Account {
    /// The client of the account.
    pub client: Client,
    /// The simulator that plays the service, with `--simulate`.
    pub simulator: Option<Simulator>,
}

impl Account {
    /// The account that the environment names.
    ///
    /// # Errors
    ///
    /// Which variable is missing, and what to do without an account.
    pub fn from_env() -> Result<Self, Failure> {
        let client = builder_from_env()?.build()?;
        Ok(Self { client, simulator: None })
    }

    /// The account of a simulator inside this process.
    ///
    /// # Errors
    ///
    /// Where the simulator cannot listen.
    pub async fn simulated() -> Result<Self, Failure> {
        let simulator = Simulator::builder().allow_http_webhooks().delivery_delays(0.01).start().await?;
        let client = simulated_builder(&simulator).build()?;
        Ok(Self { client, simulator: Some(simulator) })
    }

    /// One or the other.
    ///
    /// # Errors
    ///
    /// As for the two.
    pub async fn open(simulate: bool) -> Result<Self, Failure> {
        if simulate { Self::simulated().await } else { Self::from_env() }
    }
}

/// Begins a client of the account that the environment names.
pub(crate) fn builder_from_env() -> Result<ClientBuilder, Failure> {
    ClientBuilder::from_env().map_err(|error| format!("{error}\n{NO_ACCOUNT}").into())
}

/// Begins a client of a simulator: plain http, and directly, whatever proxy the environment names.
pub(crate) fn simulated_builder(simulator: &Simulator) -> ClientBuilder {
    Client::builder(simulator.organization_id(), simulator.api_key())
        .base_url(simulator.base_url())
        .allow_http()
        .no_proxy()
}
