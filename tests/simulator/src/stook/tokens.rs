use http::HeaderMap;
use serde_json::{Value, json};

use super::envelope::Envelope;
use super::input::{ApiError, ApiResult, Input};
use super::state::store::Store;
use crate::server::{ApiRequest, bearer};

/// The encoded header of a JSON Web Token. The simulator does not verify signatures.
const TOKEN_HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";

impl Store {
    pub(crate) fn log_in(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let mut input = Input::parse(request.body)?;
        let (key, secret) = (input.required_text("api_key"), input.required_text("api_secret"));
        input.check()?;
        if !self.api_key.as_ref().is_some_and(|pair| pair.key == key && pair.secret == secret) {
            return Err(ApiError::unauthorized("Invalid API credentials."));
        }
        let token = self.issue_token(request.now_ms);
        let expire = self.tokens.get(&token).map_or(request.now_ms, |end_ms| *end_ms).div_euclid(1000);
        let session = self.random.alphanumeric(40);
        let body = json!({ "status": true, "token": token, "session": session, "expire": expire });
        Ok(Envelope::Bare(body))
    }

    /// Issues a token, as a login does.
    pub(crate) fn issue_token(&mut self, now_ms: i64) -> String {
        let token = format!("{TOKEN_HEADER}.eyJ{}.{}", self.random.alphanumeric(61), self.random.alphanumeric(43));
        let lifetime_ms = i64::try_from(self.settings.token_lifetime.as_millis()).unwrap_or(i64::MAX);
        self.tokens.insert(token.clone(), now_ms.saturating_add(lifetime_ms));
        token
    }

    pub(crate) fn authorize(&self, headers: &HeaderMap) -> ApiResult<()> {
        let token = bearer(headers);
        if token.is_some_and(|token| self.tokens.contains_key(token)) {
            return Ok(());
        }
        Err(ApiError::unauthorized("Unauthenticated."))
    }

    pub(crate) fn list_organizations(&self) -> Envelope {
        let items = self.organizations.iter();
        let items: Vec<Value> = items.map(|one| json!({ "uuid": one.uuid, "name": one.name })).collect();
        Envelope::Pages(items, 10)
    }
}
