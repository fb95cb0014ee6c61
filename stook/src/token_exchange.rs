//! Exchanges an API key and its secret for a token.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use mft_common::provider::{Pipeline, Token, TokenExchange};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::authentication::LoginBody;
use crate::{Call, Result, Secret, lenient};

pub(crate) const LOGIN: &str = "stook.auth.login";
pub(crate) const LOGIN_PATH: &str = "/api/v1/auth/login/token";

/// Requests tokens through a pipeline that does not authenticate.
#[derive(Debug, Clone)]
pub(crate) struct LoginExchange {
    pub(crate) pipeline: Pipeline,
    pub(crate) body: LoginBody,
}

/// The response to a login. It has no envelope.
#[derive(Deserialize)]
pub(crate) struct LoginResponse {
    pub(crate) token: Secret,
    /// The expiration time in Unix seconds.
    #[serde(default, deserialize_with = "expiration")]
    pub(crate) expire: Option<u64>,
}

/// Reads the expiration time, or `None` from any other value: an unknown format must not make the token unusable. The
/// unit is known from an example only.
fn expiration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number = lenient::optional_integer(Value::deserialize(deserializer)?).ok().flatten();
    Ok(number.and_then(|number| u64::try_from(number).ok()))
}

impl LoginExchange {
    /// Logs in. `convert` receives the response and the server's time.
    pub(crate) fn request<T: 'static>(&self, convert: fn(LoginResponse, SystemTime) -> T) -> Call<T> {
        let pipeline = self.pipeline.clone();
        // Idempotent: a second login creates a second token and leaves the first one valid.
        let call = self.pipeline.call(LOGIN, Method::POST, LOGIN_PATH, &[]).idempotent();
        call.json_body(&self.body)
            .decode(move |response| Ok(convert(response.json()?, pipeline.observe_date(&response.headers))))
    }
}

fn with_lifetime(LoginResponse { token, expire }: LoginResponse, now: SystemTime) -> Token {
    let token = Token::new(token);
    let expires_at = expire.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    // A new token cannot have expired already, so a time in the past is not an expiration time.
    match expires_at.and_then(|time| time.duration_since(now).ok()).filter(|lifetime| !lifetime.is_zero()) {
        Some(lifetime) => token.lives_for(lifetime),
        None => token,
    }
}

impl TokenExchange for LoginExchange {
    async fn exchange(&self) -> Result<Token> {
        self.request(with_lifetime).await
    }

    fn secrets(&self) -> Vec<Secret> {
        self.body.secrets()
    }
}
