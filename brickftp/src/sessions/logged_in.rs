//! A client that logs out at its end.

use std::ops::Deref;

use crate::{Call, Client};

/// A client of a session; from [`Sessions::login_guarded`](crate::Sessions::login_guarded).
///
/// It is used like the [`Client`] that it holds. [`logout`](Self::logout) ends the session and says whether that worked.
/// Dropping it ends the session too, as well as can be: in a task of its own, without a word about failures, and not at
/// all where no Tokio runtime is running or the runtime ends first. Clones of the client inside it do not keep the
/// session open.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: brickftp::Client, password: brickftp::Secret) -> brickftp::Result<()> {
/// let session = client.sessions().login_guarded("ada", password).await?;
/// println!("{} users", session.users().count().await?);
/// session.logout().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SessionGuard {
    client: Client,
    logs_out: bool,
}

impl SessionGuard {
    pub(super) fn new(client: Client) -> Self {
        Self { client, logs_out: true }
    }

    /// The client of the session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Ends the session.
    ///
    /// Calls `DELETE /sessions`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error). The session is not ended a second time, and not at all where the call is not awaited.
    pub fn logout(mut self) -> Call<()> {
        self.logs_out = false;
        self.client.sessions().logout()
    }

    /// Keeps the session open, and gives its client.
    #[must_use]
    pub fn keep_open(mut self) -> Client {
        self.logs_out = false;
        self.client.clone()
    }
}

impl Deref for SessionGuard {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        if self.logs_out
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(self.client.sessions().logout().no_retry().into_future());
        }
    }
}
