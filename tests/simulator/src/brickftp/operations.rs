//! The route table.

use crate::Operation;
use crate::brickftp::request::access::Access;
use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::store::Store;
use crate::server::{Route, operations};

pub(crate) type Handler = fn(&mut Store, &SiteRequest<'_>) -> ApiResult<SiteResponse>;

/// How an operation is handled.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) access: Access,
    pub(crate) handler: Handler,
    /// Whether the handler itself decides if sessions must reauthenticate.
    pub(crate) checks_reauthentication: bool,
}

impl Endpoint {
    const fn checks_reauthentication(mut self) -> Self {
        self.checks_reauthentication = true;
        self
    }
}

const fn endpoint(access: Access, handler: Handler) -> Endpoint {
    Endpoint { access, handler, checks_reauthentication: false }
}

const fn open(handler: Handler) -> Endpoint {
    endpoint(Access::Open, handler)
}

const fn bundle(handler: Handler) -> Endpoint {
    endpoint(Access::Bundle, handler)
}

const fn user(handler: Handler) -> Endpoint {
    endpoint(Access::User, handler)
}

const fn admin(handler: Handler) -> Endpoint {
    endpoint(Access::Admin, handler)
}

/// The storage serves these on its own origin.
const STORAGE: Endpoint = open(|_, _| Err(ApiError::record_not_found()));

/// All routes; those of the storage are last.
///
/// The templates omit the suffixes `.json` and `.xml`. If several operations share a route, the query or the body selects
/// one.
pub(crate) static ROUTES: [Route<Endpoint>; 68] = [
    Route::new("brickftp.sessions.create", "POST", "/sessions", open(Store::log_in)),
    Route::new("brickftp.sessions.delete", "DELETE", "/sessions", open(|store, request| Ok(store.log_out(request)))),
    Route::new("brickftp.users.list", "GET", "/users", admin(|store, request| Ok(store.list_users(request)))),
    Route::new("brickftp.users.count", "GET", "/users", admin(|store, _| Ok(store.count_users()))),
    Route::new("brickftp.users.find", "GET", "/users", admin(|store, request| Ok(store.find_user(request)))),
    Route::new(
        "brickftp.users.get",
        "GET",
        "/users/{user_id}",
        admin(|store, request| store.get_user(request.id("user_id")?)),
    ),
    Route::new("brickftp.users.create", "POST", "/users", admin(Store::create_user)),
    Route::new("brickftp.users.update", "PUT", "/users/{user_id}", admin(Store::update_user).checks_reauthentication()),
    Route::new(
        "brickftp.users.delete",
        "DELETE",
        "/users/{user_id}",
        admin(Store::delete_user).checks_reauthentication(),
    ),
    Route::new(
        "brickftp.users.unlock",
        "POST",
        "/users/{user_id}/unlock",
        admin(|store, request| store.unlock_user(request.id("user_id")?)),
    ),
    Route::new(
        "brickftp.api_keys.list",
        "GET",
        "/users/{user_id}/api_keys",
        admin(|store, request| store.list_api_keys(request.id("user_id")?)),
    ),
    Route::new(
        "brickftp.api_keys.get",
        "GET",
        "/api_keys/{api_key_id}",
        admin(|store, request| store.get_api_key(request.id("api_key_id")?)),
    ),
    Route::new("brickftp.api_keys.create", "POST", "/users/{user_id}/api_keys", admin(Store::create_api_key)),
    Route::new(
        "brickftp.api_keys.delete",
        "DELETE",
        "/api_keys/{api_key_id}",
        admin(|store, request| store.delete_api_key(request.id("api_key_id")?)),
    ),
    Route::new(
        "brickftp.public_keys.list",
        "GET",
        "/users/{user_id}/public_keys",
        admin(|store, request| store.list_public_keys(request.id("user_id")?)),
    ),
    Route::new(
        "brickftp.public_keys.get",
        "GET",
        "/public_keys/{public_key_id}",
        admin(|store, request| store.get_public_key(request.id("public_key_id")?)),
    ),
    Route::new("brickftp.public_keys.create", "POST", "/users/{user_id}/public_keys", admin(Store::create_public_key)),
    Route::new(
        "brickftp.public_keys.delete",
        "DELETE",
        "/public_keys/{public_key_id}",
        admin(|store, request| store.delete_public_key(request.id("public_key_id")?)),
    ),
    Route::new("brickftp.groups.list", "GET", "/groups", admin(|store, _| Ok(store.list_groups()))),
    Route::new(
        "brickftp.groups.get",
        "GET",
        "/groups/{group_id}",
        admin(|store, request| store.get_group(request.id("group_id")?)),
    ),
    Route::new("brickftp.groups.create", "POST", "/groups", admin(Store::create_group)),
    Route::new("brickftp.groups.update", "PUT", "/groups/{group_id}", admin(Store::update_group)),
    Route::new("brickftp.groups.delete", "DELETE", "/groups/{group_id}", admin(Store::delete_group)),
    Route::new("brickftp.groups.create_user", "POST", "/groups/{group_id}/users", user(Store::create_user_in_group)),
    Route::new(
        "brickftp.memberships.add",
        "PUT",
        "/groups/{group_id}/memberships/{user_id}",
        admin(Store::add_membership),
    ),
    Route::new(
        "brickftp.memberships.update",
        "PATCH",
        "/groups/{group_id}/memberships/{user_id}",
        admin(Store::update_membership),
    ),
    Route::new(
        "brickftp.memberships.remove",
        "DELETE",
        "/groups/{group_id}/memberships/{user_id}",
        admin(Store::remove_membership),
    ),
    Route::new(
        "brickftp.permissions.list",
        "GET",
        "/permissions",
        admin(|store, request| Ok(store.list_permissions(request))),
    ),
    Route::new("brickftp.permissions.create", "POST", "/permissions", admin(Store::create_permission)),
    Route::new(
        "brickftp.permissions.delete",
        "DELETE",
        "/permissions/{permission_id}",
        admin(Store::delete_permission),
    ),
    Route::new(
        "brickftp.notifications.list",
        "GET",
        "/notifications",
        admin(|store, _| Ok(store.list_notifications())),
    ),
    Route::new("brickftp.notifications.create", "POST", "/notifications", admin(Store::create_notification)),
    Route::new(
        "brickftp.notifications.delete",
        "DELETE",
        "/notifications/{notification_id}",
        admin(|store, request| store.delete_notification(request.id("notification_id")?)),
    ),
    Route::new("brickftp.history.site", "GET", "/history", admin(|store, request| store.site_history(request))),
    Route::new(
        "brickftp.history.logins",
        "GET",
        "/history/login",
        admin(|store, request| store.login_history(request)),
    ),
    Route::new(
        "brickftp.history.user",
        "GET",
        "/history/users/{user_id}",
        admin(|store, request| store.user_history(request)),
    ),
    Route::new(
        "brickftp.history.folder",
        "GET",
        "/history/folders/{*path}",
        user(|store, request| store.path_history(request, false)),
    ),
    Route::new(
        "brickftp.history.file",
        "GET",
        "/history/files/{*path}",
        user(|store, request| store.path_history(request, true)),
    ),
    Route::new("brickftp.bundles.list", "GET", "/bundles", user(|store, request| store.list_bundles(request))),
    Route::new("brickftp.bundles.get", "GET", "/bundles/{bundle_id}", user(|store, request| store.get_bundle(request))),
    Route::new("brickftp.bundles.create", "POST", "/bundles", user(Store::create_bundle)),
    Route::new("brickftp.bundles.delete", "DELETE", "/bundles/{bundle_id}", user(Store::delete_bundle)),
    Route::new(
        "brickftp.bundles.contents",
        "POST",
        "/bundles/folders",
        bundle(|store, request| store.bundle_contents(request)),
    ),
    Route::new(
        "brickftp.bundles.contents",
        "POST",
        "/bundles/folders/{*path}",
        bundle(|store, request| store.bundle_contents(request)),
    ),
    Route::new(
        "brickftp.bundles.download_urls",
        "POST",
        "/bundles/files",
        bundle(|store, request| store.bundle_download_urls(request)),
    ),
    Route::new("brickftp.behaviors.list", "GET", "/behaviors", admin(|store, _| Ok(store.list_behaviors()))),
    Route::new(
        "brickftp.behaviors.list_for_folder",
        "GET",
        "/behaviors/folders/{*path}",
        admin(|store, request| store.list_folder_behaviors(request)),
    ),
    Route::new(
        "brickftp.behaviors.get",
        "GET",
        "/behaviors/{behavior_id}",
        admin(|store, request| store.get_behavior(request.id("behavior_id")?)),
    ),
    Route::new("brickftp.behaviors.create", "POST", "/behaviors", admin(Store::create_behavior)),
    Route::new("brickftp.behaviors.update", "PATCH", "/behaviors/{behavior_id}", admin(Store::update_behavior)),
    Route::new(
        "brickftp.behaviors.delete",
        "DELETE",
        "/behaviors/{behavior_id}",
        admin(|store, request| store.delete_behavior(request.id("behavior_id")?)),
    ),
    Route::new("brickftp.folders.list", "GET", "/folders/{*path}", user(|store, request| store.list_folder(request))),
    Route::new("brickftp.folders.create", "POST", "/folders/{*path}", user(Store::create_folder)),
    Route::new("brickftp.folders.count", "GET", "/folders/{*path}", user(|store, request| store.count_folder(request))),
    Route::new(
        "brickftp.folders.count_direct",
        "GET",
        "/folders/{*path}",
        user(|store, request| store.count_folder_directly(request)),
    ),
    Route::new("brickftp.folders.size", "GET", "/folders/{*path}", user(|store, request| store.folder_size(request))),
    Route::new("brickftp.files.download_url", "GET", "/files/{*path}", user(|store, request| store.download(request))),
    Route::new("brickftp.files.stat", "GET", "/files/{*path}", user(|store, request| store.stat(request))),
    Route::new("brickftp.files.rename", "POST", "/files/{*path}", user(Store::rename)),
    Route::new("brickftp.files.copy", "POST", "/files/{*path}", user(Store::copy)),
    Route::new("brickftp.files.delete", "DELETE", "/files/{*path}", user(Store::delete)),
    Route::new("brickftp.uploads.start", "POST", "/files/{*path}", user(Store::start_upload)),
    Route::new("brickftp.uploads.part", "POST", "/files/{*path}", user(Store::continue_upload)),
    Route::new("brickftp.uploads.complete", "POST", "/files/{*path}", user(Store::complete_upload)),
    Route::new("brickftp.storage.put_part", "PUT", "/{*object}", STORAGE),
    Route::new("brickftp.storage.put_part", "POST", "/{*object}", STORAGE),
    Route::new("brickftp.storage.get", "GET", "/{*object}", STORAGE),
    Route::new("brickftp.storage.get", "HEAD", "/{*object}", STORAGE),
];

pub(crate) static OPERATIONS: &[Operation] = &operations(&ROUTES);

/// Returns the operation with this name. If it has several routes, `template` selects one; the default is the first.
pub(crate) fn find(name: &str, template: Option<&str>) -> Option<&'static Operation> {
    OPERATIONS
        .iter()
        .find(|operation| operation.name == name && template.is_none_or(|template| operation.template == template))
}
