//! The login endpoint.

use http::Method;

use crate::token_exchange::{LOGIN, LOGIN_PATH, LoginResponse};
use crate::{Call, Client, Error, Secret, UnixSeconds};

/// The login endpoint. Returned by [`Client::auth`]. Clients obtain their own tokens and do not need it.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing until one of its methods is called"]
pub struct Auth<'c> {
    pub(crate) client: &'c Client,
}

/// A token and its expiration time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token, for [`Authentication::token`](crate::Authentication::token).
    pub token: Secret,
    /// The expiration time by the server's clock, in seconds since the Unix epoch. The unit is not documented; it is
    /// inferred from an example.
    pub expires_at: Option<UnixSeconds>,
}

impl Auth<'_> {
    /// Requests a token, independent of the one that the client uses.
    ///
    /// Use it to verify key and secret, or to hand a token to a process that must not have them: see
    /// [`Authentication::token`](crate::Authentication::token).
    ///
    /// Calls `POST /api/v1/auth/login/token`.
    ///
    /// # Errors
    ///
    /// Fails with [`Auth`](crate::ErrorKind::Auth) if the service refuses the key or the secret, and with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the client authenticates with a token.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// let issued = client.auth().login().await?;
    /// std::fs::write("/run/secrets/stook-token", issued.token.expose()).expect("a writable file for the secret");
    /// # Ok(())
    /// # }
    /// ```
    pub fn login(&self) -> Call<IssuedToken> {
        let Some(exchange) = self.client.login_exchange() else {
            let no_key = Error::invalid_input("authentication", "is a token; a login needs an API key and its secret");
            let call = self.client.pipeline().call(LOGIN, Method::POST, LOGIN_PATH, &[]).check(Err(no_key));
            return call.decode(|response| Err(response.undecodable("a response to a call that is never sent")));
        };
        exchange.request(|LoginResponse { token, expire }, _| {
            let expires_at = expire.and_then(|seconds| i64::try_from(seconds).ok()).map(UnixSeconds);
            IssuedToken { token, expires_at }
        })
    }
}
