//! The route table.

use super::access::Access;
use super::call::{Call, Output};
use super::refusal::{Answer, Refusal};
use super::store::Store;
use crate::Operation;
use crate::server::{Route, operations};

pub(super) type Handler = fn(&mut Store, &Call<'_>) -> Answer<Output>;

/// How an operation is handled.
#[derive(Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) access: Access,
    pub(super) handler: Handler,
    /// Whether the handler decides itself if sessions have to send their password.
    pub(super) checks_reauthentication: bool,
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
const STORAGE: Endpoint = open(|_, _| Err(Refusal::not_found()));

/// All routes; those of the storage are last.
///
/// The templates omit the suffixes `.json` and `.xml`. If several operations share a route, the query or the body selects
/// one.
pub(super) static ROUTES: [Route<Endpoint>; 68] = [
    Route::new("brickftp.sessions.create", "POST", "/sessions", open(Store::log_in)),
    Route::new("brickftp.sessions.delete", "DELETE", "/sessions", open(|store, call| Ok(store.log_out(call)))),
    Route::new("brickftp.users.list", "GET", "/users", admin(|store, call| Ok(store.list_users(call)))),
    Route::new("brickftp.users.count", "GET", "/users", admin(|store, _| Ok(store.count_users()))),
    Route::new("brickftp.users.find", "GET", "/users", admin(|store, call| Ok(store.find_user(call)))),
    Route::new(
        "brickftp.users.get",
        "GET",
        "/users/{user_id}",
        admin(|store, call| store.get_user(call.id("user_id")?)),
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
        admin(|store, call| store.unlock_user(call.id("user_id")?)),
    ),
    Route::new(
        "brickftp.api_keys.list",
        "GET",
        "/users/{user_id}/api_keys",
        admin(|store, call| store.list_api_keys(call.id("user_id")?)),
    ),
    Route::new(
        "brickftp.api_keys.get",
        "GET",
        "/api_keys/{api_key_id}",
        admin(|store, call| store.get_api_key(call.id("api_key_id")?)),
    ),
    Route::new("brickftp.api_keys.create", "POST", "/users/{user_id}/api_keys", admin(Store::create_api_key)),
    Route::new(
        "brickftp.api_keys.delete",
        "DELETE",
        "/api_keys/{api_key_id}",
        admin(|store, call| store.delete_api_key(call.id("api_key_id")?)),
    ),
    Route::new(
        "brickftp.public_keys.list",
        "GET",
        "/users/{user_id}/public_keys",
        admin(|store, call| store.list_public_keys(call.id("user_id")?)),
    ),
    Route::new(
        "brickftp.public_keys.get",
        "GET",
        "/public_keys/{public_key_id}",
        admin(|store, call| store.get_public_key(call.id("public_key_id")?)),
    ),
    Route::new("brickftp.public_keys.create", "POST", "/users/{user_id}/public_keys", admin(Store::create_public_key)),
    Route::new(
        "brickftp.public_keys.delete",
        "DELETE",
        "/public_keys/{public_key_id}",
        admin(|store, call| store.delete_public_key(call.id("public_key_id")?)),
    ),
    Route::new("brickftp.groups.list", "GET", "/groups", admin(|store, _| Ok(store.list_groups()))),
    Route::new(
        "brickftp.groups.get",
        "GET",
        "/groups/{group_id}",
        admin(|store, call| store.get_group(call.id("group_id")?)),
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
        admin(|store, call| Ok(store.list_permissions(call))),
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
        admin(|store, call| store.delete_notification(call.id("notification_id")?)),
    ),
    Route::new("brickftp.history.site", "GET", "/history", admin(|store, call| store.site_history(call))),
    Route::new("brickftp.history.logins", "GET", "/history/login", admin(|store, call| store.login_history(call))),
    Route::new(
        "brickftp.history.user",
        "GET",
        "/history/users/{user_id}",
        admin(|store, call| store.user_history(call)),
    ),
    Route::new(
        "brickftp.history.folder",
        "GET",
        "/history/folders/{*path}",
        user(|store, call| store.path_history(call, false)),
    ),
    Route::new(
        "brickftp.history.file",
        "GET",
        "/history/files/{*path}",
        user(|store, call| store.path_history(call, true)),
    ),
    Route::new("brickftp.bundles.list", "GET", "/bundles", user(|store, call| store.list_bundles(call))),
    Route::new("brickftp.bundles.get", "GET", "/bundles/{bundle_id}", user(|store, call| store.get_bundle(call))),
    Route::new("brickftp.bundles.create", "POST", "/bundles", user(Store::create_bundle)),
    Route::new("brickftp.bundles.delete", "DELETE", "/bundles/{bundle_id}", user(Store::delete_bundle)),
    Route::new(
        "brickftp.bundles.contents",
        "POST",
        "/bundles/folders",
        bundle(|store, call| store.bundle_contents(call)),
    ),
    Route::new(
        "brickftp.bundles.contents",
        "POST",
        "/bundles/folders/{*path}",
        bundle(|store, call| store.bundle_contents(call)),
    ),
    Route::new(
        "brickftp.bundles.download_urls",
        "POST",
        "/bundles/files",
        bundle(|store, call| store.bundle_download_urls(call)),
    ),
    Route::new("brickftp.behaviors.list", "GET", "/behaviors", admin(|store, _| Ok(store.list_behaviors()))),
    Route::new(
        "brickftp.behaviors.list_for_folder",
        "GET",
        "/behaviors/folders/{*path}",
        admin(|store, call| store.list_folder_behaviors(call)),
    ),
    Route::new(
        "brickftp.behaviors.get",
        "GET",
        "/behaviors/{behavior_id}",
        admin(|store, call| store.get_behavior(call.id("behavior_id")?)),
    ),
    Route::new("brickftp.behaviors.create", "POST", "/behaviors", admin(Store::create_behavior)),
    Route::new("brickftp.behaviors.update", "PATCH", "/behaviors/{behavior_id}", admin(Store::update_behavior)),
    Route::new(
        "brickftp.behaviors.delete",
        "DELETE",
        "/behaviors/{behavior_id}",
        admin(|store, call| store.delete_behavior(call.id("behavior_id")?)),
    ),
    Route::new("brickftp.folders.list", "GET", "/folders/{*path}", user(|store, call| store.list_folder(call))),
    Route::new("brickftp.folders.create", "POST", "/folders/{*path}", user(Store::create_folder)),
    Route::new("brickftp.folders.count", "GET", "/folders/{*path}", user(|store, call| store.count_folder(call))),
    Route::new(
        "brickftp.folders.count_direct",
        "GET",
        "/folders/{*path}",
        user(|store, call| store.count_folder_directly(call)),
    ),
    Route::new("brickftp.folders.size", "GET", "/folders/{*path}", user(|store, call| store.folder_size(call))),
    Route::new("brickftp.files.download_url", "GET", "/files/{*path}", user(|store, call| store.download(call))),
    Route::new("brickftp.files.stat", "GET", "/files/{*path}", user(|store, call| store.stat(call))),
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

pub(super) static OPERATIONS: &[Operation] = &operations(&ROUTES);

/// Returns the operation with this name. If it has several routes, `template` selects one; the default is the first.
pub(super) fn find(name: &str, template: Option<&str>) -> Option<&'static Operation> {
    OPERATIONS
        .iter()
        .find(|operation| operation.name == name && template.is_none_or(|template| operation.template == template))
}
