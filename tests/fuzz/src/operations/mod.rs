//! All operations of all clients, by number.

mod brickftp;
mod brickftp_files;
mod ftpgrid;
mod sftptogo;
mod stook;
mod usebuckets;

use std::fmt::Debug;

use mft_common::{Error, Pager, RetryPolicy};

use crate::checks::{assert_planted_hidden, assert_sound};
use crate::memory::{assert_bounded, peak};
use crate::run;
use crate::server::{Server, replies};

/// What an operation ends in.
pub type Ended = Result<Box<dyn Debug>, Error>;

/// How a client is made and a list is read: eight bits of the input.
#[derive(Debug, Clone, Copy)]
pub struct Options(u8);

impl Options {
    /// Failures are repeated, over waits that take no time.
    fn retry(self) -> RetryPolicy {
        if self.0 & 1 == 0 { RetryPolicy::none() } else { RetryPolicy::new().seed(7) }
    }

    /// The other one of two formats, or of two ways to log in.
    fn other(self) -> bool {
        self.0 & 2 != 0
    }

    /// Pages of one entry.
    fn small_pages(self) -> bool {
        self.0 & 4 != 0
    }

    fn prefetch(self) -> bool {
        self.0 & 8 != 0
    }

    /// BrickFTP speaks one format and is answered in the other one.
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
    /// All, in the order in which inputs count them.
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

    /// The names under which its replies hold secrets.
    pub fn secret_names(self) -> &'static [&'static str] {
        match self {
            Self::Ftpgrid => &["associationKey"],
            Self::Usebuckets => &[],
            Self::Stook => &["token"],
            Self::Sftptogo => &["Password", "Uri", "AuthorizationHeader", "Secret"],
            Self::Brickftp | Self::BrickftpFiles => &["download_uri", "upload_uri", "key"],
        }
    }

    async fn perform(self, server: &Server, operation: u8, options: Options) -> Ended {
        match self {
            Self::Ftpgrid => ftpgrid::perform(server, operation, options).await,
            Self::Usebuckets => usebuckets::perform(server, operation, options).await,
            Self::Stook => stook::perform(server, operation, options).await,
            Self::Sftptogo => sftptogo::perform(server, operation, options).await,
            Self::Brickftp => brickftp::perform(server, operation, options).await,
            Self::BrickftpFiles => brickftp_files::perform(server, operation, options).await,
        }
    }
}

/// Performs one operation against a server that gives the replies of the input: its first three bytes are the service,
/// the operation and the options. Tells whether it succeeded.
///
/// # Panics
///
/// Where what must hold does not.
pub fn any(input: &[u8]) -> bool {
    let [service, operation, options, text @ ..] = input else { return false };
    let service = Service::ALL[usize::from(*service) % Service::ALL.len()];
    let server = Server::new(replies(text), service.hosts());
    let (ended, most) = peak(|| run(service.perform(&server, *operation, Options(*options))));
    assert_bounded(&format!("{service:?} {operation}"), most, server.served());
    match &ended {
        Ok(value) => drop(format!("{value:?}")),
        Err(error) => assert_sound(error, &server.told()),
    }
    assert_planted_hidden(&ended, server.given().map(|reply| &reply.body[..]), service.secret_names());
    ended.is_ok()
}

/// The result of a call, whatever its type is.
async fn told<T: Debug + 'static>(call: impl IntoFuture<Output = Result<T, Error>>) -> Ended {
    call.await.map(|value| Box::new(value) as Box<dyn Debug>)
}

/// A list whole.
async fn listed<T: Debug + Send + 'static>(list: Pager<T>, options: Options) -> Ended {
    let list = if options.prefetch() { list.prefetch(true) } else { list };
    told(list.try_collect_vec()).await
}

/// A list of pages whole.
async fn paged<T: Debug + Send + 'static>(list: Pager<T>, options: Options) -> Ended {
    listed(if options.small_pages() { list.page_size(1) } else { list }, options).await
}
