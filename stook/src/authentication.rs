//! Who a client is, and how it gets its tokens.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, Method, StatusCode};
use mft_common::provider::{ErrorDetails, Pipeline, ServiceInfo, Token, TokenExchange};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{Call, Client, Error, ErrorKind, Result, Secret, UnixSeconds, check, client, error, lenient};

const LOGIN: &str = "stook.auth.login";
const PATH: &str = "/api/v1/auth/login/token";
const REFUSED: &str = "the service refuses the API key and its secret";

/// As for all other calls, except that a refusal is one of the key.
pub(crate) const SERVICE: ServiceInfo = ServiceInfo { parse_error, ..client::SERVICE };

fn parse_error(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    let refusal = error::parse_error(status, headers, body)?;
    let of_key = match refusal.kind {
        Some(kind) => matches!(kind, ErrorKind::Auth | ErrorKind::PermissionDenied | ErrorKind::Rejected),
        None => matches!(status.as_u16(), 400 | 401 | 403 | 422),
    };
    Some(if of_key { refusal.of_credentials(REFUSED) } else { refusal })
}

/// Who a client is to the service.
///
/// # Examples
///
/// ```no_run
/// use stook::{Authentication, Client};
///
/// let by_key = Client::builder("organization-uuid", Authentication::login("api-key", "api-secret")).build()?;
/// let by_token = Client::builder("organization-uuid", Authentication::token("token")).build()?;
/// # Ok::<(), stook::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authentication {
    /// An API key and its secret, exchanged for a token as one is needed.
    #[non_exhaustive]
    Login {
        /// The API key.
        api_key: Secret,
        /// Its secret.
        api_secret: Secret,
    },
    /// A token, sent as it is. When it ends, calls end in [`ErrorKind::Auth`].
    Token(Secret),
}

impl Authentication {
    /// An API key and its secret, which the control panel shows once, when they are made.
    ///
    /// Calls `POST /api/v1/auth/login/token` before the first call of the client, half a minute before the token ends by
    /// the service's own clock, and where a token is refused. All calls that wait for a token share one exchange.
    ///
    /// # Errors
    ///
    /// Where the service refuses key or secret, the calls that waited for the token end in
    /// [`Auth`](crate::ErrorKind::Auth) with the service's message, and have not been sent.
    pub fn login(api_key: impl Into<Secret>, api_secret: impl Into<Secret>) -> Self {
        Self::Login { api_key: api_key.into(), api_secret: api_secret.into() }
    }

    /// A token that an earlier login gave.
    pub fn token(token: impl Into<Secret>) -> Self {
        Self::Token(token.into())
    }
}

/// Authentication; from [`Client::auth`]. A client obtains its tokens by itself.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Auth<'c> {
    pub(crate) client: &'c Client,
}

/// A token, and when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The token, for [`Authentication::token`].
    pub token: Secret,
    /// When it ends by the service's clock, in seconds. That the number is a moment is taken from the one example.
    pub expires_at: Option<UnixSeconds>,
}

impl Auth<'_> {
    /// Obtains a token, beside the one that the client works with: to learn whether key and secret are good, or to hand
    /// it to a process that is not to have them, by [`Authentication::token`].
    ///
    /// Calls `POST /api/v1/auth/login/token`.
    ///
    /// # Errors
    ///
    /// [`Auth`](crate::ErrorKind::Auth) where the service refuses key or secret;
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where the client has a token and no key.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// let issued = client.auth().login().await?;
    /// std::fs::write("/run/secrets/stook-token", issued.token.expose()).expect("a place for the secret");
    /// # Ok(())
    /// # }
    /// ```
    pub fn login(&self) -> Call<IssuedToken> {
        let Some(login) = self.client.login() else {
            let no_key = Error::invalid_input("access", "is a token; a login needs an API key and its secret");
            let call = self.client.pipeline().call(LOGIN, Method::POST, PATH, &[]);
            return call.check(Err(no_key)).decode(|reply| Err(reply.undecodable("a reply to nothing")));
        };
        login.log_in(|SessionGuard { token, expire }, _| {
            let expires_at = expire.and_then(|seconds| i64::try_from(seconds).ok()).map(UnixSeconds);
            IssuedToken { token, expires_at }
        })
    }
}

/// Exchanges an API key and its secret for tokens, through a pipeline that has none.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    plain: Pipeline,
    body: LoginBody,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct LoginBody {
    #[serde(serialize_with = "mft_common::secret::expose")]
    pub(crate) api_key: Secret,
    #[serde(serialize_with = "mft_common::secret::expose")]
    pub(crate) api_secret: Secret,
}

impl LoginBody {
    pub(crate) fn check(&self) -> Result<()> {
        check::not_empty("api_key", self.api_key.expose())?;
        check::not_empty("api_secret", self.api_secret.expose())
    }

    /// `plain` carries no credential.
    pub(crate) fn over(self, plain: Pipeline) -> Login {
        Login { plain, body: self }
    }
}

/// Not in the usual envelope.
#[derive(Deserialize)]
struct SessionGuard {
    token: Secret,
    /// When the token ends, in Unix seconds.
    #[serde(default, deserialize_with = "moment")]
    expire: Option<u64>,
}

/// Only the example says what it means. Whatever form it comes in must not cost the caller the token.
fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = lenient::optional_integer(Value::deserialize(deserializer)?).ok().flatten();
    Ok(number.and_then(|number| u64::try_from(number).ok()))
}

impl Login {
    /// What is made of a token and the service's time.
    fn log_in<T: 'static>(&self, shape: fn(SessionGuard, SystemTime) -> T) -> Call<T> {
        let pipeline = self.plain.clone();
        // A second login makes a second token beside the first, which hurts nobody.
        let call = self.plain.call(LOGIN, Method::POST, PATH, &[]).idempotent();
        call.json_body(&self.body).decode(move |reply| Ok(shape(reply.json()?, pipeline.observe_date(&reply.headers))))
    }
}

fn living(SessionGuard { token, expire }: SessionGuard, now: SystemTime) -> Token {
    let token = Token::new(token);
    let end = expire.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    // A moment that has passed cannot be the end of a token that was given out just now: then only a 401 tells.
    match end.and_then(|end| end.duration_since(now).ok()).filter(|lifetime| !lifetime.is_zero()) {
        Some(lifetime) => token.lives_for(lifetime),
        None => token,
    }
}

impl TokenExchange for Login {
    async fn exchange(&self) -> Result<Token> {
        self.log_in(living).await
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.body.api_key.clone(), self.body.api_secret.clone()]
    }
}
