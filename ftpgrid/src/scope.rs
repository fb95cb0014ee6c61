//! Scopes: the permissions of a REST API account.

use mft_common::provider::CallBuilder;

use crate::{Error, ErrorKind, Outcome};

mft_common::open_enum! {
    /// A permission of a REST API account. The dashboard assigns a set of scopes to each account.
    ///
    /// The documentation of each method names the scope that it needs. If the scope is missing, the error names it too.
    Scope {
        /// Uploads files and creates their parent directories.
        FileCreate = "file.create",
        /// Deletes files and directories.
        FileDelete = "file.delete",
        /// Downloads files.
        FileRead = "file.read",
        /// Lists files and directories.
        FileList = "file.list",
        /// Moves and renames files and directories. The service's list of scopes lacks it; only the page of the call
        /// names it.
        FileRename = "file.rename",
        /// Downloads single files, as an alternative to [`Scope::FileRead`]. Not documented further.
        Edge = "edge",
        /// Creates FTP accounts.
        FtpAccountCreate = "ftpaccount.create",
        /// Deletes FTP accounts.
        FtpAccountDelete = "ftpaccount.delete",
        /// Fetches one FTP account.
        FtpAccountGet = "ftpaccount.get",
        /// Lists FTP accounts.
        FtpAccountList = "ftpaccount.list",
        /// Updates FTP accounts.
        FtpAccountUpdate = "ftpaccount.update",
    }
}

/// Returns the scopes of which any one would have permitted the call that failed with this error.
///
/// Returns an empty slice if the error is not [`PermissionDenied`](ErrorKind::PermissionDenied) (403), or if no scope is
/// known for the operation.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
/// use ftpgrid::NewName;
///
/// if let Err(error) = client.storage().rename("/inbox/a.csv", NewName::new("b.csv")).await {
///     for scope in ftpgrid::missing_scopes(&error) {
///         eprintln!("the REST API account needs the scope {scope}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn missing_scopes(error: &Error) -> &'static [Scope] {
    let (ErrorKind::PermissionDenied, Some(operation)) = (error.kind(), error.operation()) else { return &[] };
    let call = match (operation, error.outcome()) {
        ("ftpgrid.storage.find_file", _) => "ftpgrid.storage.list_files",
        // The update was applied, so the fetch was refused.
        ("ftpgrid.ftp_accounts.update_and_fetch", Outcome::Done) => "ftpgrid.ftp_accounts.get",
        ("ftpgrid.ftp_accounts.update_and_fetch", _) => "ftpgrid.ftp_accounts.update",
        (call, _) => call,
    };
    required(call).map_or(&[], |(scopes, _)| scopes)
}

/// Adds the required scope to the call, so that a 403 error names it.
pub(crate) fn require(call: CallBuilder, operation: &str) -> CallBuilder {
    match required(operation) {
        Some((_, description)) => call.required_permission(description),
        None => call,
    }
}

type RequiredScopes = (&'static [Scope], &'static str);

/// Returns the scopes of which any one permits an operation, and their description for the error message.
fn required(operation: &str) -> Option<RequiredScopes> {
    Some(match operation {
        "ftpgrid.ftp_accounts.create" => (&[Scope::FtpAccountCreate], "the scope `ftpaccount.create`"),
        "ftpgrid.ftp_accounts.list" => (&[Scope::FtpAccountList], "the scope `ftpaccount.list`"),
        "ftpgrid.ftp_accounts.get" => (&[Scope::FtpAccountGet], "the scope `ftpaccount.get`"),
        "ftpgrid.ftp_accounts.update" => (&[Scope::FtpAccountUpdate], "the scope `ftpaccount.update`"),
        "ftpgrid.ftp_accounts.delete" => (&[Scope::FtpAccountDelete], "the scope `ftpaccount.delete`"),
        "ftpgrid.storage.list_tree" | "ftpgrid.storage.list_dirs" | "ftpgrid.storage.list_files" => {
            (&[Scope::FileList], "the scope `file.list`")
        }
        "ftpgrid.storage.upload" | "ftpgrid.storage.mkdir" => (&[Scope::FileCreate], "the scope `file.create`"),
        "ftpgrid.storage.move" => (&[Scope::FileRename], "the scope `file.rename`"),
        "ftpgrid.storage.delete" => (&[Scope::FileDelete], "the scope `file.delete`"),
        "ftpgrid.storage.prepare_download" | "ftpgrid.storage.download_multi" => {
            (&[Scope::FileRead], "the scope `file.read`")
        }
        "ftpgrid.storage.download_single" => {
            (&[Scope::FileRead, Scope::Edge], "the scope `file.read` or the scope `edge`")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_names_every_scope() {
        for operation in
            ["ftp_accounts.create", "storage.list_tree", "storage.move", "storage.upload", "storage.download_single"]
        {
            let (scopes, description) = required(&format!("ftpgrid.{operation}")).unwrap();
            assert!(scopes.iter().all(|scope| description.contains(&format!("`{scope}`"))), "{description}");
        }
        assert!(required("ftpgrid.raw").is_none() && required("ftpgrid.auth.token").is_none());
        assert_eq!(Scope::KNOWN.len(), 11);
        assert_eq!(Scope::from("webhook.create").to_string(), "webhook.create");
    }
}
