//! Tokens: what the keys of a REST API account are exchanged for.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method, StatusCode};
use mft_common::provider::{ErrorDetails, Pipeline, ServiceInfo, Token, TokenExchange};
use serde::Deserialize;
use serde_json::Value;

use crate::{Call, Client, Credentials, Result, Secret, UnixSeconds, client, error, reply};

const REFUSED: &str =
    "the service refuses the REST API account: its keys are wrong, or it was disabled, deleted or has expired";

/// As for all other calls, except that a refusal is one of the keys.
pub(crate) const SERVICE: ServiceInfo = ServiceInfo { parse_error, ..client::SERVICE };

fn parse_error(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    let refusal = error::parse_error(status, headers, body)?;
    Some(if matches!(status.as_u16(), 400 | 401 | 403) { refusal.of_credentials(REFUSED) } else { refusal })
}

/// Authentication; from [`Client::auth`]. A client obtains its tokens by itself.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Auth<'c> {
    pub(crate) client: &'c Client,
}

impl Auth<'_> {
    /// Obtains a token, beside the one that the client works with: to learn whether the keys are good, or to hand it to
    /// a process that is not to have them, by [`ClientBuilder::initial_token`](crate::ClientBuilder::initial_token).
    ///
    /// Calls `POST /apiaccess/auth`; needs no scope. A token lives for a short time that the service does not name, and
    /// no longer than its REST API account.
    ///
    /// # Errors
    ///
    /// [`Auth`](crate::ErrorKind::Auth) where the service refuses the keys.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// let token = client.auth().token().await?;
    /// std::fs::write("/run/secrets/ftpgrid-token", token.expose()).expect("a place for the secret");
    /// # Ok(())
    /// # }
    /// ```
    pub fn token(&self) -> Call<Secret> {
        self.client.exchange().issue(|token, _| token)
    }
}

/// Obtains tokens, through a pipeline that has none.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) plain: Pipeline,
    pub(crate) credentials: Credentials,
}

impl Exchange {
    /// What is made of a token and, where it tells, how long it lives.
    fn issue<T: 'static>(&self, shape: fn(Secret, Option<Duration>) -> T) -> Call<T> {
        #[derive(Deserialize)]
        struct Issued {
            token: Secret,
        }
        let pipeline = self.plain.clone();
        let call = self.plain.call("ftpgrid.auth.token", Method::POST, "/apiaccess/auth", &[]).idempotent();
        call.json_body(&self.credentials).decode(move |reply| {
            let Issued { token } = reply::object(reply)?;
            let now = pipeline.observe_date(&reply.headers);
            let lifetime = lifetime(&token, now);
            Ok(shape(token, lifetime))
        })
    }
}

impl TokenExchange for Exchange {
    async fn exchange(&self) -> Result<Token> {
        self.issue(living).await
    }

    fn secrets(&self) -> Vec<Secret> {
        self.credentials.secrets()
    }
}

/// A token that an earlier process obtained.
pub(crate) fn initial(token: Secret) -> Token {
    let lifetime = lifetime(&token, SystemTime::now());
    living(token, lifetime)
}

fn living(token: Secret, lifetime: Option<Duration>) -> Token {
    match lifetime {
        Some(lifetime) => Token::new(token).lives_for(lifetime),
        None => Token::new(token),
    }
}

/// What the token itself says of its end: a hint, which saves a refused call. The service documents no claims, so that
/// a token without them, or one that says that it has ended already, is used until it is refused.
fn lifetime(token: &Secret, now: SystemTime) -> Option<Duration> {
    let claims = token.expose().split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?).ok()?;
    let end = claims.get("exp")?.as_i64()?;
    let left = end.checked_sub(UnixSeconds::from_system_time(now).0)?;
    u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_token_is_a_hint() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
        let of = |claims: &str| Secret::new(format!("eyJhbGciOi.{}.sig", URL_SAFE_NO_PAD.encode(claims)));
        for (claims, expected) in [
            (r#"{"exp":1780000900}"#, Some(900)),
            (r#"{"sub":"x?>","exp":1780000001}"#, Some(1)),
            (r#"{"exp":1780000000}"#, None),
            (r#"{"exp":17}"#, None),
            (r#"{"exp":-9223372036854775808}"#, None),
            (r#"{"exp":"1780000900"}"#, None),
            (r#"{"exp":1e300}"#, None),
            ("{}", None),
            ("[]", None),
        ] {
            assert_eq!(lifetime(&of(claims), now), expected.map(Duration::from_secs), "{claims}");
        }
        for token in ["", "opaque", "eyJhbGciOi.demo.sig", "a..b", "a.\u{e9}.b", "...."] {
            assert_eq!(lifetime(&token.into(), now), None, "{token}");
        }
    }
}
