//! Guard that logs out when it is dropped.

use std::ops::Deref;

use crate::{Call, Client};

/// Client of a session that logs out when it is dropped. Created by
/// [`Sessions::login_guarded`](crate::Sessions::login_guarded).
///
/// Dereferences to the [`Client`]. [`logout`](Self::logout) ends the session and reports failures. Dropping the guard
/// also ends the session, as a best effort: in a background task, without reporting failures. It sends nothing if no
/// Tokio runtime is running or if the runtime ends first. Clones of the inner client do not keep the session open.
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

    /// Returns the client of the session.
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
    /// The logout is not sent if the call is not awaited. Dropping the guard afterwards does not send it either. See
    /// [`Error`](crate::Error).
    pub fn logout(mut self) -> Call<()> {
        self.logs_out = false;
        self.client.sessions().logout()
    }

    /// Returns the client and keeps the session open.
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
