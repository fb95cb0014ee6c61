//! The operations that the examples need from each service: building a client, and simulating an account.

use mft_simulator::{Exchange, FaultPlan, Operation, StartError};
use sftptogo::middleware::Middleware;

/// A simulator of a service, with client builders for the simulator and for the service.
///
/// A simulated client uses plain HTTP and ignores proxy variables.
#[allow(async_fn_in_trait)] // used with known types only
pub trait Simulated: Sized {
    /// The client of the service.
    type Client;
    /// The client builder.
    type ClientBuilder;

    /// The value of `--provider` of `mft-simulator`.
    const PROVIDER: &'static str;

    /// The environment variables of an account. All are required.
    const VARIABLES: &'static [&'static str];

    /// Starts a simulator in this process.
    ///
    /// # Errors
    ///
    /// Fails if it cannot listen.
    async fn start() -> Result<Self, StartError>;

    /// Returns a client builder for this simulator.
    fn client_builder(&self) -> Self::ClientBuilder;

    /// Returns a client builder for the account from the environment.
    ///
    /// # Errors
    ///
    /// Fails if a variable is missing.
    fn client_builder_from_env() -> sftptogo::Result<Self::ClientBuilder>;

    /// Adds a middleware around every call.
    fn per_call_middleware(builder: Self::ClientBuilder, middleware: impl Middleware) -> Self::ClientBuilder;

    /// Adds a middleware around every attempt.
    fn per_attempt_middleware(builder: Self::ClientBuilder, middleware: impl Middleware) -> Self::ClientBuilder;

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Fails if a setting is invalid.
    fn build(builder: Self::ClientBuilder) -> sftptogo::Result<Self::Client>;

    /// Returns the operations of the simulator.
    fn operations() -> &'static [Operation];

    /// Returns the request journal.
    fn journal(&self) -> Vec<Exchange>;

    /// Returns the fault plan.
    fn faults(&self) -> FaultPlan;
}

/// Implements [`Simulated`]. Services differ only in names, variables and builder arguments.
macro_rules! simulated {
    ($service:ident, [$($variable:literal),+], $start:expr, |$simulator:ident| $begin:expr) => {
        impl Simulated for mft_simulator::$service::Simulator {
            type Client = $service::Client;
            type ClientBuilder = $service::ClientBuilder;

            const PROVIDER: &'static str = stringify!($service);
            const VARIABLES: &'static [&'static str] = &[$($variable),+];

            async fn start() -> Result<Self, StartError> {
                let start: fn(mft_simulator::$service::Builder) -> mft_simulator::$service::Builder = $start;
                start(Self::builder()).start().await
            }

            fn client_builder(&self) -> Self::ClientBuilder {
                let $simulator = self;
                $begin.base_url(self.base_url()).allow_http().no_proxy()
            }

            fn client_builder_from_env() -> sftptogo::Result<Self::ClientBuilder> {
                Self::ClientBuilder::from_env()
            }

            fn per_call_middleware(builder: Self::ClientBuilder, middleware: impl Middleware) -> Self::ClientBuilder {
                builder.per_call_middleware(middleware)
            }

            fn per_attempt_middleware(builder: Self::ClientBuilder, middleware: impl Middleware) -> Self::ClientBuilder {
                builder.per_attempt_middleware(middleware)
            }

            fn build(builder: Self::ClientBuilder) -> sftptogo::Result<Self::Client> {
                builder.build()
            }

            fn operations() -> &'static [Operation] {
                Self::operations()
            }

            fn journal(&self) -> Vec<Exchange> {
                self.journal()
            }

            fn faults(&self) -> FaultPlan {
                self.faults()
            }
        }
    };
}

simulated!(
    sftptogo,
    ["SFTPTOGO_ORGANIZATION_ID", "SFTPTOGO_API_KEY"],
    |simulator| simulator.allow_http_webhooks().delivery_delays(0.01),
    |it| sftptogo::Client::builder(it.organization_id().into(), sftptogo::Authentication::api_key(it.api_key()))
);

simulated!(
    ftpgrid,
    ["FTPGRID_ASSOCIATION_KEY", "FTPGRID_ACCESS_KEY", "FTPGRID_SECRET_KEY", "FTPGRID_STORAGE_URL"],
    |simulator| simulator,
    |it| {
        let authentication = ftpgrid::Authentication::keys(
            ftpgrid::AssociationKey::new(it.association_key()),
            ftpgrid::AccessKey::new(it.access_key()),
            ftpgrid::SecretKey::new(it.secret_key()),
        );
        ftpgrid::Client::builder(authentication).storage_url(it.storage_url())
    }
);

simulated!(
    brickftp,
    ["BRICKFTP_SUBDOMAIN", "BRICKFTP_API_KEY"],
    |simulator| simulator,
    |it| brickftp::Client::builder(it.subdomain(), brickftp::Authentication::api_key(it.api_key()))
);

simulated!(usebuckets, ["USEBUCKETS_API_KEY"], |simulator| simulator.delivery_delays(0.01), |it| {
    usebuckets::Client::builder(usebuckets::Authentication::api_key(it.api_key()))
});

simulated!(stook, ["STOOK_ORGANIZATION_UUID", "STOOK_API_KEY", "STOOK_API_SECRET"], |simulator| simulator, |it| {
    stook::Client::builder(
        stook::OrganizationId::from(it.organization_uuid()),
        stook::Authentication::login(stook::ApiKey::new(it.api_key()), stook::ApiSecret::new(it.api_secret())),
    )
});
