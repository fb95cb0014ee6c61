//! The token endpoint.

use crate::{Call, Client, Secret};

/// The token endpoint. Returned by [`Client::auth`]. Clients obtain their own tokens and do not need it.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing until one of its methods is called"]
pub struct Auth<'c> {
    pub(crate) client: &'c Client,
}

impl Auth<'_> {
    /// Requests a token, independent of the one that the client uses.
    ///
    /// Use it to verify the keys, or to hand a token to a process that must not have the keys: see
    /// [`ClientBuilder::initial_token`](crate::ClientBuilder::initial_token).
    ///
    /// Calls `POST /apiaccess/auth`; no scope needed. The lifetime of a token is short and not documented. A token does
    /// not outlive its REST API account.
    ///
    /// # Errors
    ///
    /// Fails with [`Auth`](crate::ErrorKind::Auth) if the service refuses the keys.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// let token = client.auth().token().await?;
    /// std::fs::write("/run/secrets/ftpgrid-token", token.expose()).expect("a writable file for the secret");
    /// # Ok(())
    /// # }
    /// ```
    pub fn token(&self) -> Call<Secret> {
        self.client.key_exchange().request(|token, _| token)
    }
}
