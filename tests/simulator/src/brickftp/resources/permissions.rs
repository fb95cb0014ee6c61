use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::{Event, Permission};
use crate::brickftp::state::store::Store;
use crate::brickftp::state::tree::{clean, is_within};

const WORDS: &[&str] = &["full", "readonly", "writeonly", "previewonly", "history"];

/// Whether `greater` makes `lesser` redundant.
fn includes(greater: &str, lesser: &str) -> bool {
    greater != lesser && (greater == "full" || (greater == "readonly" && lesser == "previewonly"))
}

impl Store {
    pub(crate) fn list_permissions(&self, request: &SiteRequest<'_>) -> SiteResponse {
        let all = self.permissions.values();
        let Some(path) = request.query("path") else {
            return SiteResponse::list(
                "permissions",
                "permission",
                all.map(|permission| self.permission_node(permission)),
            );
        };
        let path = clean(path);
        let at_path = |permission: &&Permission| {
            permission.path == path || (permission.recursive && is_within(&path, &permission.path))
        };
        let here: Vec<_> = all.filter(at_path).collect();
        let telling = here.iter().filter(|lesser| {
            !here.iter().any(|greater| {
                (greater.user_id, greater.group_id) == (lesser.user_id, lesser.group_id)
                    && includes(&greater.permission, &lesser.permission)
            })
        });
        SiteResponse::list("permissions", "permission", telling.map(|permission| self.permission_node(permission)))
    }

    pub(crate) fn create_permission(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let group_id = request.input.integer("group_id")?;
        let user_id = self.target_user(request)?;
        match (user_id, group_id) {
            (Some(_), Some(_)) => return Err(ApiError::invalid("user_id and group_id cannot be used together")),
            (None, None) => return Err(ApiError::invalid("user_id, username or group_id can't be blank")),
            (None, Some(group)) if !self.groups.contains_key(&group) => {
                return Err(ApiError::invalid("group_id is invalid"));
            }
            _ => {}
        }
        let Some(path) = request.input.short_text("path", 5000)? else {
            return Err(ApiError::invalid("path can't be blank"));
        };
        let word = request.input.word("permission", WORDS)?;
        let recursive = request.input.boolean("recursive")?;
        let mut permission = self.new_permission();
        permission.permission = word.ok_or_else(|| ApiError::invalid("permission can't be blank"))?;
        (permission.user_id, permission.group_id) = (user_id, group_id);
        permission.path = clean(&path);
        permission.recursive = recursive.unwrap_or(true);
        self.permissions.insert(permission.id, permission.clone());
        self.record_permission(request, "permission_create", &permission);
        Ok(SiteResponse::created("permission", self.permission_node(&permission)))
    }

    /// Full and recursive, without a user or group.
    pub(crate) fn new_permission(&mut self) -> Permission {
        let id = self.next_id("permission");
        let permission = "full".to_owned();
        Permission { id, user_id: None, group_id: None, path: String::new(), permission, recursive: true }
    }

    pub(crate) fn delete_permission(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let permission =
            self.permissions.remove(&request.id("permission_id")?).ok_or_else(ApiError::record_not_found)?;
        self.record_permission(request, "permission_destroy", &permission);
        Ok(SiteResponse::nothing())
    }

    /// Returns the user that a request names, by id or by name.
    pub(crate) fn target_user(&self, request: &SiteRequest<'_>) -> ApiResult<Option<u64>> {
        if let Some(id) = request.input.integer("user_id")? {
            return if self.users.contains_key(&id) {
                Ok(Some(id))
            } else {
                Err(ApiError::invalid("user_id is invalid"))
            };
        }
        match request.input.text("username")?.filter(|name| !name.is_empty()) {
            Some(name) => match self.user_named(&name) {
                Some(user) => Ok(Some(user.id)),
                None => Err(ApiError::invalid("username is invalid")),
            },
            None => Ok(None),
        }
    }

    fn record_permission(&mut self, request: &SiteRequest<'_>, action: &str, permission: &Permission) {
        let user = permission.user_id.and_then(|id| Some((id, self.username(id)?.to_owned())));
        let group = permission.group_id.and_then(|id| Some((id, self.groups.get(&id)?.name.clone())));
        self.record(Event {
            path: Some(permission.path.clone()),
            source: Some(permission.path.clone()),
            target_user: user,
            target_group: group,
            target_permission: Some((permission.id, permission.permission.clone(), permission.recursive)),
            ..self.event(request, action)
        });
    }

    fn permission_node(&self, permission: &Permission) -> Node {
        let username = permission.user_id.and_then(|id| self.username(id));
        let group = permission.group_id.and_then(|id| self.groups.get(&id));
        Node::map([
            ("id", Node::Integer(permission.id)),
            ("user_id", Node::optional(permission.user_id, Node::Integer)),
            ("username", Node::optional_text(username)),
            ("group_id", Node::optional(permission.group_id, Node::Integer)),
            ("group_name", Node::optional_text(group.map(|group| group.name.as_str()))),
            ("path", Node::text(&permission.path)),
            ("permission", Node::symbol(&permission.permission)),
            ("recursive", Node::Boolean(permission.recursive)),
        ])
    }
}
