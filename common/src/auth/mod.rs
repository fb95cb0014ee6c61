//! Credentials, each bound to the origins that it was made for.

mod basic;
mod bearer;
mod cookie;
pub(crate) mod origin;
mod token_exchange;

use std::fmt;

use http::{HeaderName, HeaderValue};

use crate::http::Request;
use crate::{Error, Origin, Result, Secret};

pub use token_exchange::{Token, TokenExchange};

/// How a client proves who it is.
///
/// A credential goes to the origins given here and nowhere else: not to a signed storage URL, not to a link on another
/// host, not through a redirect.
pub struct Auth {
    scheme: Scheme,
    origins: Vec<Origin>,
}

enum Scheme {
    None,
    Header { name: HeaderName, value: HeaderValue, secrets: Vec<Secret> },
    Exchange(token_exchange::Tokens),
}

/// Which token an attempt carried, so that its 401 retires that token and no newer one.
pub(crate) type Generation = u64;

impl Auth {
    /// No credential.
    #[must_use]
    pub fn none() -> Self {
        Self { scheme: Scheme::None, origins: Vec::new() }
    }

    /// The same header on every request, for the services whose scheme is neither of the named ones.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) where the text cannot stand in a header.
    pub fn header(name: HeaderName, value: &str, secret: Secret, origins: Vec<Origin>) -> Result<Self> {
        let value = sensitive(name.as_str(), value)?;
        // Services like to echo the whole header as well as the key inside it.
        let whole = Secret::new(value.to_str().unwrap_or_default());
        Ok(Self { scheme: Scheme::Header { name, value, secrets: vec![whole, secret] }, origins })
    }

    /// A key or password exchanged for a short-lived token, sent as `Authorization: Bearer`. An `initial` token, which
    /// an earlier exchange gave, is used until it is refused.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) where the initial token cannot stand in a header.
    pub fn token_exchange(exchange: impl TokenExchange, initial: Option<Token>, origins: Vec<Origin>) -> Result<Self> {
        Ok(Self { scheme: Scheme::Exchange(token_exchange::Tokens::new(exchange, initial)?), origins })
    }

    /// Puts the credential on a request. Does nothing on a request that is bound for another origin.
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

    /// Retires the token that was just refused, unless a newer one has taken its place.
    pub(crate) fn retire(&self, generation: Generation) {
        if let Scheme::Exchange(tokens) = &self.scheme {
            tokens.retire(generation);
        }
    }

    /// What must be masked in texts that come back from the service.
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

/// A header value that no log of the layers below shows.
fn sensitive(what: &str, value: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| Error::invalid_input(what, "has a character that cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Refuses a credential that is blank or cannot stand in a header, naming it and not its value.
fn check_credential(what: &str, secret: &Secret) -> Result<()> {
    if secret.expose().trim().is_empty() {
        return Err(Error::invalid_input(what, "is empty"));
    }
    if !secret.expose().bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err(Error::invalid_input(what, "has a character outside printable ASCII (a line end, perhaps)"));
    }
    Ok(())
}
