use crate::Operation;

/// All operations, with those of the storage last. If an operation has two routes, the first is the route in the vendor's
/// introduction.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation::new("ftpgrid.auth.token", "POST", "/apiaccess/auth"),
    Operation::new("ftpgrid.ftp_accounts.create", "POST", "/ftpaccounts/create"),
    Operation::new(ACCOUNT_LIST, "GET", ACCOUNTS_LIST),
    Operation::new(ACCOUNT_LIST, "GET", ACCOUNTS),
    Operation::new("ftpgrid.ftp_accounts.get", "GET", "/ftpaccounts/id/{id}"),
    Operation::new("ftpgrid.ftp_accounts.update", "PATCH", ACCOUNTS),
    Operation::new("ftpgrid.ftp_accounts.delete", "DELETE", "/ftpaccounts/id/{id}"),
    Operation::new("ftpgrid.storage.list_tree", "POST", "/api/list/tree"),
    Operation::new("ftpgrid.storage.list_dirs", "POST", "/api/list/dirs"),
    Operation::new("ftpgrid.storage.list_files", "POST", "/api/list/files"),
    Operation::new("ftpgrid.storage.mkdir", "POST", "/api/mkdir"),
    Operation::new("ftpgrid.storage.move", "POST", "/api/move"),
    Operation::new(UPLOAD, "POST", "/api/upload"),
    Operation::new("ftpgrid.storage.prepare_download", "POST", "/api/download/prepare"),
    Operation::new(DOWNLOAD_MULTI, "POST", "/api/download/multi"),
    Operation::new("ftpgrid.storage.download_single", "POST", "/api/download/single"),
    Operation::new("ftpgrid.storage.delete", "POST", DELETE_WITH_SLASH),
    Operation::new("ftpgrid.storage.delete", "POST", DELETE),
];

pub(crate) const ACCOUNTS_LIST: &str = "/ftpaccounts/list";
pub(crate) const ACCOUNTS: &str = "/ftpaccounts";
pub(crate) const DELETE_WITH_SLASH: &str = "/api/delete/";
pub(crate) const DELETE: &str = "/api/delete";

/// The operation that shares a path with another.
pub(crate) const ACCOUNT_LIST: &str = "ftpgrid.ftp_accounts.list";

/// Operations whose bodies are streamed, or whose responses are created without holding the lock.
pub(crate) const UPLOAD: &str = "ftpgrid.storage.upload";
pub(crate) const DOWNLOAD_MULTI: &str = "ftpgrid.storage.download_multi";

/// Returns the operations of an origin.
pub(crate) fn of_origin(is_storage: bool) -> &'static [Operation] {
    let first = OPERATIONS.iter().take_while(|operation| !operation.name.starts_with("ftpgrid.storage.")).count();
    let (management, storage) = OPERATIONS.split_at(first);
    if is_storage { storage } else { management }
}

/// Returns the scopes of which the caller needs one. Empty for the operation that needs no token.
pub(crate) fn scopes(operation: &str) -> &'static [&'static str] {
    match operation.trim_start_matches("ftpgrid.") {
        "ftp_accounts.create" => &["ftpaccount.create"],
        "ftp_accounts.list" => &["ftpaccount.list"],
        "ftp_accounts.get" => &["ftpaccount.get"],
        "ftp_accounts.update" => &["ftpaccount.update"],
        "ftp_accounts.delete" => &["ftpaccount.delete"],
        "storage.list_tree" | "storage.list_dirs" | "storage.list_files" => &["file.list"],
        "storage.mkdir" | "storage.upload" => &["file.create"],
        "storage.move" => &["file.rename"],
        "storage.prepare_download" | "storage.download_multi" => &["file.read"],
        "storage.download_single" => &["file.read", "edge"],
        "storage.delete" => &["file.delete"],
        _ => &[],
    }
}
