use http::StatusCode;
use serde_json::{Value, json};

use super::input::Input;
use super::refusal::{Answer, Refusal};
use super::settings::CreateResponse;
use super::state::objects::FtpAccount;
use super::state::store::Store;
use crate::server::Reply;

const RIGHTS: &[&str] = &["RO", "RW"];
const KEY_TYPES: &[&str] = &["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];

/// The response to calls that change something.
pub(crate) fn acknowledged() -> Reply {
    Reply::json(StatusCode::OK, &json!({ "rslt": "OK" }))
}

impl Store {
    pub(crate) fn create_account(&mut self, input: &Input) -> Answer<Reply> {
        for key in ["Username", "AccessRights", "Chroot"] {
            input.required(key)?;
        }
        let mut account = self.new_account();
        self.change_account(&mut account, input)?;
        let status = self.settings.create_status;
        let reply = match self.settings.create_response {
            CreateResponse::Account => Reply::json(status, &render(&account)),
            CreateResponse::Acknowledgement => Reply::json(status, &json!({ "rslt": "OK" })),
            CreateResponse::Id => Reply::json(status, &json!({ "id": account.id })),
        };
        self.store_account(account);
        Ok(reply)
    }

    pub(crate) fn list_accounts(&self) -> Reply {
        let list = self.accounts.values().map(|account| {
            let mut body = render(account);
            add(&mut body, "description", account.description.as_deref());
            body
        });
        Reply::json(StatusCode::OK, &Value::Array(list.collect()))
    }

    pub(crate) fn get_account(&self, id: &str) -> Answer<Reply> {
        let account = self.accounts.get(&read_id(id)?).ok_or_else(no_account)?;
        let mut body = render(account);
        body["associationKey"] = self.association_key.as_str().into();
        add(&mut body, "description", account.description.as_deref());
        add(&mut body, "rsaKey", account.rsa_key.as_deref());
        Ok(Reply::json(StatusCode::OK, &body))
    }

    pub(crate) fn update_account(&mut self, input: &Input) -> Answer<Reply> {
        let id = input.integer("Id")?;
        let Some(mut account) = self.accounts.get(&id).cloned() else {
            return if self.settings.acknowledges_unknown { Ok(acknowledged()) } else { Err(no_account()) };
        };
        self.change_account(&mut account, input)?;
        self.store_account(account);
        Ok(acknowledged())
    }

    pub(crate) fn delete_account(&mut self, id: &str) -> Answer<Reply> {
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

    fn change_account(&self, account: &mut FtpAccount, input: &Input) -> Answer<()> {
        if let Some(username) = input.text("Username")? {
            if username.is_empty() {
                return Err(Refusal::invalid("Username must not be empty"));
            }
            if self.accounts.values().any(|other| other.id != account.id && other.username == username) {
                return Err(Refusal::conflict("Username is taken"));
            }
            username.clone_into(&mut account.username);
        }
        if let Some(rights) = input.text("AccessRights")? {
            if !RIGHTS.contains(&rights) {
                return Err(Refusal::invalid("AccessRights must be RO or RW"));
            }
            rights.clone_into(&mut account.access_rights);
        }
        if let Some(chroot) = input.text("Chroot")? {
            if chroot.is_empty() || chroot.contains(['\\', '\0']) || chroot.split('/').any(|name| name == "..") {
                return Err(Refusal::invalid("Chroot must be a UNIX path"));
            }
            chroot.clone_into(&mut account.chroot);
        }
        if let Some(key) = input.text("RsaKey")? {
            let mut words = key.split_whitespace();
            let is_key = words.next().is_some_and(|kind| KEY_TYPES.contains(&kind)) && words.next().is_some();
            if !key.is_empty() && !is_key {
                return Err(Refusal::invalid("RsaKey must be a public key in OpenSSH format"));
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
fn read_id(id: &str) -> Answer<i64> {
    id.parse().map_err(|_| no_account())
}

fn no_account() -> Refusal {
    Refusal::not_found("No such account")
}
