use http::StatusCode;

use crate::brickftp::request::access::session_id;
use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::Event;
use crate::brickftp::state::store::{Session, Store, millis};

impl Store {
    pub(crate) fn log_in(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let username = request.input.text("username")?.unwrap_or_default();
        let password = request.input.text("password")?.unwrap_or_default();
        let Some(user) = self.user_named(&username) else {
            self.record_login(None, &username, Some("unknown_user"), request.now_ms);
            return Err(wrong_login());
        };
        let id = user.id;
        let problem = if user.lockout_expires_ms.is_some() {
            Some(("locked_out", ApiError::listed(StatusCode::UNAUTHORIZED, "Too many failed logins: locked out")))
        } else if user.password != password {
            Some(("bad_password", wrong_login()))
        } else if user.authenticate_until_ms.is_some_and(|end| request.now_ms > end) {
            Some(("expired_user", wrong_login()))
        } else if !user.restapi_permission {
            Some(("protocol_not_allowed", ApiError::permission_denied()))
        } else {
            None
        };
        if let Some((kind, error)) = problem {
            self.record_login(Some(id), &username, Some(kind), request.now_ms);
            if kind == "bad_password" {
                self.count_failure(id, request.now_ms);
            }
            return Err(error);
        }
        if let Some(user) = self.users.get_mut(&id) {
            user.failed_logins = 0;
            user.last_login_at_ms = Some(request.now_ms);
        }
        self.record_login(Some(id), &username, None, request.now_ms);
        let session = self.add_session(id, request.now_ms);
        Ok(SiteResponse::created("session", Node::map([("id", Node::text(session))])))
    }

    pub(crate) fn add_session(&mut self, user_id: u64, now_ms: i64) -> String {
        let id = self.random.hex(40);
        let expires_at_ms = now_ms.saturating_add(millis(self.settings.session_lifetime));
        self.sessions.insert(id.clone(), Session { user_id, expires_at_ms });
        id
    }

    /// Succeeds regardless of the cookie.
    pub(crate) fn log_out(&mut self, request: &SiteRequest<'_>) -> SiteResponse {
        if let Some(id) = session_id(request.headers()) {
            self.sessions.remove(&id);
        }
        SiteResponse::nothing()
    }

    fn count_failure(&mut self, user_id: u64, now_ms: i64) {
        let lockout = self.settings.lockout;
        if let (Some(user), Some((failures, duration))) = (self.users.get_mut(&user_id), lockout) {
            user.failed_logins += 1;
            if user.failed_logins >= failures {
                user.lockout_expires_ms = Some(now_ms.saturating_add(millis(duration)));
                self.locked_out.insert(user_id);
            }
        }
    }

    fn record_login(&mut self, user_id: Option<u64>, username: &str, failure: Option<&str>, now_ms: i64) {
        self.record(Event {
            when_ms: now_ms,
            user_id,
            username: Some(username.to_owned()),
            action: if failure.is_some() { "failedlogin" } else { "login" }.into(),
            failure_type: failure.map(Into::into),
            ..Event::default()
        });
    }
}

fn wrong_login() -> ApiError {
    ApiError::listed(StatusCode::UNAUTHORIZED, "invalid username or password")
}
