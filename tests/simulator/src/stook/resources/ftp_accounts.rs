use serde_json::{Value, json};

use crate::server::ApiRequest;
use crate::stook::envelope::Envelope;
use crate::stook::input::{ApiError, ApiResult, Input, not_found};
use crate::stook::resources::wrap_rules;
use crate::stook::state::objects::FtpAccount;
use crate::stook::state::store::{Store, replace};

impl Store {
    pub(crate) fn list_ftp_accounts(&self, request: &ApiRequest<'_>) -> Envelope {
        let organization = request.parameter("organization_uuid");
        let own = self.ftp_accounts.iter().filter(|account| account.organization_uuid == organization);
        Envelope::List(own.map(render).collect())
    }

    pub(crate) fn get_ftp_account(&self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("ftp_uuid");
        Ok(Envelope::Object(render_details(self.ftp_account(organization, uuid)?)))
    }

    pub(crate) fn create_ftp_account(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let mut input = Input::parse(request.body)?;
        let name = input.required_text("name");
        let password = input.required_text("password");
        let bucket_uuid = input.required_text("bucket_uuid");
        let is_readonly = input.required_flag("is_readonly");
        let path = input.present_text("path");
        let rules = input.wrap_rules("wrap_rules").unwrap_or_default();
        self.check_password(&mut input, &password);
        let bucket = self.bucket(organization, &bucket_uuid).ok().cloned();
        if bucket.is_none() {
            input.note("bucket_uuid", "The selected bucket_uuid is invalid.");
        }
        input.check()?;
        let bucket = bucket.ok_or_else(not_found)?;
        let name = self.login_name(&name, organization);
        if self.ftp_accounts.iter().any(|account| account.name == name) {
            return Err(ApiError::conflict("The name has already been taken."));
        }
        let defaults = self.new_ftp_account(&bucket);
        let path = stored_path(&path, &bucket.name);
        let wrap_rules = wrap_rules::normalized(&rules);
        let account = FtpAccount { name, password, path, is_readonly, wrap_rules, ..defaults };
        let body = render_details(&account);
        self.ftp_accounts.push(account);
        Ok(Envelope::Created(body))
    }

    /// Fields that are not sent are left unchanged.
    pub(crate) fn update_ftp_account(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("ftp_uuid");
        let mut changed = self.ftp_account(organization, uuid)?.clone();
        let mut input = Input::parse(request.body)?;
        if let Some(password) = input.text("password") {
            self.check_password(&mut input, &password);
            changed.password = password;
        }
        if let Some(login_allowed) = input.flag("login_allowed") {
            changed.login_allowed = login_allowed;
        }
        if let Some(path) = input.text("path") {
            changed.path = stored_path(&path, self.bucket_name(&changed));
        }
        if let Some(is_readonly) = input.flag("is_readonly") {
            changed.is_readonly = is_readonly;
        }
        if let Some(rules) = input.wrap_rules("wrap_rules") {
            changed.wrap_rules = wrap_rules::normalized(&rules);
        }
        input.check()?;
        let body = render_details(&changed);
        replace(&mut self.ftp_accounts, changed);
        Ok(Envelope::Object(body))
    }

    pub(crate) fn delete_ftp_account(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("ftp_uuid");
        self.ftp_account(organization, uuid)?;
        self.ftp_accounts.retain(|account| account.uuid != uuid);
        Ok(Envelope::Deleted { object: json!({ "uuid": uuid }), documented: false })
    }

    pub(crate) fn get_legacy_ftp_account(&self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("ftp_uuid");
        Ok(Envelope::Object(self.render_legacy(self.ftp_account(organization, uuid)?)))
    }

    /// Replaces all fields of version 1. Rules that are not sent are removed.
    pub(crate) fn replace_legacy_ftp_account(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("ftp_uuid");
        let mut changed = self.ftp_account(organization, uuid)?.clone();
        let mut input = Input::parse(request.body)?;
        changed.password = input.required_text("password");
        changed.is_readonly = input.required_flag("is_readonly");
        changed.path = stored_path(&input.present_text("path"), self.bucket_name(&changed));
        changed.wrap_rules = wrap_rules::normalized(&input.wrap_rules("wrap_rules").unwrap_or_default());
        self.check_password(&mut input, &changed.password);
        input.check()?;
        replace(&mut self.ftp_accounts, changed);
        self.get_legacy_ftp_account(request)
    }

    /// Does not report a missing password, which is already recorded.
    fn check_password(&self, input: &mut Input, password: &str) {
        let is_mixed = password.contains(char::is_uppercase)
            && password.contains(char::is_lowercase)
            && password.contains(|c: char| !c.is_alphanumeric());
        if !is_mixed && !self.settings.any_password && !input.has_problem("password") {
            input.note("password", "The password must contain upper and lower case letters and special characters.");
        }
    }

    fn bucket_name(&self, account: &FtpAccount) -> &str {
        let bucket = self.buckets.iter().find(|bucket| bucket.uuid == account.bucket_uuid);
        bucket.map_or("", |bucket| bucket.name.as_str())
    }

    fn render_legacy(&self, account: &FtpAccount) -> Value {
        if self.settings.bare_legacy_accounts {
            return json!({ "uuid": account.uuid });
        }
        render_details(account)
    }
}

/// Prefixes a path with the name of the bucket, if it does not have the prefix yet.
fn stored_path(path: &str, bucket: &str) -> String {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return bucket.to_owned();
    }
    if path.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('/')) {
        return path.to_owned();
    }
    format!("{bucket}/{path}")
}

/// Renders an account for lists.
fn render(account: &FtpAccount) -> Value {
    json!({
        "uuid": account.uuid,
        "bucket_uuid": account.bucket_uuid,
        "name": account.name,
        "path": account.path,
        "login_allowed": account.login_allowed,
        "is_readonly": account.is_readonly,
        "wrap_rules": wrap_rules::render(&account.wrap_rules),
    })
}

fn render_details(account: &FtpAccount) -> Value {
    let mut body = render(account);
    body["count"] = json!(account.count);
    body
}

#[cfg(test)]
mod tests {
    use super::stored_path;

    #[test]
    fn paths_begin_with_the_bucket() {
        for (sent, stored) in [
            ("", "media"),
            ("/", "media"),
            ("cam1", "media/cam1"),
            ("/cam1/", "media/cam1/"),
            ("media/cam1", "media/cam1"),
            ("/media/cam1", "media/cam1"),
            ("media", "media/media"),
            ("mediathek", "media/mediathek"),
        ] {
            assert_eq!(stored_path(sent, "media"), stored, "{sent:?}");
        }
    }
}
