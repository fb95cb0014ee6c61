use http::StatusCode;

use super::access::session_id;
use super::call::{Call, Output};
use super::document::Node;
use super::objects::Event;
use super::refusal::{Answer, Refusal};
use super::store::{Session, Store, millis};

impl Store {
    pub(super) fn log_in(&mut self, call: &Call<'_>) -> Answer<Output> {
        let username = call.input.text("username")?.unwrap_or_default();
        let password = call.input.text("password")?.unwrap_or_default();
        let Some(user) = self.user_named(&username) else {
            self.record_login(None, &username, Some("unknown_user"), call.now_ms);
            return Err(wrong_login());
        };
        let id = user.id;
        let problem = if user.lockout_expires_ms.is_some() {
            Some(("locked_out", Refusal::listed(StatusCode::UNAUTHORIZED, "Too many failed logins: locked out")))
        } else if user.password != password {
            Some(("bad_password", wrong_login()))
        } else if user.authenticate_until_ms.is_some_and(|end| call.now_ms > end) {
            Some(("expired_user", wrong_login()))
        } else if !user.restapi_permission {
            Some(("protocol_not_allowed", Refusal::forbidden()))
        } else {
            None
        };
        if let Some((kind, refusal)) = problem {
            self.record_login(Some(id), &username, Some(kind), call.now_ms);
            if kind == "bad_password" {
                self.count_failure(id, call.now_ms);
            }
            return Err(refusal);
        }
        if let Some(user) = self.users.get_mut(&id) {
            user.failed_logins = 0;
            user.last_login_at_ms = Some(call.now_ms);
        }
        self.record_login(Some(id), &username, None, call.now_ms);
        let session = self.add_session(id, call.now_ms);
        Ok(Output::created("session", Node::map([("id", Node::text(session))])))
    }

    pub(super) fn add_session(&mut self, user_id: u64, now_ms: i64) -> String {
        let id = self.random.hex(40);
        let expires_at_ms = now_ms.saturating_add(millis(self.settings.session_life));
        self.sessions.insert(id.clone(), Session { user_id, expires_at_ms });
        id
    }

    /// Succeeds whatever the cookie holds.
    pub(super) fn log_out(&mut self, call: &Call<'_>) -> Output {
        if let Some(id) = session_id(call.headers) {
            self.sessions.remove(&id);
        }
        Output::nothing()
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

fn wrong_login() -> Refusal {
    Refusal::listed(StatusCode::UNAUTHORIZED, "invalid username or password")
}
