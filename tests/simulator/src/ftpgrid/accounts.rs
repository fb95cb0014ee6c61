use http::StatusCode;
use serde_json::{Value, json};

use super::input::{ApiError, ApiResult, Input};
use super::settings::CreateResponse;
use super::state::objects::FtpAccount;
use super::state::store::Store;
use crate::server::{ApiRequest, Response};

const RIGHTS: &[&str] = &["RO", "RW"];
const KEY_TYPES: &[&str] = &["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];

/// The response to calls that change something.
pub(crate) fn acknowledged() -> Response {
    Response::json(StatusCode::OK, &json!({ "rslt": "OK" }))
}

impl Store {
    pub(crate) fn create_account(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        for key in ["Username", "AccessRights", "Chroot"] {
            input.required(key)?;
        }
        let mut account = self.new_account();
        self.change_account(&mut account, input)?;
        let status = self.settings.create_status;
        let reply = match self.settings.create_response {
            CreateResponse::Account => Response::json(status, &render(&account)),
            CreateResponse::Acknowledgement => Response::json(status, &json!({ "rslt": "OK" })),
            CreateResponse::Id => Response::json(status, &json!({ "id": account.id })),
        };
        self.store_account(account);
        Ok(reply)
    }

    pub(crate) fn list_accounts(&self) -> Response {
        let list = self.accounts.values().map(|account| {
            let mut body = render(account);
            add(&mut body, "description", account.description.as_deref());
            body
        });
        Response::json(StatusCode::OK, &Value::Array(list.collect()))
    }

    pub(crate) fn get_account(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("id");
        let account = self.accounts.get(&read_id(id)?).ok_or_else(no_account)?;
        let mut body = render(account);
        body["associationKey"] = self.association_key.as_str().into();
        add(&mut body, "description", account.description.as_deref());
        add(&mut body, "rsaKey", account.rsa_key.as_deref());
        Ok(Response::json(StatusCode::OK, &body))
    }

    pub(crate) fn update_account(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let id = input.integer("Id")?;
        let Some(mut account) = self.accounts.get(&id).cloned() else {
            return if self.settings.acknowledges_unknown { Ok(acknowledged()) } else { Err(no_account()) };
        };
        self.change_account(&mut account, input)?;
        self.store_account(account);
        Ok(acknowledged())
    }

    pub(crate) fn delete_account(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("id");
        self.accounts.remove(&read_id(id)?).ok_or_else(no_account)?;
        Ok(acknowledged())
    }

    /// Creates an account with the next id. It is not stored yet.
    pub(crate) fn new_account(&self) -> FtpAccount {
        FtpAccount {
            id: self.next_account,
            username: format!("account-{}", self.next_account),
            password: None,
            access_rights: "RW".into(),
            chroot: "/".into(),
            description: None,
            rsa_key: None,
            enabled: true,
        }
    }

    pub(crate) fn store_account(&mut self, account: FtpAccount) {
        self.next_account = self.next_account.max(account.id.saturating_add(1));
        self.accounts.insert(account.id, account);
    }

    fn change_account(&self, account: &mut FtpAccount, input: &Input) -> ApiResult<()> {
        if let Some(username) = input.text("Username")? {
            if username.is_empty() {
                return Err(ApiError::bad_request("Username must not be empty"));
            }
            if self.accounts.values().any(|other| other.id != account.id && other.username == username) {
                return Err(ApiError::conflict("Username is taken"));
            }
            username.clone_into(&mut account.username);
        }
        if let Some(rights) = input.text("AccessRights")? {
            if !RIGHTS.contains(&rights) {
                return Err(ApiError::bad_request("AccessRights must be RO or RW"));
            }
            rights.clone_into(&mut account.access_rights);
        }
        if let Some(chroot) = input.text("Chroot")? {
            if chroot.is_empty() || chroot.contains(['\\', '\0']) || chroot.split('/').any(|name| name == "..") {
                return Err(ApiError::bad_request("Chroot must be a UNIX path"));
            }
            chroot.clone_into(&mut account.chroot);
        }
        if let Some(key) = input.text("RsaKey")? {
            let mut words = key.split_whitespace();
            let is_key = words.next().is_some_and(|kind| KEY_TYPES.contains(&kind)) && words.next().is_some();
            if !key.is_empty() && !is_key {
                return Err(ApiError::bad_request("RsaKey must be a public key in OpenSSH format"));
            }
            account.rsa_key = non_empty(key);
        }
        if let Some(password) = input.text("Password")? {
            account.password = non_empty(password);
        }
        if let Some(description) = input.text("Description")? {
            account.description = non_empty(description);
        }
        if let Some(enabled) = input.flag("Enabled")? {
            account.enabled = enabled;
        }
        Ok(())
    }
}

/// Renders the keys that every response has. No response contains the password.
fn render(account: &FtpAccount) -> Value {
    json!({
        "id": account.id,
        "username": account.username,
        "accessRights": account.access_rights,
        "chroot": account.chroot,
        "enabled": account.enabled,
    })
}

fn add(body: &mut Value, key: &str, text: Option<&str>) {
    if let Some(text) = text {
        body[key] = text.into();
    }
}

/// Maps an empty string, which clears the value, to `None`.
fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Parses an id. An id that is not a number does not exist.
fn read_id(id: &str) -> ApiResult<i64> {
    id.parse().map_err(|_| no_account())
}

fn no_account() -> ApiError {
    ApiError::not_found("No such account")
}
