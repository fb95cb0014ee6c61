//! Tokens, and who may do what with them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::input::Input;
use super::operations::scopes;
use super::refusal::{Answer, Refusal};
use super::state::store::Store;
use crate::server::{Reply, bearer};

/// What the account may do unless a test says otherwise: the scopes of the vendor's list, and the one that only the
/// page of the move speaks of.
pub(crate) const SCOPES: &[&str] = &[
    "file.create",
    "file.delete",
    "file.read",
    "file.list",
    "file.rename",
    "ftpaccount.create",
    "ftpaccount.delete",
    "ftpaccount.get",
    "ftpaccount.list",
    "ftpaccount.update",
];

impl Store {
    pub(crate) fn log_in(&mut self, input: &Input, now_ms: i64) -> Answer<Reply> {
        let association_key = input.required("AssociationKey")?;
        let access_key = input.required("AccessKey")?;
        let secret_key = input.required("SecretKey")?;
        let known = association_key == self.association_key
            && access_key == self.access_key
            && secret_key == self.secret_key
            && !self.is_expired(now_ms);
        if !known {
            return Err(Refusal::unauthorized());
        }
        let token = self.issue_token(now_ms);
        Ok(Reply::json(StatusCode::OK, &json!({ "token": token })))
    }

    /// A text that looks like a JWT and is none: only this service can tell whether it is good.
    pub(crate) fn issue_token(&mut self, now_ms: i64) -> String {
        let life_ms = i64::try_from(self.settings.token_life.as_millis()).unwrap_or(i64::MAX);
        let expires_ms = now_ms.saturating_add(life_ms);
        let mut claims = json!({ "jti": self.random.uuid() });
        if self.settings.expiry_claim {
            claims["iat"] = (now_ms / 1000).into();
            claims["exp"] = (expires_ms / 1000).into();
        }
        let head = BASE64.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let token = format!("{head}.{}.{}", BASE64.encode(claims.to_string()), self.random.alphanumeric(43));
        self.tokens.insert(token.clone(), expires_ms);
        token
    }

    pub(crate) fn is_expired(&self, now_ms: i64) -> bool {
        self.expires_ms.is_some_and(|expires| now_ms >= expires)
    }

    /// Forgets tokens whose time is over, all of them once the account has expired.
    pub(crate) fn expire_tokens(&mut self, now_ms: i64) {
        if self.is_expired(now_ms) {
            self.tokens.clear();
        }
        self.tokens.retain(|_, expires_ms| now_ms < *expires_ms);
    }

    pub(crate) fn authorize(&self, headers: &HeaderMap, operation: &str) -> Answer<()> {
        let needed = scopes(operation);
        if needed.is_empty() {
            return Ok(());
        }
        let token = bearer(headers);
        if !token.is_some_and(|token| self.tokens.contains_key(token)) {
            return Err(Refusal::unauthorized());
        }
        if !needed.iter().any(|scope| self.scopes.contains(*scope)) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "Forbidden"));
        }
        Ok(())
    }
}
