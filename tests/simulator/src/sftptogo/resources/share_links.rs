use http::StatusCode;
use serde_json::{Value, json};

use crate::server::Reply;
use crate::sftptogo::input::{Answer, Change, Input, Refusal, required};
use crate::sftptogo::settings::CreatedBy;
use crate::sftptogo::state::objects::ShareLink;
use crate::sftptogo::state::store::{Store, touch};

const PERMISSIONS: &[&str] = &["read-only", "read-write", "write-only", "read-write-no-delete"];

/// What came of using a share link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// The link works and stays; it has been used so many times.
    Granted(i64),
    /// The link worked for the last time and was removed, because its limit is reached.
    GrantedAndRemoved,
    /// The link is past its expiry.
    Expired,
    /// There is no such link.
    NotFound,
}

/// Which call a reply belongs to: their shapes differ.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    InList,
    Alone,
    AloneWithPassword,
}

impl Store {
    pub(crate) fn list_share_links(&self) -> Reply {
        let list = self.share_links.iter().map(|link| self.render_link(link, Shown::InList));
        Reply::json(StatusCode::OK, &Value::Array(list.collect()))
    }

    pub(crate) fn create_share_link(&mut self, body: &[u8], now_ms: i64) -> Answer<Reply> {
        let input = Input::parse(body)?;
        required("Path", input.text("Path")?)?;
        required("Type", input.text("Type")?)?;
        let mut link = self.new_share_link(now_ms);
        self.change_share_link(&mut link, &input)?;
        let body = self.render_link(&link, Shown::AloneWithPassword);
        self.share_links.push(link);
        Ok(Reply::json(StatusCode::CREATED, &body))
    }

    pub(crate) fn get_share_link(&self, id: &str) -> Answer<Reply> {
        let body = self.render_link(self.share_link(id)?, Shown::Alone);
        Ok(Reply::json(StatusCode::OK, &body))
    }

    pub(crate) fn update_share_link(&mut self, id: &str, body: &[u8], now_ms: i64) -> Answer<Reply> {
        let mut link = self.share_link(id)?.clone();
        let input = Input::parse(body)?;
        self.change_share_link(&mut link, &input)?;
        link.updated_at_ms = touch(link.updated_at_ms, now_ms);
        let shown = if input.has("Password") { Shown::AloneWithPassword } else { Shown::Alone };
        let body = self.render_link(&link, shown);
        *self.share_link_mut(id)? = link;
        Ok(Reply::json(StatusCode::OK, &body))
    }

    pub(crate) fn delete_share_link(&mut self, id: &str) -> Answer<Reply> {
        self.share_link(id)?;
        self.share_links.retain(|link| link.id != id);
        Ok(Reply::json(StatusCode::OK, &json!({})))
    }

    /// A link with a fresh id; it is not stored yet.
    pub(crate) fn new_share_link(&mut self, now_ms: i64) -> ShareLink {
        ShareLink {
            id: self.random.alphanumeric(13),
            path: "/".into(),
            permission: "read-only".into(),
            state: "active".into(),
            expires_at_ms: None,
            access_limit: 0,
            access_count: 0,
            password: None,
            notes: None,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        }
    }

    /// Uses a link as a visitor of the portal does.
    pub(crate) fn access(&mut self, id: &str, now_ms: i64) -> Access {
        let Ok(link) = self.share_link_mut(id) else {
            return Access::NotFound;
        };
        if link.expires_at_ms.is_some_and(|expires| now_ms >= expires) {
            return Access::Expired;
        }
        link.access_count += 1;
        let count = link.access_count;
        if link.access_limit > 0 && count >= link.access_limit {
            self.share_links.retain(|link| link.id != id);
            return Access::GrantedAndRemoved;
        }
        Access::Granted(count)
    }

    pub(crate) fn share_link(&self, id: &str) -> Answer<&ShareLink> {
        self.share_links.iter().find(|link| link.id == id).ok_or_else(Refusal::not_found)
    }

    pub(crate) fn share_link_mut(&mut self, id: &str) -> Answer<&mut ShareLink> {
        self.share_links.iter_mut().find(|link| link.id == id).ok_or_else(Refusal::not_found)
    }

    fn change_share_link(&self, link: &mut ShareLink, input: &Input) -> Answer<()> {
        input.word("Type", &["share"])?;
        if let Some(path) = input.text("Path")? {
            if path.is_empty() {
                return Err(Refusal::invalid("Path must not be empty"));
            }
            if self.folders.contains(&format!("{path}/")) {
                return Err(Refusal::invalid("The path of a folder must end with a slash"));
            }
            link.path = path;
        }
        if let Some(permission) = input.word("Permission", PERMISSIONS)? {
            link.permission = permission;
        }
        input.nullable_integer("ExpiresAt")?.apply(&mut link.expires_at_ms);
        match input.nullable_integer("AccessLimit")? {
            Change::Keep => {}
            Change::Set(limit) if limit >= 0 => link.access_limit = limit,
            _ => {
                return Err(Refusal::invalid("AccessLimit must be 0 or a positive integer"));
            }
        }
        let password = input.nullable_text("Password")?;
        if let Change::Set(password) = &password {
            self.check_password(password)?;
        }
        password.apply(&mut link.password);
        input.nullable_text("Notes")?.apply(&mut link.notes);
        Ok(())
    }

    fn render_link(&self, link: &ShareLink, shown: Shown) -> Value {
        let mut body = json!({
            "Id": link.id,
            "Url": format!("https://portal.sftptogo.com/p/shares/{}", link.id),
            "Path": link.path,
            "Type": "share",
            "Permission": link.permission,
            "State": link.state,
            "ExpiresAt": link.expires_at_ms,
            "AccessLimit": link.access_limit,
            "AccessCount": link.access_count,
            "Notes": link.notes,
            "OrganizationId": self.organization_id,
            "CreatedBy": created_by(self.settings.created_by, shown),
            "CreatedAt": link.created_at_ms,
            "UpdatedAt": link.updated_at_ms,
        });
        if let (Shown::AloneWithPassword, Some(password)) = (shown, &link.password) {
            body["Password"] = password.as_str().into();
        }
        body
    }
}

/// The documented ids look like UUIDs and are none: clients that parse them as such should fail here, not in production.
fn created_by(shape: CreatedBy, shown: Shown) -> Value {
    match shape {
        CreatedBy::Documented if shown == Shown::InList => created_by(CreatedBy::Admin, shown),
        CreatedBy::Documented | CreatedBy::Account => json!({
            "Type": "Account",
            "Id": "gas4c1e9-7a2b-4d3c-8e5f-6a7b8c9d0e1f",
            "Email": "dana@example.net",
            "Name": "Dana Example",
        }),
        CreatedBy::Admin => json!({
            "Type": "Admin",
            "Id": "k7WmQz0pLr4TnYb",
            "PrincipalName": "Dana Example",
            "PrincipalId": "b90c1d2e3f4a5b6c7",
            "PrincipalType": "admin",
        }),
        CreatedBy::Undocumented => json!({ "Type": "ApiKey", "Name": "deployment" }),
        CreatedBy::Null => Value::Null,
    }
}
