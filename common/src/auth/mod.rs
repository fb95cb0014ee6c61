//! Authentication. Credentials are bound to origins.

mod header;
pub(crate) mod origin;
mod token_exchange;

use std::fmt;

use http::{HeaderName, HeaderValue};

use crate::http::Request;
use crate::{Error, Origin, Result, Secret};

pub use token_exchange::{Token, TokenExchange};

/// The authentication of a client.
///
/// Credentials are sent only to the origins given here: not to a presigned URL, not to a link on another host, not
/// through a redirect.
pub struct Auth {
    scheme: Scheme,
    origins: Vec<Origin>,
}

enum Scheme {
    None,
    Header { name: HeaderName, value: HeaderValue, secrets: Vec<Secret> },
    Exchange(token_exchange::Tokens),
}

/// The number of the token that an attempt used. Its 401 retires that token and no newer one.
pub(crate) type Generation = u64;

impl Auth {
    /// Returns no authentication.
    #[must_use]
    pub fn none() -> Self {
        Self { scheme: Scheme::None, origins: Vec::new() }
    }

    /// Returns authentication with a fixed header, for services with a scheme of their own.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the value is invalid in a header.
    pub fn header(name: HeaderName, value: &str, secret: Secret, origins: Vec<Origin>) -> Result<Self> {
        let value = sensitive(name.as_str(), value)?;
        // Some services echo the whole header, others only the key.
        let header = Secret::new(value.to_str().unwrap_or_default());
        Ok(Self { scheme: Scheme::Header { name, value, secrets: vec![header, secret] }, origins })
    }

    /// Returns authentication with short-lived tokens, sent as `Authorization: Bearer`. An `initial` token of an earlier
    /// exchange is used until the service rejects it.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the initial token is invalid in a header.
    pub fn token_exchange(exchange: impl TokenExchange, initial: Option<Token>, origins: Vec<Origin>) -> Result<Self> {
        Ok(Self { scheme: Scheme::Exchange(token_exchange::Tokens::new(exchange, initial)?), origins })
    }

    /// Adds the credentials to a request. A request to another origin is left unchanged.
    pub(crate) async fn apply(&self, request: &mut Request) -> Result<Option<Generation>> {
        if !self.origins.iter().any(|origin| origin.contains(request.uri())) {
            return Ok(None);
        }
        match &self.scheme {
            Scheme::None => Ok(None),
            Scheme::Header { name, value, .. } => {
                request.headers_mut().insert(name, value.clone());
                Ok(None)
            }
            Scheme::Exchange(tokens) => {
                let (generation, value) = tokens.current().await?;
                request.headers_mut().insert(http::header::AUTHORIZATION, value);
                Ok(Some(generation))
            }
        }
    }

    /// Retires a token that the service rejected, unless a newer one has replaced it.
    pub(crate) fn retire(&self, generation: Generation) {
        if let Scheme::Exchange(tokens) = &self.scheme {
            tokens.retire(generation);
        }
    }

    /// Returns the secrets to mask in messages of the service.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        match &self.scheme {
            Scheme::None => Vec::new(),
            Scheme::Header { secrets, .. } => secrets.clone(),
            Scheme::Exchange(tokens) => tokens.secrets(),
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match &self.scheme {
            Scheme::None => "none",
            Scheme::Header { name, .. } => name.as_str(),
            Scheme::Exchange(_) => "token exchange",
        };
        f.debug_struct("Auth").field("scheme", &scheme).field("origins", &self.origins).finish()
    }
}

/// Returns a header value that is marked as sensitive, so that lower layers do not log it.
fn sensitive(field: &str, value: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| Error::invalid_input(field, "contains a character that is invalid in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Rejects a credential that is blank or invalid in a header. The error does not contain the value.
fn check_credential(field: &str, secret: &Secret) -> Result<()> {
    if secret.expose().trim().is_empty() {
        return Err(Error::invalid_input(field, "is empty"));
    }
    if !secret.expose().bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err(Error::invalid_input(field, "contains a character outside printable ASCII, such as a line end"));
    }
    Ok(())
}
