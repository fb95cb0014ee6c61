//! What the examples need to know of a service: how to begin a client of it, and how to do without an account.

use mft_simulator::{Exchange, FaultPlan, Operation, StartError};
use sftptogo::middleware::Middleware;

/// A simulator of a service, and the way to a client of either.
///
/// Everything about a simulated client is the same for all services: plain http, and directly, whatever proxy the
/// environment names.
#[allow(async_fn_in_trait)] // nobody asks for this of a type that is not known
pub trait Simulated: Sized {
    /// The client of the service.
    type Client;
    /// Its builder.
    type ClientBuilder;

    /// What the program `mft-simulator` calls the service.
    const PROVIDER: &'static str;

    /// The variables that name an account; all have to be set.
    const VARIABLES: &'static [&'static str];

    /// Starts a simulator in this process.
    ///
    /// # Errors
    ///
    /// Where it cannot listen.
    async fn start() -> Result<Self, StartError>;

    /// Begins a client of this simulator.
    fn client_builder(&self) -> Self::ClientBuilder;

    /// Begins a client of the account that the environment names.
    ///
    /// # Errors
    ///
    /// Which variable is missing.
    fn client_builder_from_env() -> sftptogo::Result<Self::ClientBuilder>;

    /// Puts a middleware around every call.
    fn per_call_middleware(builder: Self::ClientBuilder, middleware: impl Middleware) -> Self::ClientBuilder;

    /// Puts a middleware around every attempt.
    fn per_attempt_middleware(builder: Self::ClientBuilder, middleware: impl Middleware) -> Self::ClientBuilder;

    /// Ends a builder.
    ///
    /// # Errors
    ///
    /// Which setting is not usable.
    fn build(builder: Self::ClientBuilder) -> sftptogo::Result<Self::Client>;

    /// The operations that the simulator knows.
    fn operations() -> &'static [Operation];

    /// What was asked of it.
    fn journal(&self) -> Vec<Exchange>;

    /// What goes wrong with it.
    fn faults(&self) -> FaultPlan;
}

/// The same for all services but for names, variables, and what a builder begins with.
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
