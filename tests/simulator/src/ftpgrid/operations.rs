use super::input::ApiResult;
use super::state::store::Store;
use crate::Operation;
use crate::server::{ApiRequest, Response, Route, operations};

/// How an operation is handled.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint {
    /// The scopes of which the caller needs one. Empty if the operation needs no token.
    pub(crate) scopes: &'static [&'static str],
    pub(crate) handler: Handler,
}

#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Buffered(fn(&mut Store, &ApiRequest<'_>) -> ApiResult<Response>),
    /// Streams the request body.
    Upload,
    /// Creates the response without holding the lock.
    DownloadMulti,
}

const fn endpoint(
    scopes: &'static [&'static str],
    handler: fn(&mut Store, &ApiRequest<'_>) -> ApiResult<Response>,
) -> Endpoint {
    Endpoint { scopes, handler: Handler::Buffered(handler) }
}

pub(crate) const ACCOUNTS_LIST: &str = "/ftpaccounts/list";
pub(crate) const ACCOUNTS: &str = "/ftpaccounts";
const ACCOUNT: &str = "/ftpaccounts/id/{id}";
pub(crate) const DELETE_WITH_SLASH: &str = "/api/delete/";
pub(crate) const DELETE: &str = "/api/delete";

/// The operation that shares a path with another.
pub(crate) const ACCOUNT_LIST: &str = "ftpgrid.ftp_accounts.list";

const LIST: &[&str] = &["file.list"];
const CREATE: &[&str] = &["file.create"];
const READ: &[&str] = &["file.read"];
const UPLOAD: Endpoint = Endpoint { scopes: CREATE, handler: Handler::Upload };
const DOWNLOAD_MULTI: Endpoint = Endpoint { scopes: READ, handler: Handler::DownloadMulti };
const LIST_ACCOUNTS: Endpoint = endpoint(&["ftpaccount.list"], |store, _| Ok(store.list_accounts()));
const DELETE_ENTRIES: Endpoint = endpoint(&["file.delete"], Store::delete_entries);

/// All routes, with those of the storage last. If an operation has two routes, the first is the route in the vendor's
/// introduction.
pub(crate) static ROUTES: [Route<Endpoint>; 18] = [
    Route::new("ftpgrid.auth.token", "POST", "/apiaccess/auth", endpoint(&[], Store::log_in)),
    Route::new(
        "ftpgrid.ftp_accounts.create",
        "POST",
        "/ftpaccounts/create",
        endpoint(&["ftpaccount.create"], Store::create_account),
    ),
    Route::new(ACCOUNT_LIST, "GET", ACCOUNTS_LIST, LIST_ACCOUNTS),
    Route::new(ACCOUNT_LIST, "GET", ACCOUNTS, LIST_ACCOUNTS),
    Route::new(
        "ftpgrid.ftp_accounts.get",
        "GET",
        ACCOUNT,
        endpoint(&["ftpaccount.get"], |store, request| store.get_account(request)),
    ),
    Route::new(
        "ftpgrid.ftp_accounts.update",
        "PATCH",
        ACCOUNTS,
        endpoint(&["ftpaccount.update"], Store::update_account),
    ),
    Route::new(
        "ftpgrid.ftp_accounts.delete",
        "DELETE",
        ACCOUNT,
        endpoint(&["ftpaccount.delete"], Store::delete_account),
    ),
    Route::new("ftpgrid.storage.list_tree", "POST", "/api/list/tree", endpoint(LIST, Store::list_tree)),
    Route::new(
        "ftpgrid.storage.list_dirs",
        "POST",
        "/api/list/dirs",
        endpoint(LIST, |store, request| store.list_dirs(request)),
    ),
    Route::new(
        "ftpgrid.storage.list_files",
        "POST",
        "/api/list/files",
        endpoint(LIST, |store, request| store.list_files(request)),
    ),
    Route::new("ftpgrid.storage.mkdir", "POST", "/api/mkdir", endpoint(CREATE, Store::make_directories)),
    Route::new("ftpgrid.storage.move", "POST", "/api/move", endpoint(&["file.rename"], Store::move_entries)),
    Route::new("ftpgrid.storage.upload", "POST", "/api/upload", UPLOAD),
    Route::new(
        "ftpgrid.storage.prepare_download",
        "POST",
        "/api/download/prepare",
        endpoint(READ, Store::prepare_download),
    ),
    Route::new("ftpgrid.storage.download_multi", "POST", "/api/download/multi", DOWNLOAD_MULTI),
    Route::new(
        "ftpgrid.storage.download_single",
        "POST",
        "/api/download/single",
        endpoint(&["file.read", "edge"], |store, request| store.download_single(request.parts)),
    ),
    Route::new("ftpgrid.storage.delete", "POST", DELETE_WITH_SLASH, DELETE_ENTRIES),
    Route::new("ftpgrid.storage.delete", "POST", DELETE, DELETE_ENTRIES),
];

pub(crate) static OPERATIONS: &[Operation] = &operations(&ROUTES);

/// Returns the operations of an origin.
pub(crate) fn of_origin(is_storage: bool) -> &'static [Operation] {
    let first = OPERATIONS.iter().take_while(|operation| !operation.name.starts_with("ftpgrid.storage.")).count();
    let (management, storage) = OPERATIONS.split_at(first);
    if is_storage { storage } else { management }
}
