use http::StatusCode;
use serde_json::{Value, json};

use crate::server::{ApiRequest, Response, iso_millis, touch};
use crate::sftptogo::input::{ApiError, ApiResult, FieldUpdate, Input};
use crate::sftptogo::resources::inbound_rules;
use crate::sftptogo::state::objects::Credential;
use crate::sftptogo::state::store::Store;

const PERMISSIONS: &[&str] = &["none", "read-only", "read-write", "write-only", "full", "read-write-no-delete"];
const STATES: &[&str] = &["active", "inactive"];

/// The validated changes that a request makes to a credential.
struct CredentialChanges {
    alias: Option<String>,
    user_name: Option<String>,
    password: Option<String>,
    home_directory: Option<String>,
    chroot_directory: Option<String>,
    permission: Option<String>,
    state: Option<String>,
    expiration: FieldUpdate<i64>,
    inbound_rules: Option<Vec<crate::sftptogo::InboundRule>>,
}

/// Which optional keys a response includes.
#[derive(Clone, Copy, Default)]
struct OptionalKeys {
    settings: bool,
    password_created_at: bool,
}

impl Store {
    pub(crate) fn list_credentials(&self) -> Response {
        let keys = OptionalKeys { settings: true, password_created_at: true };
        let list: Vec<_> = self.credentials.iter().map(|one| self.render(one, keys)).collect();
        Response::json(StatusCode::OK, &Value::Array(list))
    }

    pub(crate) fn create_credential(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = Input::parse(request.body)?;
        let mut changes = self.read_changes(&input)?;
        // The dashboard generates a name if the field is empty.
        changes.user_name = changes.user_name.filter(|name| !name.is_empty());
        self.check_changes(&changes, None)?;
        let mut credential = self.new_credential(request.now_ms);
        if let Some(user_name) = &changes.user_name {
            credential.home_directory = format!("/home/{user_name}");
        }
        changes.apply(&mut credential, request.now_ms);
        let body = self.render(&credential, OptionalKeys { settings: true, ..OptionalKeys::default() });
        self.credentials.push(credential);
        Ok(Response::json(StatusCode::CREATED, &body))
    }

    pub(crate) fn get_credential(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("credential_id");
        let credential = self.credential(id)?;
        Ok(Response::json(StatusCode::OK, &self.render(credential, OptionalKeys::default())))
    }

    pub(crate) fn update_credential(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("credential_id");
        let is_root = self.credential(id)?.is_default;
        let input = Input::parse(request.body)?;
        if is_root && (input.has("Permission") || input.has("State")) {
            return Err(ApiError::forbidden("Forbidden"));
        }
        let changes = self.read_changes(&input)?;
        self.check_changes(&changes, Some(id))?;
        let credential = self.credential_mut(id)?;
        changes.apply(credential, request.now_ms);
        credential.updated_at_ms = touch(credential.updated_at_ms, request.now_ms);
        let keys = OptionalKeys { settings: input.has("Settings"), ..OptionalKeys::default() };
        Ok(Response::json(StatusCode::OK, &self.render(self.credential(id)?, keys)))
    }

    pub(crate) fn delete_credential(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("credential_id");
        let credential = self.credential(id)?;
        if credential.is_default {
            return Err(ApiError::forbidden("Forbidden"));
        }
        let body = self.render(credential, OptionalKeys::default());
        self.remove_credential(id);
        Ok(Response::json(StatusCode::OK, &body))
    }

    pub(crate) fn remove_credential(&mut self, id: &str) {
        self.credentials.retain(|credential| credential.id != id);
        self.ssh_keys.retain(|key| key.credential_id != id);
    }

    /// Sets the password in the body, or a generated password if the body has none.
    pub(crate) fn set_password(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("credential_id");
        self.credential(id)?;
        let chosen = if request.body.is_empty() { None } else { Input::parse(request.body)?.text("Password")? };
        let password = match chosen {
            Some(password) => {
                self.check_password(&password)?;
                password
            }
            None => self.new_password(),
        };
        let credential = self.credential_mut(id)?;
        credential.password = password;
        credential.updated_at_ms = touch(credential.updated_at_ms, request.now_ms);
        credential.password_created_at_ms = touch(credential.password_created_at_ms, request.now_ms);
        Ok(Response::json(StatusCode::OK, &json!({ "message": "Password set." })))
    }

    fn read_changes(&mut self, input: &Input) -> ApiResult<CredentialChanges> {
        Ok(CredentialChanges {
            alias: input.text("Alias")?,
            user_name: input.text("UserName")?,
            password: input.text("Password")?,
            home_directory: input.text("HomeDirectory")?,
            chroot_directory: input.text("ChrootDirectory")?,
            permission: input.word("Permission", PERMISSIONS)?,
            state: input.word("State", STATES)?,
            expiration: input.nullable_integer("Expiration")?,
            inbound_rules: inbound_rules::read(input, &mut self.random)?,
        })
    }

    /// Checks the changes against other stored objects. `id` is the credential to change.
    fn check_changes(&self, changes: &CredentialChanges, id: Option<&str>) -> ApiResult<()> {
        if let Some(user_name) = &changes.user_name {
            check_user_name(user_name)?;
            let mut credentials = self.credentials.iter().filter(|other| Some(other.id.as_str()) != id);
            if credentials.any(|other| other.user_name == *user_name) {
                return Err(ApiError::conflict("UserName is already taken"));
            }
        }
        changes.password.as_deref().map_or(Ok(()), |password| self.check_password(password))
    }

    fn render(&self, credential: &Credential, keys: OptionalKeys) -> Value {
        let full = self.settings.full_responses;
        let key_count = self.ssh_keys.iter().filter(|key| key.credential_id == credential.id).count();
        let mut body = json!({
            "Id": credential.id,
            "Alias": credential.alias,
            "UserName": credential.user_name,
            "Password": credential.password,
            "HomeDirectory": credential.home_directory,
            "ChrootDirectory": credential.chroot_directory,
            "Permission": credential.permission,
            "State": credential.state,
            "IsDefault": credential.is_default,
            "OrganizationId": self.organization_id,
            "Host": self.host,
            "URI": self.uri(credential),
            "SshPublicKeysCount": key_count,
            "CreatedAt": credential.created_at_ms,
            "UpdatedAt": credential.updated_at_ms,
        });
        if keys.settings || full {
            let rules: Vec<_> = credential.inbound_rules.iter().map(inbound_rules::render).collect();
            body["Settings"] = json!({ "Network": { "InboundRules": rules } });
        }
        if keys.password_created_at || full {
            body["PasswordCreatedAt"] = iso_millis(credential.password_created_at_ms).into();
        }
        if full {
            body["Expiration"] = credential.expiration.into();
        }
        body
    }
}

impl CredentialChanges {
    fn apply(self, credential: &mut Credential, now_ms: i64) {
        let texts = [
            (self.alias, &mut credential.alias),
            (self.user_name, &mut credential.user_name),
            (self.home_directory, &mut credential.home_directory),
            (self.chroot_directory, &mut credential.chroot_directory),
            (self.permission, &mut credential.permission),
            (self.state, &mut credential.state),
        ];
        for (new, target) in texts {
            if let Some(new) = new {
                *target = new;
            }
        }
        if let Some(password) = self.password {
            credential.password = password;
            credential.password_created_at_ms = now_ms;
        }
        if let Some(rules) = self.inbound_rules {
            credential.inbound_rules = rules;
        }
        self.expiration.apply(&mut credential.expiration);
    }
}

fn check_user_name(name: &str) -> ApiResult<()> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if (10..=100).contains(&name.len()) && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(ApiError::bad_request("UserName must be 10 to 100 alphanumeric, underscore, hyphen or period characters"))
}
