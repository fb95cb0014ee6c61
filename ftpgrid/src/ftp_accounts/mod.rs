//! FTP accounts: logins to the storage.

mod input;
mod model;

use std::sync::Arc;

use http::Method;
use mft_common::provider::BufferedResponse;
use serde::Deserialize;

use input::UpdateBody;
pub use input::{FtpAccountUpdate, NewFtpAccount};
pub use model::{AccessRights, FtpAccount, FtpAccountId};

use crate::{Call, Client, ErrorKind, Outcome, Pager, Result, response};

const ACCOUNTS: &str = "/ftpaccounts";
const ACCOUNT: &str = "/ftpaccounts/id/{id}";

/// Operations on FTP accounts. Returned by [`Client::ftp_accounts`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing until one of its methods is called"]
pub struct FtpAccounts<'c> {
    pub(crate) client: &'c Client,
}

/// The result of a create call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreatedFtpAccount {
    /// The account, as documented.
    Account(FtpAccount),
    /// An acknowledgement, with or without the id. List the accounts to find the new one.
    Acknowledged(Option<FtpAccountId>),
}

impl CreatedFtpAccount {
    /// Returns the id, if the response contains it.
    #[must_use]
    pub fn id(&self) -> Option<FtpAccountId> {
        match self {
            Self::Account(account) => Some(account.id),
            Self::Acknowledged(id) => *id,
        }
    }

    /// Returns the account, if the response contains it.
    #[must_use]
    pub fn into_account(self) -> Option<FtpAccount> {
        match self {
            Self::Account(account) => Some(account),
            Self::Acknowledged(_) => None,
        }
    }
}

impl FtpAccounts<'_> {
    /// Creates an account. It can log in at once.
    ///
    /// Calls `POST /ftpaccounts/create`; needs the scope `ftpaccount.create`. The documentation does not state whether
    /// the service creates a missing directory.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the username or the password is empty, the directory
    /// has a backslash or a `..` segment, or the public key is not valid. Fails, most likely with
    /// [`Conflict`](crate::ErrorKind::Conflict), if the username is taken.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::{AccessRights, NewFtpAccount};
    ///
    /// let camera = NewFtpAccount::new("dock-cam-7", AccessRights::ReadWrite, "/cams/7").password("an-example-pass-1");
    /// let created = client.ftp_accounts().create(camera).await?;
    /// println!("account {:?}", created.id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, account: NewFtpAccount) -> Call<CreatedFtpAccount> {
        self.client
            .call("ftpgrid.ftp_accounts.create", Method::POST, "/ftpaccounts/create", &[])
            .non_idempotent()
            .with_checked(account.validate(), |call, account| call.json_body(&account))
            .decode(created)
    }

    /// Lists all accounts, including disabled ones, in no particular order.
    ///
    /// Calls `GET /ftpaccounts/list`; needs the scope `ftpaccount.list`. If the service does not know this path, the
    /// client tries `GET /ftpaccounts`, which other pages of the documentation name, and uses it from then on.
    ///
    /// Entries may lack the public key; see [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error). The service documents no errors for this call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// let mut accounts = client.ftp_accounts().list();
    /// while let Some(account) = accounts.try_next().await? {
    ///     println!("{} {} in {}", account.id, account.username, account.chroot);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<FtpAccount> {
        const NAME: &str = "ftpgrid.ftp_accounts.list";
        let client = self.client.clone();
        let call = move || {
            let at_docs = Arc::clone(client.lists_at_docs());
            client.call(NAME, Method::GET, "/ftpaccounts/list", &[]).safe().fallback_path(ACCOUNTS, &at_docs)
        };
        Pager::single_by(NAME, call, response::list)
    }

    /// Fetches an account.
    ///
    /// Calls `GET /ftpaccounts/id/{id}`; needs the scope `ftpaccount.get`.
    ///
    /// # Errors
    ///
    /// Fails, most likely with [`NotFound`](crate::ErrorKind::NotFound), if the account does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// let account = client.ftp_accounts().get(ftpgrid::FtpAccountId::new(501)).await?;
    /// println!("{} has the key {:?}", account.username, account.rsa_key);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: FtpAccountId) -> Call<FtpAccount> {
        self.client.call("ftpgrid.ftp_accounts.get", Method::GET, ACCOUNT, &[&id]).safe().decode(response::object)
    }

    /// Updates an account. A new password and a disabled account take effect at once.
    ///
    /// Calls `PATCH /ftpaccounts`; needs the scope `ftpaccount.update`.
    ///
    /// The service also acknowledges an update of an account that does not exist, so `Ok` does not prove that it exists.
    /// [`update_and_fetch`](Self::update_and_fetch) does.
    ///
    /// # Errors
    ///
    /// Same as [`create`](Self::create). Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no
    /// fields set.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client, id: ftpgrid::FtpAccountId) -> ftpgrid::Result<()> {
    /// use ftpgrid::FtpAccountUpdate;
    ///
    /// client.ftp_accounts().update(id, FtpAccountUpdate::new().enabled(false)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: FtpAccountId, update: FtpAccountUpdate) -> Call<()> {
        self.client
            .call("ftpgrid.ftp_accounts.update", Method::PATCH, ACCOUNTS, &[])
            .idempotent()
            .with_checked(update.validate(), |call, update| call.json_body(&UpdateBody { id, update }))
            .decode(response::acknowledged)
    }

    /// Updates an account and fetches it.
    ///
    /// Makes the calls of [`update`](Self::update) and [`get`](Self::get) and needs the scopes of both.
    ///
    /// # Errors
    ///
    /// Fails with the error of either call. [`Error::outcome`](crate::Error::outcome) refers to the update.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client, id: ftpgrid::FtpAccountId) -> ftpgrid::Result<()> {
    /// use ftpgrid::FtpAccountUpdate;
    ///
    /// let account = client.ftp_accounts().update_and_fetch(id, FtpAccountUpdate::new().chroot("/cams/8")).await?;
    /// assert_eq!(account.chroot, "/cams/8");
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_and_fetch(
        &self,
        id: FtpAccountId,
        update: FtpAccountUpdate,
    ) -> impl Future<Output = Result<FtpAccount>> + Send + 'static + use<> {
        const NAME: &str = "ftpgrid.ftp_accounts.update_and_fetch";
        let (update, get) = (self.update(id, update), self.get(id));
        async move {
            update.await.map_err(|error| {
                let outcome = error.outcome();
                error.within(NAME, outcome)
            })?;
            get.await.map_err(|error| {
                // The service also acknowledges an update of an account that does not exist.
                let outcome = if error.is_not_found() { Outcome::Unknown } else { Outcome::Done };
                error.within(NAME, outcome)
            })
        }
    }

    /// Deletes an account. Logins fail at once, and open sessions may end. The files are kept.
    ///
    /// Calls `DELETE /ftpaccounts/id/{id}`; needs the scope `ftpaccount.delete`. A retry that finds the account deleted is
    /// a success.
    ///
    /// # Errors
    ///
    /// Fails, most likely with [`NotFound`](crate::ErrorKind::NotFound), if the account did not exist before the first
    /// attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client, id: ftpgrid::FtpAccountId) -> ftpgrid::Result<()> {
    /// client.ftp_accounts().delete(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: FtpAccountId) -> Call<()> {
        let call = self.client.call("ftpgrid.ftp_accounts.delete", Method::DELETE, ACCOUNT, &[&id]);
        call.deletes_by(response::acknowledged)
    }
}

/// Decodes the documented account, or an acknowledgement. Sends no additional request to complete it.
fn created(response: &BufferedResponse) -> Result<CreatedFtpAccount> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: FtpAccountId,
    }
    let undecodable = match response::object(response) {
        Ok(account) => return Ok(CreatedFtpAccount::Account(account)),
        Err(rejected) if rejected.kind() == ErrorKind::Rejected => return Err(rejected),
        Err(undecodable) => undecodable,
    };
    let id = response::object(response).map(|OnlyId { id }| id).or_else(|_| response.json());
    if let Ok(id) = id {
        return Ok(CreatedFtpAccount::Acknowledged(Some(id)));
    }
    if response.body.trim_ascii().is_empty() {
        return Err(undecodable);
    }
    response::acknowledged(response).map(|()| CreatedFtpAccount::Acknowledged(None)).map_err(|_| undecodable)
}
