//! Whose site of `BrickFTP` an example works on.

use brickftp::{Client, ClientBuilder};
use mft_simulator::brickftp::Simulator;

use crate::Failure;

const NO_SITE: &str = "\
BRICKFTP_SUBDOMAIN and BRICKFTP_API_KEY say which site to work on. Without a site add --simulate, or leave --live out, or
let a simulator set them for a command:
    cargo run -p mft-simulator -- --provider brickftp -- COMMAND";

/// A client of a site, and the simulator behind it if there is one.
///
/// The simulator stops when this is dropped.
#[derive(Debug)]
pub struct Site {
    /// The client of the site.
    pub client: Client,
    /// The simulator that plays the service, with `--simulate`.
    pub simulator: Option<Simulator>,
}

impl Site {
    /// The site that the environment names.
    ///
    /// # Errors
    ///
    /// Which variable is missing, and what to do without a site.
    pub fn from_env() -> Result<Self, Failure> {
        let client = site_builder_from_env()?.build()?;
        Ok(Self { client, simulator: None })
    }

    /// The site of a simulator inside this process.
    ///
    /// # Errors
    ///
    /// Where the simulator cannot listen.
    pub async fn simulated() -> Result<Self, Failure> {
        let simulator = Simulator::start().await?;
        let client = simulated_site_builder(&simulator).build()?;
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

/// Begins a client of the site that the environment names.
pub(crate) fn site_builder_from_env() -> Result<ClientBuilder, Failure> {
    ClientBuilder::from_env().map_err(|error| format!("{error}\n{NO_SITE}").into())
}

/// Begins a client of a simulator: plain http, and directly, whatever proxy the environment names.
pub(crate) fn simulated_site_builder(simulator: &Simulator) -> ClientBuilder {
    Client::builder(simulator.subdomain(), simulator.api_key()).base_url(simulator.base_url()).allow_http().no_proxy()
}
