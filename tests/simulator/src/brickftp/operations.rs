//! The route table.

use self::Handler::{Read, ReadById, Write, WriteById};
use crate::Operation;
use crate::brickftp::request::access::AccessLevel;
use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::store::Store;
use crate::server::{Route, operations};

/// The function that handles an operation.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Read(fn(&Store, &SiteRequest<'_>) -> ApiResult<SiteResponse>),
    Write(fn(&mut Store, &SiteRequest<'_>) -> ApiResult<SiteResponse>),
    /// With the name of the path parameter.
    ReadById(&'static str, fn(&Store, u64) -> ApiResult<SiteResponse>),
    WriteById(&'static str, fn(&mut Store, u64) -> ApiResult<SiteResponse>),
}

impl Handler {
    pub(crate) fn call(self, store: &mut Store, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        match self {
            Self::Read(handler) => handler(store, request),
            Self::Write(handler) => handler(store, request),
            Self::ReadById(parameter, handler) => handler(store, request.id(parameter)?),
            Self::WriteById(parameter, handler) => handler(store, request.id(parameter)?),
        }
    }
}

/// How an operation is handled.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) access: AccessLevel,
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

const fn endpoint(access: AccessLevel, handler: Handler) -> Endpoint {
    Endpoint { access, handler, checks_reauthentication: false }
}

const fn open(handler: Handler) -> Endpoint {
    endpoint(AccessLevel::Open, handler)
}

const fn bundle(handler: Handler) -> Endpoint {
    endpoint(AccessLevel::Bundle, handler)
}

const fn user(handler: Handler) -> Endpoint {
    endpoint(AccessLevel::User, handler)
}

const fn admin(handler: Handler) -> Endpoint {
    endpoint(AccessLevel::Admin, handler)
}

const PUBLIC_KEY: &str = "/public_keys/{public_key_id}";
const MEMBERSHIP: &str = "/groups/{group_id}/memberships/{user_id}";
const NOTIFICATION: &str = "/notifications/{notification_id}";

/// The storage serves these on its own origin.
const STORAGE: Endpoint = open(Read(|_, _| Err(ApiError::record_not_found())));

/// All routes; those of the storage are last.
///
/// The templates omit the suffixes `.json` and `.xml`. If several operations share a route, the query or the body selects
/// one.
#[rustfmt::skip]
pub(crate) static ROUTES: [Route<Endpoint>; 68] = [
    Route::new("brickftp.sessions.create", "POST", "/sessions", open(Write(Store::log_in))),
    Route::new("brickftp.sessions.delete", "DELETE", "/sessions", open(Write(|store, request| Ok(store.log_out(request))))),
    Route::new("brickftp.users.list", "GET", "/users", admin(Read(|store, request| Ok(store.list_users(request))))),
    Route::new("brickftp.users.count", "GET", "/users", admin(Read(|store, _| Ok(store.count_users())))),
    Route::new("brickftp.users.find", "GET", "/users", admin(Read(|store, request| Ok(store.find_user(request))))),
    Route::new("brickftp.users.get", "GET", "/users/{user_id}", admin(ReadById("user_id", Store::get_user))),
    Route::new("brickftp.users.create", "POST", "/users", admin(Write(Store::create_user))),
    Route::new("brickftp.users.update", "PUT", "/users/{user_id}", admin(Write(Store::update_user)).checks_reauthentication()),
    Route::new("brickftp.users.delete", "DELETE", "/users/{user_id}", admin(Write(Store::delete_user)).checks_reauthentication()),
    Route::new("brickftp.users.unlock", "POST", "/users/{user_id}/unlock", admin(WriteById("user_id", Store::unlock_user))),
    Route::new("brickftp.api_keys.list", "GET", "/users/{user_id}/api_keys", admin(ReadById("user_id", Store::list_api_keys))),
    Route::new("brickftp.api_keys.get", "GET", "/api_keys/{api_key_id}", admin(ReadById("api_key_id", Store::get_api_key))),
    Route::new("brickftp.api_keys.create", "POST", "/users/{user_id}/api_keys", admin(Write(Store::create_api_key))),
    Route::new("brickftp.api_keys.delete", "DELETE", "/api_keys/{api_key_id}", admin(WriteById("api_key_id", Store::delete_api_key))),
    Route::new("brickftp.public_keys.list", "GET", "/users/{user_id}/public_keys", admin(ReadById("user_id", Store::list_public_keys))),
    Route::new("brickftp.public_keys.get", "GET", PUBLIC_KEY, admin(ReadById("public_key_id", Store::get_public_key))),
    Route::new("brickftp.public_keys.create", "POST", "/users/{user_id}/public_keys", admin(Write(Store::create_public_key))),
    Route::new("brickftp.public_keys.delete", "DELETE", PUBLIC_KEY, admin(WriteById("public_key_id", Store::delete_public_key))),
    Route::new("brickftp.groups.list", "GET", "/groups", admin(Read(|store, _| Ok(store.list_groups())))),
    Route::new("brickftp.groups.get", "GET", "/groups/{group_id}", admin(ReadById("group_id", Store::get_group))),
    Route::new("brickftp.groups.create", "POST", "/groups", admin(Write(Store::create_group))),
    Route::new("brickftp.groups.update", "PUT", "/groups/{group_id}", admin(Write(Store::update_group))),
    Route::new("brickftp.groups.delete", "DELETE", "/groups/{group_id}", admin(Write(Store::delete_group))),
    Route::new("brickftp.groups.create_user", "POST", "/groups/{group_id}/users", user(Write(Store::create_user_in_group))),
    Route::new("brickftp.memberships.add", "PUT", MEMBERSHIP, admin(Write(Store::add_membership))),
    Route::new("brickftp.memberships.update", "PATCH", MEMBERSHIP, admin(Write(Store::update_membership))),
    Route::new("brickftp.memberships.remove", "DELETE", MEMBERSHIP, admin(Write(Store::remove_membership))),
    Route::new("brickftp.permissions.list", "GET", "/permissions", admin(Read(|store, request| Ok(store.list_permissions(request))))),
    Route::new("brickftp.permissions.create", "POST", "/permissions", admin(Write(Store::create_permission))),
    Route::new("brickftp.permissions.delete", "DELETE", "/permissions/{permission_id}", admin(Write(Store::delete_permission))),
    Route::new("brickftp.notifications.list", "GET", "/notifications", admin(Read(|store, _| Ok(store.list_notifications())))),
    Route::new("brickftp.notifications.create", "POST", "/notifications", admin(Write(Store::create_notification))),
    Route::new("brickftp.notifications.delete", "DELETE", NOTIFICATION, admin(WriteById("notification_id", Store::delete_notification))),
    Route::new("brickftp.history.site", "GET", "/history", admin(Read(Store::site_history))),
    Route::new("brickftp.history.logins", "GET", "/history/login", admin(Read(Store::login_history))),
    Route::new("brickftp.history.user", "GET", "/history/users/{user_id}", admin(Read(Store::user_history))),
    Route::new("brickftp.history.folder", "GET", "/history/folders/{*path}", user(Read(|store, request| store.path_history(request, false)))),
    Route::new("brickftp.history.file", "GET", "/history/files/{*path}", user(Read(|store, request| store.path_history(request, true)))),
    Route::new("brickftp.bundles.list", "GET", "/bundles", user(Read(Store::list_bundles))),
    Route::new("brickftp.bundles.get", "GET", "/bundles/{bundle_id}", user(Read(Store::get_bundle))),
    Route::new("brickftp.bundles.create", "POST", "/bundles", user(Write(Store::create_bundle))),
    Route::new("brickftp.bundles.delete", "DELETE", "/bundles/{bundle_id}", user(Write(Store::delete_bundle))),
    Route::new("brickftp.bundles.contents", "POST", "/bundles/folders", bundle(Read(Store::bundle_contents))),
    Route::new("brickftp.bundles.contents", "POST", "/bundles/folders/{*path}", bundle(Read(Store::bundle_contents))),
    Route::new("brickftp.bundles.download_urls", "POST", "/bundles/files", bundle(Write(Store::bundle_download_urls))),
    Route::new("brickftp.behaviors.list", "GET", "/behaviors", admin(Read(|store, _| Ok(store.list_behaviors())))),
    Route::new("brickftp.behaviors.list_for_folder", "GET", "/behaviors/folders/{*path}", admin(Read(Store::list_folder_behaviors))),
    Route::new("brickftp.behaviors.get", "GET", "/behaviors/{behavior_id}", admin(ReadById("behavior_id", Store::get_behavior))),
    Route::new("brickftp.behaviors.create", "POST", "/behaviors", admin(Write(Store::create_behavior))),
    Route::new("brickftp.behaviors.update", "PATCH", "/behaviors/{behavior_id}", admin(Write(Store::update_behavior))),
    Route::new("brickftp.behaviors.delete", "DELETE", "/behaviors/{behavior_id}", admin(WriteById("behavior_id", Store::delete_behavior))),
    Route::new("brickftp.folders.list", "GET", "/folders/{*path}", user(Write(Store::list_folder))),
    Route::new("brickftp.folders.create", "POST", "/folders/{*path}", user(Write(Store::create_folder))),
    Route::new("brickftp.folders.count", "GET", "/folders/{*path}", user(Read(Store::count_folder))),
    Route::new("brickftp.folders.count_direct", "GET", "/folders/{*path}", user(Read(Store::count_folder_directly))),
    Route::new("brickftp.folders.size", "GET", "/folders/{*path}", user(Read(Store::folder_size))),
    Route::new("brickftp.files.download_url", "GET", "/files/{*path}", user(Write(Store::download))),
    Route::new("brickftp.files.stat", "GET", "/files/{*path}", user(Read(Store::stat))),
    Route::new("brickftp.files.rename", "POST", "/files/{*path}", user(Write(Store::rename))),
    Route::new("brickftp.files.copy", "POST", "/files/{*path}", user(Write(Store::copy))),
    Route::new("brickftp.files.delete", "DELETE", "/files/{*path}", user(Write(Store::delete))),
    Route::new("brickftp.uploads.start", "POST", "/files/{*path}", user(Write(Store::start_upload))),
    Route::new("brickftp.uploads.part", "POST", "/files/{*path}", user(Write(Store::continue_upload))),
    Route::new("brickftp.uploads.complete", "POST", "/files/{*path}", user(Write(Store::complete_upload))),
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
