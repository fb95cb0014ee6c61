//! The differences between the services.

use mft_simulator::{Operation, StartError, StorageSettings, brickftp, ftpgrid, sftptogo, stook, usebuckets};

use crate::arguments::{Arguments, Provider};

/// Lists the services: the name in this program, the module, and an example for curl.
macro_rules! services {
    ($($name:ident $module:ident $example:literal;)*) => {
        pub(crate) enum Simulator {
            $($name($module::Simulator),)*
        }

        impl Provider {
            pub(crate) fn operations(self) -> &'static [Operation] {
                match self {
                    $(Self::$name => $module::Simulator::operations(),)*
                }
            }
        }

        impl Simulator {
            pub(crate) fn base_url(&self) -> String {
                match self {
                    $(Self::$name(simulator) => simulator.base_url(),)*
                }
            }

            pub(crate) fn ca_pem(&self) -> Option<&str> {
                match self {
                    $(Self::$name(simulator) => simulator.ca_pem(),)*
                }
            }

            pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
                match self {
                    $(Self::$name(simulator) => simulator.environment(),)*
                }
            }

            pub(crate) async fn shutdown(self) {
                match self {
                    $(Self::$name(simulator) => simulator.shutdown().await,)*
                }
            }

            pub(crate) fn example(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $example,)*
                }
            }
        }
    };
}

services! {
    Sftptogo sftptogo
        "--url $SFTPTOGO_BASE_URL/organizations/$SFTPTOGO_ORGANIZATION_ID/users \
         -H \"Authorization: Bearer ${SFTPTOGO_API_KEY}\" -H \"Content-type: application/json\"";
    Ftpgrid ftpgrid
        "--url $FTPGRID_BASE_URL/apiaccess/auth -H \"Content-Type: application/json\" \
         -d \"{\\\"AssociationKey\\\":\\\"$FTPGRID_ASSOCIATION_KEY\\\",\\\"AccessKey\\\":\\\"$FTPGRID_ACCESS_KEY\\\",\
         \\\"SecretKey\\\":\\\"$FTPGRID_SECRET_KEY\\\"}\"";
    Brickftp brickftp "--url $BRICKFTP_BASE_URL/users.json --user $BRICKFTP_API_KEY:x";
    Usebuckets usebuckets "--url $USEBUCKETS_BASE_URL/buckets -H \"Authorization: Bearer ${USEBUCKETS_API_KEY}\"";
    Stook stook
        "--url $STOOK_BASE_URL/api/v1/auth/login/token -H \"Content-Type: application/json\" \
         -d \"{\\\"api_key\\\":\\\"$STOOK_API_KEY\\\",\\\"api_secret\\\":\\\"$STOOK_API_SECRET\\\"}\"";
}

/// Limits the memory of long runs.
const JOURNAL_LIMIT: usize = 1000;

/// Starts the selected service.
pub(crate) async fn start(arguments: &Arguments) -> Result<Simulator, StartError> {
    Ok(match arguments.provider {
        Provider::Sftptogo => Simulator::Sftptogo(start_sftptogo(arguments).await?),
        Provider::Ftpgrid => Simulator::Ftpgrid(start_ftpgrid(arguments).await?),
        Provider::Brickftp => Simulator::Brickftp(start_brickftp(arguments).await?),
        Provider::Usebuckets => Simulator::Usebuckets(start_usebuckets(arguments).await?),
        Provider::Stook => Simulator::Stook(start_stook(arguments).await?),
    })
}

/// Applies the arguments that all services have. Their builders have the same methods but no common type.
macro_rules! common {
    ($builder:expr, $arguments:expr) => {{
        let (mut builder, arguments) = ($builder, $arguments);
        builder = builder.listen(arguments.listen).seed(arguments.seed).journal_limit(JOURNAL_LIMIT);
        if arguments.tls {
            builder = builder.tls();
        }
        if arguments.journal {
            builder = builder.on_exchange(|exchange| eprintln!("{exchange}"));
        }
        for rule in &arguments.fault {
            builder = builder.fault(rule.clone());
        }
        builder
    }};
}

async fn start_sftptogo(arguments: &Arguments) -> Result<sftptogo::Simulator, StartError> {
    let mut builder = common!(sftptogo::Simulator::builder(), arguments);
    if let Some(key) = &arguments.api_key {
        builder = builder.api_key(key);
    }
    if let Some(id) = &arguments.organization_id {
        builder = builder.organization_id(id);
    }
    if arguments.full_responses {
        builder = builder.full_responses();
    }
    if arguments.allow_http_webhooks {
        builder = builder.allow_http_webhooks();
    }
    builder.start().await
}

async fn start_ftpgrid(arguments: &Arguments) -> Result<ftpgrid::Simulator, StartError> {
    let mut builder = common!(ftpgrid::Simulator::builder(), arguments);
    if let Some(address) = arguments.storage_listen {
        builder = builder.storage_listen(address);
    }
    if let Some(folder) = &arguments.data_folder {
        builder = builder.data_folder(folder);
    }
    builder.start().await
}

async fn start_brickftp(arguments: &Arguments) -> Result<brickftp::Simulator, StartError> {
    let mut builder = common!(brickftp::Simulator::builder(), arguments);
    if let Some(key) = &arguments.api_key {
        builder = builder.api_key(key);
    }
    if let Some(address) = arguments.storage_listen {
        builder = builder.storage_listen(address);
    }
    if let Some(folder) = &arguments.data_folder {
        builder = builder.storage(StorageSettings::new().data_folder(folder));
    }
    if let Some(password) = &arguments.admin_password {
        builder = builder.admin_password(password);
    }
    if arguments.legal_xml {
        builder = builder.legal_xml();
    }
    builder.start().await
}

async fn start_usebuckets(arguments: &Arguments) -> Result<usebuckets::Simulator, StartError> {
    let mut builder = common!(usebuckets::Simulator::builder(), arguments);
    if let Some(key) = &arguments.api_key {
        builder = builder.api_key(key);
    }
    if arguments.full_responses {
        builder = builder.full_responses();
    }
    if let Some(secret) = &arguments.signing_secret {
        builder = builder.signing_secret(secret);
    }
    builder.start().await
}

async fn start_stook(arguments: &Arguments) -> Result<stook::Simulator, StartError> {
    let mut builder = common!(stook::Simulator::builder(), arguments);
    if let Some(key) = &arguments.api_key {
        builder = builder.api_key(key);
    }
    if let Some(secret) = &arguments.api_secret {
        builder = builder.api_secret(secret);
    }
    if let Some(uuid) = &arguments.organization_id {
        builder = builder.organization_uuid(uuid);
    }
    builder.start().await
}
