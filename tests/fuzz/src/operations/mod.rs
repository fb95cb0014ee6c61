//! All operations of all clients, by number.

mod brickftp;
mod brickftp_files;
mod ftpgrid;
mod sftptogo;
mod stook;
mod usebuckets;

use std::fmt::Debug;

use mft_common::{Error, Pager, RetryPolicy};

use crate::checks::{assert_planted_hidden, assert_valid_error};
use crate::memory::{assert_bounded, peak};
use crate::run;
use crate::transport::{ScriptedTransport, parse_responses};

/// The result of an operation.
pub type CallResult = Result<Box<dyn Debug>, Error>;

/// The options of a client and of a list: eight bits of the input.
#[derive(Debug, Clone, Copy)]
pub struct Options(u8);

impl Options {
    /// Enables retries, whose delays take no time.
    fn retry(self) -> RetryPolicy {
        if self.0 & 1 == 0 { RetryPolicy::none() } else { RetryPolicy::new().seed(7) }
    }

    /// Selects the alternative format or the alternative authentication.
    fn alternative(self) -> bool {
        self.0 & 2 != 0
    }

    /// Uses pages of one entry.
    fn small_pages(self) -> bool {
        self.0 & 4 != 0
    }

    fn prefetch(self) -> bool {
        self.0 & 8 != 0
    }

    /// Uses different request and response formats of BrickFTP.
    fn mixed(self) -> bool {
        self.0 & 16 != 0
    }
}

/// A service under test.
#[derive(Debug, Clone, Copy)]
pub enum Service {
    Ftpgrid,
    Usebuckets,
    Stook,
    Sftptogo,
    Brickftp,
    BrickftpFiles,
}

impl Service {
    /// All services, in the order of their numbers in inputs.
    pub const ALL: [Self; 6] =
        [Self::Ftpgrid, Self::Usebuckets, Self::Stook, Self::Sftptogo, Self::Brickftp, Self::BrickftpFiles];

    fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::Ftpgrid => &["api.ftpgrid.com", "web3.ftpgrid.com"],
            Self::Usebuckets => &["api.usebuckets.io"],
            Self::Stook => &["cloud.medianova.com"],
            Self::Sftptogo => &["api.sftptogo.com"],
            Self::Brickftp | Self::BrickftpFiles => &["acme.brickftp.com"],
        }
    }

    /// Returns the names of secret fields in responses.
    pub fn secret_names(self) -> &'static [&'static str] {
        match self {
            Self::Ftpgrid => &["associationKey"],
            Self::Usebuckets => &[],
            Self::Stook => &["token"],
            Self::Sftptogo => &["Password", "Uri", "AuthorizationHeader", "Secret"],
            Self::Brickftp | Self::BrickftpFiles => &["download_uri", "upload_uri", "key"],
        }
    }

    async fn perform(self, transport: &ScriptedTransport, operation: u8, options: Options) -> CallResult {
        match self {
            Self::Ftpgrid => ftpgrid::perform(transport, operation, options).await,
            Self::Usebuckets => usebuckets::perform(transport, operation, options).await,
            Self::Stook => stook::perform(transport, operation, options).await,
            Self::Sftptogo => sftptogo::perform(transport, operation, options).await,
            Self::Brickftp => brickftp::perform(transport, operation, options).await,
            Self::BrickftpFiles => brickftp_files::perform(transport, operation, options).await,
        }
    }
}

/// Performs one operation with the responses of the input. Its first three bytes are the service, the operation and the
/// options. Returns whether the operation succeeded.
///
/// # Panics
///
/// Panics if a check fails.
pub fn any(input: &[u8]) -> bool {
    let [service, operation, options, text @ ..] = input else { return false };
    let service = Service::ALL[usize::from(*service) % Service::ALL.len()];
    let transport = ScriptedTransport::new(parse_responses(text), service.hosts());
    let (result, peak_bytes) = peak(|| run(service.perform(&transport, *operation, Options(*options))));
    assert_bounded(&format!("{service:?} {operation}"), peak_bytes, transport.sent_bytes());
    match &result {
        Ok(value) => drop(format!("{value:?}")),
        Err(error) => assert_valid_error(error, &transport.received_secrets()),
    }
    assert_planted_hidden(&result, transport.responses().map(|response| &response.body[..]), service.secret_names());
    result.is_ok()
}

/// Boxes the result of a call.
async fn boxed<T: Debug + 'static>(call: impl IntoFuture<Output = Result<T, Error>>) -> CallResult {
    call.await.map(|value| Box::new(value) as Box<dyn Debug>)
}

/// Collects a list.
async fn collect_list<T: Debug + Send + 'static>(list: Pager<T>, options: Options) -> CallResult {
    let list = if options.prefetch() { list.prefetch(true) } else { list };
    boxed(list.try_collect_vec()).await
}

/// Collects a paged list.
async fn collect_paged<T: Debug + Send + 'static>(list: Pager<T>, options: Options) -> CallResult {
    collect_list(if options.small_pages() { list.page_size(1) } else { list }, options).await
}
