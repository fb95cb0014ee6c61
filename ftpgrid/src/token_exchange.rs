//! Exchanges the keys of a REST API account for a token.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use mft_common::provider::{Pipeline, Token, TokenExchange};
use serde::Deserialize;
use serde_json::Value;

use crate::authentication::Keys;
use crate::{Call, Result, Secret, UnixSeconds, response};

/// Requests tokens through a pipeline that does not authenticate.
#[derive(Debug, Clone)]
pub(crate) struct KeyExchange {
    pub(crate) pipeline: Pipeline,
    pub(crate) keys: Keys,
}

impl KeyExchange {
    /// Requests a token. `convert` receives it with its lifetime, if the token states one.
    pub(crate) fn request<T: 'static>(&self, convert: fn(Secret, Option<Duration>) -> T) -> Call<T> {
        #[derive(Deserialize)]
        struct TokenResponse {
            token: Secret,
        }
        let pipeline = self.pipeline.clone();
        let call = self.pipeline.call("ftpgrid.auth.token", Method::POST, "/apiaccess/auth", &[]).idempotent();
        call.json_body(&self.keys).decode(move |response| {
            let TokenResponse { token } = response::object(response)?;
            let now = pipeline.observe_date(&response.headers);
            let lifetime = lifetime(&token, now);
            Ok(convert(token, lifetime))
        })
    }
}

impl TokenExchange for KeyExchange {
    async fn exchange(&self) -> Result<Token> {
        self.request(with_lifetime).await
    }

    fn secrets(&self) -> Vec<Secret> {
        self.keys.secrets()
    }
}

/// Wraps a token that an earlier process obtained.
pub(crate) fn initial(token: Secret) -> Token {
    let lifetime = lifetime(&token, SystemTime::now());
    with_lifetime(token, lifetime)
}

fn with_lifetime(token: Secret, lifetime: Option<Duration>) -> Token {
    match lifetime {
        Some(lifetime) => Token::new(token).lives_for(lifetime),
        None => Token::new(token),
    }
}

/// Reads the remaining lifetime from the `exp` claim of a JWT.
///
/// This is only a hint that saves a refused call, because the service documents no claims. A token without the claim, or
/// with one in the past, is used until the service refuses it.
fn lifetime(token: &Secret, now: SystemTime) -> Option<Duration> {
    let claims = token.expose().split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?).ok()?;
    let expires_at = claims.get("exp")?.as_i64()?;
    let remaining = expires_at.checked_sub(UnixSeconds::from_system_time(now).0)?;
    u64::try_from(remaining).ok().filter(|remaining| *remaining > 0).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_lifetime_from_the_token() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
        let token = |claims: &str| Secret::new(format!("eyJhbGciOi.{}.sig", URL_SAFE_NO_PAD.encode(claims)));
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
            assert_eq!(lifetime(&token(claims), now), expected.map(Duration::from_secs), "{claims}");
        }
        for token in ["", "opaque", "eyJhbGciOi.demo.sig", "a..b", "a.\u{e9}.b", "...."] {
            assert_eq!(lifetime(&token.into(), now), None, "{token}");
        }
    }
}
