//! Tokens and scopes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::input::{ApiError, ApiResult, Input};
use super::state::store::Store;
use crate::server::{ApiRequest, Response, bearer};

/// The default scopes of the account: the vendor's list, and the scope that is documented only for moves.
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
    pub(crate) fn log_in(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let association_key = input.required("AssociationKey")?;
        let access_key = input.required("AccessKey")?;
        let secret_key = input.required("SecretKey")?;
        let is_valid = association_key == self.association_key
            && access_key == self.access_key
            && secret_key == self.secret_key
            && !self.is_expired(request.now_ms);
        if !is_valid {
            return Err(ApiError::unauthorized("Unauthorized"));
        }
        let token = self.issue_token(request.now_ms);
        Ok(Response::json(StatusCode::OK, &json!({ "token": token })))
    }

    /// Issues a token in the form of a JWT. Its signature is random: only the simulator can verify it.
    pub(crate) fn issue_token(&mut self, now_ms: i64) -> String {
        let lifetime_ms = i64::try_from(self.settings.token_lifetime.as_millis()).unwrap_or(i64::MAX);
        let expires_ms = now_ms.saturating_add(lifetime_ms);
        let mut claims = json!({ "jti": self.random.uuid() });
        if self.settings.expiry_claim {
            claims["iat"] = (now_ms / 1000).into();
            claims["exp"] = (expires_ms / 1000).into();
        }
        let header = BASE64.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let token = format!("{header}.{}.{}", BASE64.encode(claims.to_string()), self.random.alphanumeric(43));
        self.tokens.insert(token.clone(), expires_ms);
        token
    }

    pub(crate) fn is_expired(&self, now_ms: i64) -> bool {
        self.expires_ms.is_some_and(|expires| now_ms >= expires)
    }

    /// Removes expired tokens, or all tokens if the account has expired.
    pub(crate) fn expire_tokens(&mut self, now_ms: i64) {
        if self.is_expired(now_ms) {
            self.tokens.clear();
        }
        self.tokens.retain(|_, expires_ms| now_ms < *expires_ms);
    }

    pub(crate) fn authorize(&self, headers: &HeaderMap, scopes: &[&str]) -> ApiResult<()> {
        if scopes.is_empty() {
            return Ok(());
        }
        let token = bearer(headers);
        if !token.is_some_and(|token| self.tokens.contains_key(token)) {
            return Err(ApiError::unauthorized("Unauthorized"));
        }
        if !scopes.iter().any(|scope| self.scopes.contains(*scope)) {
            return Err(ApiError::forbidden("Forbidden"));
        }
        Ok(())
    }
}
