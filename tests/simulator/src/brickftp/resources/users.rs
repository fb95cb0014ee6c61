use crate::brickftp::request::input::Input;
use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::{Event, User};
use crate::brickftp::state::store::Store;

const GRANTS: &[&str] = &["full", "read", "write", "preview", "read+write", "preview+write"];
const METHODS: &[&str] = &["password", "ldap", "oauth_google"];
const SSL: &[&str] = &["use_system_setting", "always_require", "never_require"];

/// The fields that may be set when a user is created in a group.
const IN_GROUP: &[&str] = &[
    "username",
    "password",
    "name",
    "email",
    "notes",
    "require_password_change",
    "user_root",
    "group_ids",
    "time_zone",
    "language",
    "authenticate_until",
];

impl Store {
    pub(crate) fn list_users(&self, request: &SiteRequest<'_>) -> SiteResponse {
        let (skip, take) = request.page(&self.settings, usize::MAX);
        let users = self.users.values().skip(skip).take(take);
        SiteResponse::list("users", "user", users.map(|user| self.user_node(user)))
    }

    pub(crate) fn count_users(&self) -> SiteResponse {
        let count = Node::map([("count", Node::Integer(self.users.len() as u64))]);
        SiteResponse::ok("result", Node::map([("data", count), ("type", Node::text("200-ok"))]))
    }

    pub(crate) fn find_user(&self, request: &SiteRequest<'_>) -> SiteResponse {
        let user = self.user_named(request.query("q[username]").unwrap_or_default());
        match user {
            Some(user) if !self.settings.found_users_as_array => SiteResponse::ok("user", self.user_node(user)),
            user => SiteResponse::list("users", "user", user.map(|user| self.user_node(user))),
        }
    }

    pub(crate) fn get_user(&self, id: u64) -> ApiResult<SiteResponse> {
        let user = self.users.get(&id).ok_or_else(ApiError::record_not_found)?;
        Ok(SiteResponse::ok("user", self.user_node(user)))
    }

    pub(crate) fn create_user(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let mut user = self.new_user();
        user.username = request.input.required("username", 50)?;
        self.apply_user(&mut user, &request.input)?;
        let groups = self.group_ids(&request.input)?;
        let grant = request.input.word("grant_permission", GRANTS)?;
        let id = self.store_user(user, groups.unwrap_or_default(), grant.as_deref(), request);
        Ok(SiteResponse::created("user", self.user_node(&self.users[&id])))
    }

    /// Requires an administrator of the site, or of the group with permission to create users.
    pub(crate) fn create_user_in_group(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let group = request.id("group_id")?;
        if !request.caller.is_admin(self) {
            let id = request.caller.user_id().unwrap_or_default();
            let may = self.users.get(&id).is_some_and(|user| user.can_create_new_users);
            if !may || !self.membership(group, id).is_some_and(|membership| membership.admin) {
                return Err(ApiError::permission_denied());
            }
        }
        if !self.groups.contains_key(&group) {
            return Err(ApiError::record_not_found());
        }
        let input = request.input.only(IN_GROUP);
        let mut user = self.new_user();
        user.username = input.required("username", 50)?;
        self.apply_user(&mut user, &input)?;
        let mut groups = self.group_ids(&input)?.unwrap_or_default();
        if !groups.contains(&group) {
            groups.push(group);
        }
        let id = self.store_user(user, groups, None, request);
        Ok(SiteResponse::created("user", self.user_node(&self.users[&id])))
    }

    fn store_user(&mut self, user: User, groups: Vec<u64>, grant: Option<&str>, request: &SiteRequest<'_>) -> u64 {
        let (id, username) = (user.id, user.username.clone());
        let root = user.user_root.trim_matches('/').to_owned();
        self.users.insert(id, user);
        self.set_groups(id, groups);
        if let Some(grant) = grant {
            self.grant(id, &root, grant);
        }
        self.record(Event { target_user: Some((id, username)), ..self.event(request, "user_create") });
        id
    }

    pub(crate) fn update_user(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let id = request.id("user_id")?;
        let mut user = self.users.get(&id).cloned().ok_or_else(ApiError::record_not_found)?;
        if request.input.has("password") {
            self.check_reauthentication(request)?;
        }
        if request.input.has("username") {
            user.username = request.input.required("username", 50)?;
        }
        self.apply_user(&mut user, &request.input)?;
        let groups = self.group_ids(&request.input)?;
        let grant = request.input.word("grant_permission", GRANTS)?;
        let root = user.user_root.trim_matches('/').to_owned();
        self.users.insert(id, user);
        if let Some(groups) = groups {
            self.set_groups(id, groups);
        }
        if let Some(grant) = grant {
            self.grant(id, &root, &grant);
        }
        self.get_user(id)
    }

    pub(crate) fn delete_user(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let id = request.id("user_id")?;
        let username = self.username(id).map(ToOwned::to_owned).ok_or_else(ApiError::record_not_found)?;
        self.check_reauthentication(request)?;
        let event = Event { target_user: Some((id, username)), ..self.event(request, "user_destroy") };
        self.remove_user(id);
        self.record(event);
        Ok(SiteResponse::nothing())
    }

    /// Removes a user with everything that belongs to it.
    pub(crate) fn remove_user(&mut self, id: u64) {
        self.users.remove(&id);
        self.sessions.retain(|_, session| session.user_id != id);
        self.api_keys.retain(|_, key| key.user_id != id);
        self.public_keys.retain(|_, key| key.user_id != id);
        self.memberships.retain(|_, membership| membership.user_id != id);
        self.permissions.retain(|_, permission| permission.user_id != Some(id));
        self.notifications.retain(|_, notification| notification.user_id != id);
    }

    pub(crate) fn unlock_user(&mut self, id: u64) -> ApiResult<SiteResponse> {
        let user = self.users.get_mut(&id).ok_or_else(ApiError::record_not_found)?;
        user.lockout_expires_ms = None;
        user.failed_logins = 0;
        self.get_user(id)
    }

    /// Grants use other words than the permissions that they create.
    fn grant(&mut self, user_id: u64, path: &str, grant: &str) {
        for word in grant.split('+') {
            let permission = match word {
                "read" => "readonly",
                "write" => "writeonly",
                "preview" => "previewonly",
                other => other,
            };
            let mut new = self.new_permission();
            new.user_id = Some(user_id);
            path.clone_into(&mut new.path);
            permission.clone_into(&mut new.permission);
            self.permissions.insert(new.id, new);
        }
    }

    fn group_ids(&self, input: &Input) -> ApiResult<Option<Vec<u64>>> {
        let ids = input.ids("group_ids")?;
        match ids.iter().flatten().find(|id| !self.groups.contains_key(id)) {
            Some(_) => Err(ApiError::invalid("group_ids is invalid")),
            None => Ok(ids),
        }
    }

    fn apply_user(&self, user: &mut User, input: &Input) -> ApiResult<()> {
        let is_duplicate = self.user_named(&user.username).is_some_and(|other| other.id != user.id);
        if is_duplicate {
            return Err(ApiError::invalid("username has already been taken"));
        }
        if let Some(password) = input.text("password")? {
            if input.text("password_confirmation")?.is_some_and(|confirmation| confirmation != password) {
                return Err(ApiError::invalid("password_confirmation doesn't match password"));
            }
            user.password = password;
        }
        for (name, words, target) in [
            ("authentication_method", METHODS, &mut user.authentication_method),
            ("ssl_required", SSL, &mut user.ssl_required),
        ] {
            if let Some(word) = input.word(name, words)? {
                *target = word;
            }
        }
        input.change_text("name", 50, &mut user.name)?;
        input.change_text("email", 50, &mut user.email)?;
        input.change_text("notes", usize::MAX, &mut user.notes)?;
        input.change_text("allowed_ips", usize::MAX, &mut user.allowed_ips)?;
        input.change_time("authenticate_until", &mut user.authenticate_until_ms)?;
        for (name, max_length, target) in [
            ("user_root", 250, &mut user.user_root),
            ("time_zone", usize::MAX, &mut user.time_zone),
            ("language", usize::MAX, &mut user.language),
        ] {
            if input.has(name) {
                *target = input.short_text(name, max_length)?.unwrap_or_default();
            }
        }
        for (name, target) in [
            ("ftp_permission", &mut user.ftp_permission),
            ("sftp_permission", &mut user.sftp_permission),
            ("dav_permission", &mut user.dav_permission),
            ("restapi_permission", &mut user.restapi_permission),
            ("attachments_permission", &mut user.attachments_permission),
            ("self_managed", &mut user.self_managed),
            ("require_password_change", &mut user.require_password_change),
            ("site_admin", &mut user.site_admin),
            ("can_create_new_users", &mut user.can_create_new_users),
        ] {
            *target = input.boolean(name)?.unwrap_or(*target);
        }
        if user.site_admin {
            let alerts = input.boolean("receive_admin_alerts")?;
            user.receive_admin_alerts = alerts.unwrap_or(user.receive_admin_alerts);
            let newsletter = input.boolean("subscribe_to_newsletter")?;
            user.subscribe_to_newsletter = newsletter.unwrap_or(user.subscribe_to_newsletter);
        }
        Ok(())
    }

    pub(crate) fn user_node(&self, user: &User) -> Node {
        let admin_of = self.memberships.values().filter(|membership| membership.user_id == user.id && membership.admin);
        let admin_of = admin_of.map(|membership| Node::Integer(membership.group_id)).collect();
        let mut fields = Vec::with_capacity(28);
        let mut push = |name: &'static str, node| fields.push((name.into(), node));
        push("id", Node::Integer(user.id));
        push("username", Node::text(&user.username));
        push("authentication_method", Node::symbol(&user.authentication_method));
        push("last_login_at", self.optional_site_time(user.last_login_at_ms));
        push("authenticate_until", self.optional_site_time(user.authenticate_until_ms));
        push("name", Node::optional_text(user.name.as_deref()));
        push("email", Node::optional_text(user.email.as_deref()));
        push("notes", Node::optional_text(user.notes.as_deref()));
        push("group_ids", Node::text(self.group_ids_of(user.id)));
        push("ftp_permission", Node::Boolean(user.ftp_permission));
        push("sftp_permission", Node::Boolean(user.sftp_permission));
        push("dav_permission", Node::Boolean(user.dav_permission));
        push("restapi_permission", Node::Boolean(user.restapi_permission));
        push("attachments_permission", Node::Boolean(user.attachments_permission));
        push("self_managed", Node::Boolean(user.self_managed));
        push("require_password_change", Node::Boolean(user.require_password_change));
        push("allowed_ips", Node::optional_text(user.allowed_ips.as_deref()));
        push("user_root", Node::text(&user.user_root));
        push("time_zone", Node::text(&user.time_zone));
        push("language", Node::text(&user.language));
        push("ssl_required", Node::symbol(&user.ssl_required));
        push("site_admin", Node::Boolean(user.site_admin));
        if user.site_admin {
            push("receive_admin_alerts", Node::Boolean(user.receive_admin_alerts));
            push("subscribe_to_newsletter", Node::Boolean(user.subscribe_to_newsletter));
        }
        push("can_create_new_users", Node::Boolean(user.can_create_new_users));
        push("last_protocol_cipher", Node::optional_text(user.last_protocol_cipher.as_deref()));
        push("lockout_expires", self.optional_site_time(user.lockout_expires_ms));
        push("admin_group_ids", Node::List("admin_group_id", admin_of));
        Node::Map(fields)
    }
}
