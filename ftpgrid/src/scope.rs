//! Scopes: what a REST API account may do.

use mft_common::provider::CallBuilder;

use crate::{Error, ErrorKind, Outcome};

mft_common::open_enum! {
    /// What a REST API account may do. An account has a set of scopes, chosen in the dashboard; a call outside of the
    /// set is refused.
    ///
    /// Each method's page names the scope that it needs, and so does its error where the service refuses it.
    Scope {
        /// Upload files, and create the directories on their way.
        FileCreate = "file.create",
        /// Delete files and directories.
        FileDelete = "file.delete",
        /// Download files.
        FileRead = "file.read",
        /// List files and directories.
        FileList = "file.list",
        /// Move and rename files and directories. The service's list of scopes does not have it, only the page of the
        /// call.
        FileRename = "file.rename",
        /// Instead of [`Scope::FileRead`], for downloads of single files only. The service does not explain it further.
        Edge = "edge",
        /// Create FTP accounts.
        FtpAccountCreate = "ftpaccount.create",
        /// Delete FTP accounts.
        FtpAccountDelete = "ftpaccount.delete",
        /// Read one FTP account.
        FtpAccountGet = "ftpaccount.get",
        /// List FTP accounts.
        FtpAccountList = "ftpaccount.list",
        /// Change FTP accounts.
        FtpAccountUpdate = "ftpaccount.update",
    }
}

/// The scopes, any one of which would have allowed the call that was refused with this error. Empty where the error is
/// no refusal for want of a scope (403), or where no scope is known for the operation.
///
/// # Examples
///
/// ```no_run
/// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
/// if let Err(error) = client.storage().rename("/inbox/a.csv", "b.csv").await {
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
        // The change was made, so that it is the fetch which was refused.
        ("ftpgrid.ftp_accounts.update_and_fetch", Outcome::Done) => "ftpgrid.ftp_accounts.get",
        ("ftpgrid.ftp_accounts.update_and_fetch", _) => "ftpgrid.ftp_accounts.update",
        (call, _) => call,
    };
    needed(call).map_or(&[], |(scopes, _)| scopes)
}

/// Lets the call's error name the scope where the service refuses the call.
pub(crate) fn require(call: CallBuilder, operation: &str) -> CallBuilder {
    match needed(operation) {
        Some((_, words)) => call.required_permission(words),
        None => call,
    }
}

type Needed = (&'static [Scope], &'static str);

/// Which scopes allow an operation, and how an error says it.
fn needed(operation: &str) -> Option<Needed> {
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
    fn an_error_names_the_scopes_that_would_do() {
        for operation in
            ["ftp_accounts.create", "storage.list_tree", "storage.move", "storage.upload", "storage.download_single"]
        {
            let (scopes, words) = needed(&format!("ftpgrid.{operation}")).unwrap();
            assert!(scopes.iter().all(|scope| words.contains(&format!("`{scope}`"))), "{words}");
        }
        assert!(needed("ftpgrid.raw").is_none() && needed("ftpgrid.auth.token").is_none());
        assert_eq!(Scope::KNOWN.len(), 11);
        assert_eq!(Scope::from("webhook.create").to_string(), "webhook.create");
    }
}
