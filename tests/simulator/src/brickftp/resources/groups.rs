use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::{Event, Group, Membership};
use crate::brickftp::state::store::Store;

impl Store {
    pub(crate) fn list_groups(&self) -> SiteResponse {
        SiteResponse::list("groups", "group", self.groups.values().map(|group| self.group_node(group)))
    }

    pub(crate) fn get_group(&self, id: u64) -> ApiResult<SiteResponse> {
        let group = self.groups.get(&id).ok_or_else(ApiError::record_not_found)?;
        Ok(SiteResponse::ok("group", self.group_node(group)))
    }

    pub(crate) fn create_group(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let name = request.input.required("name", 50)?;
        self.check_group_name(&name, None)?;
        let notes = request.input.text("notes")?.unwrap_or_default();
        let users = self.user_ids(request)?;
        let group = Group { id: self.next_id("group"), name, notes };
        self.groups.insert(group.id, group.clone());
        self.set_members(group.id, &users.unwrap_or_default());
        self.record(Event {
            target_group: Some((group.id, group.name.clone())),
            ..self.event(request, "group_create")
        });
        Ok(SiteResponse::created("group", self.group_node(&group)))
    }

    pub(crate) fn update_group(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let id = request.id("group_id")?;
        let mut group = self.groups.get(&id).cloned().ok_or_else(ApiError::record_not_found)?;
        if request.input.has("name") {
            group.name = request.input.required("name", 50)?;
            self.check_group_name(&group.name, Some(id))?;
        }
        if request.input.has("notes") {
            group.notes = request.input.text("notes")?.unwrap_or_default();
        }
        let users = self.user_ids(request)?;
        self.groups.insert(id, group);
        if let Some(users) = users {
            self.set_members(id, &users);
        }
        self.get_group(id)
    }

    pub(crate) fn delete_group(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let id = request.id("group_id")?;
        let group = self.groups.remove(&id).ok_or_else(ApiError::record_not_found)?;
        self.memberships.retain(|_, membership| membership.group_id != id);
        self.permissions.retain(|_, permission| permission.group_id != Some(id));
        self.record(Event { target_group: Some((id, group.name)), ..self.event(request, "group_destroy") });
        Ok(SiteResponse::nothing())
    }

    fn check_group_name(&self, name: &str, own: Option<u64>) -> ApiResult<()> {
        let is_duplicate = self.groups.values().any(|group| group.name == name && Some(group.id) != own);
        if is_duplicate { Err(ApiError::invalid("name has already been taken")) } else { Ok(()) }
    }

    fn user_ids(&self, request: &SiteRequest<'_>) -> ApiResult<Option<Vec<u64>>> {
        let ids = request.input.ids("user_ids")?;
        match ids.iter().flatten().find(|id| !self.users.contains_key(id)) {
            Some(_) => Err(ApiError::invalid("user_ids is invalid")),
            None => Ok(ids),
        }
    }

    pub(crate) fn membership(&self, group_id: u64, user_id: u64) -> Option<&Membership> {
        self.memberships.values().find(|membership| membership.group_id == group_id && membership.user_id == user_id)
    }

    /// Adds a user to a group, or changes whether the user administers it.
    pub(crate) fn join(&mut self, group_id: u64, user_id: u64, admin: Option<bool>) -> Membership {
        let existing = self.membership(group_id, user_id).cloned();
        let mut membership = existing.unwrap_or_else(|| {
            let id = self.next_id("membership");
            Membership { id, group_id, user_id, admin: false }
        });
        membership.admin = admin.unwrap_or(membership.admin);
        self.memberships.insert(membership.id, membership.clone());
        membership
    }

    fn set_members(&mut self, group_id: u64, users: &[u64]) {
        self.memberships.retain(|_, membership| membership.group_id != group_id || users.contains(&membership.user_id));
        for user in users {
            self.join(group_id, *user, None);
        }
    }

    pub(crate) fn set_groups(&mut self, user_id: u64, groups: Vec<u64>) {
        self.memberships.retain(|_, membership| membership.user_id != user_id || groups.contains(&membership.group_id));
        for group in groups {
            self.join(group, user_id, None);
        }
    }

    pub(crate) fn group_ids_of(&self, user_id: u64) -> String {
        let groups = self.memberships.values().filter(|membership| membership.user_id == user_id);
        groups.map(|membership| membership.group_id.to_string()).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn add_membership(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let (group, user) = (request.id("group_id")?, request.id("user_id")?);
        if !self.groups.contains_key(&group) || !self.users.contains_key(&user) {
            return Err(ApiError::record_not_found());
        }
        let admin = request.input.boolean("admin")?;
        Ok(SiteResponse::ok("group-user", membership_node(&self.join(group, user, Some(admin.unwrap_or(false))))))
    }

    /// A no-op if the user is not a member.
    pub(crate) fn update_membership(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let (group, user) = (request.id("group_id")?, request.id("user_id")?);
        if !self.groups.contains_key(&group) {
            return Err(ApiError::record_not_found());
        }
        let admin = request.input.boolean("admin")?;
        if self.membership(group, user).is_none() {
            return Ok(SiteResponse::nothing());
        }
        Ok(SiteResponse::ok("group-user", membership_node(&self.join(group, user, admin))))
    }

    pub(crate) fn remove_membership(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let (group, user) = (request.id("group_id")?, request.id("user_id")?);
        if !self.groups.contains_key(&group) {
            return Err(ApiError::record_not_found());
        }
        self.memberships.retain(|_, membership| membership.group_id != group || membership.user_id != user);
        Ok(SiteResponse::nothing())
    }

    fn group_node(&self, group: &Group) -> Node {
        let members: Vec<_> = self.memberships.values().filter(|membership| membership.group_id == group.id).collect();
        let ids: Vec<_> = members.iter().map(|membership| membership.user_id.to_string()).collect();
        let names: Vec<_> =
            members.iter().map(|membership| self.username(membership.user_id).unwrap_or_default()).collect();
        let admins = members
            .iter()
            .filter(|membership| membership.admin)
            .map(|membership| Node::Integer(membership.user_id))
            .collect();
        Node::map([
            ("id", Node::Integer(group.id)),
            ("name", Node::text(&group.name)),
            ("notes", Node::text(&group.notes)),
            ("user_ids", Node::text(ids.join(","))),
            ("usernames", Node::text(names.join(","))),
            ("admin_ids", Node::List("admin_id", admins)),
        ])
    }
}

fn membership_node(membership: &Membership) -> Node {
    Node::map([
        ("id", Node::Integer(membership.id)),
        ("group_id", Node::Integer(membership.group_id)),
        ("user_id", Node::Integer(membership.user_id)),
        ("admin", Node::Boolean(membership.admin)),
    ])
}
