//! FTP accounts: logins to the storage.

mod input;
mod model;

use std::sync::Arc;

use http::Method;
use mft_common::provider::BufferedResponse;
use serde::Deserialize;

use input::Change;
pub use input::{FtpAccountUpdate, NewFtpAccount};
pub use model::{AccessRights, FtpAccount, FtpAccountId};

use crate::{Call, Client, ErrorKind, Outcome, Pager, Result, response};

const ACCOUNTS: &str = "/ftpaccounts";
const ACCOUNT: &str = "/ftpaccounts/id/{id}";

/// Operations on FTP accounts; from [`Client::ftp_accounts`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct FtpAccounts<'c> {
    pub(crate) client: &'c Client,
}

/// What the service says of an account that it has created.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreatedFtpAccount {
    /// The account, which is what the service documents.
    Account(FtpAccount),
    /// The word that it was created and no more than its id, or not even that: list the accounts to learn of it.
    Acknowledged(Option<FtpAccountId>),
}

impl CreatedFtpAccount {
    /// The id, where the service told it.
    #[must_use]
    pub fn id(&self) -> Option<FtpAccountId> {
        match self {
            Self::Account(account) => Some(account.id),
            Self::Acknowledged(id) => *id,
        }
    }

    /// The account, where the service told it.
    #[must_use]
    pub fn into_account(self) -> Option<FtpAccount> {
        match self {
            Self::Account(account) => Some(account),
            Self::Acknowledged(_) => None,
        }
    }
}

impl FtpAccounts<'_> {
    /// Creates an account, which can log in at once.
    ///
    /// Calls `POST /ftpaccounts/create`; needs the scope `ftpaccount.create`. Whether a directory that does not exist
    /// is made is not documented.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty name or password, a directory with a backslash or
    /// a segment `..`, and for what is no public key; [`Conflict`](crate::ErrorKind::Conflict) most likely where the
    /// name is taken.
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
            .with_checked(account.checked(), |call, account| call.json_body(&account))
            .decode(created)
    }

    /// Lists all accounts, disabled ones included, in no particular order.
    ///
    /// Calls `GET /ftpaccounts/list`; needs the scope `ftpaccount.list`. Where the service does not know that path,
    /// asks once at `GET /ftpaccounts`, which other pages of its documentation name, and begins there from then on.
    /// Public keys may be missing: see [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error); nothing is documented for this call alone.
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

    /// Fetches one account.
    ///
    /// Calls `GET /ftpaccounts/id/{id}`; needs the scope `ftpaccount.get`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) most likely where there is no such account.
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

    /// Changes what the update names and leaves the rest. A new password and a disabled account work at once.
    ///
    /// Calls `PATCH /ftpaccounts`; needs the scope `ftpaccount.update`. The service acknowledges changes of nothing
    /// too, so that `Ok` is no proof that there is such an account: [`update_and_fetch`](Self::update_and_fetch) is.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create). An update that names nothing is
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
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
            .with_checked(update.checked(), |call, update| call.json_body(&Change { id, update }))
            .decode(response::acknowledged)
    }

    /// Changes an account and fetches it.
    ///
    /// Makes the calls of [`update`](Self::update) and [`get`](Self::get), and so needs the scopes of both.
    ///
    /// # Errors
    ///
    /// What one of the calls ends in. [`Error::outcome`](crate::Error::outcome) speaks of the change.
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
        let (changed, fetched) = (self.update(id, update), self.get(id));
        async move {
            changed.await.map_err(|error| {
                let outcome = error.outcome();
                error.within(NAME, outcome)
            })?;
            fetched.await.map_err(|error| {
                // The service acknowledges a change of an account that does not exist, and may forget one that does.
                let outcome = if error.is_not_found() { Outcome::Unknown } else { Outcome::Done };
                error.within(NAME, outcome)
            })
        }
    }

    /// Deletes an account. It can log in no more at once, and its open sessions may end; the files stay.
    ///
    /// Calls `DELETE /ftpaccounts/id/{id}`; needs the scope `ftpaccount.delete`. Where a repeat finds it gone, that is
    /// success.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) most likely where there was no such account before the first attempt.
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

/// The documented account, or as little as an acknowledgement. Nothing is fetched behind the caller's back.
fn created(reply: &BufferedResponse) -> Result<CreatedFtpAccount> {
    #[derive(Deserialize)]
    struct IdAlone {
        id: FtpAccountId,
    }
    let undecodable = match response::object(reply) {
        Ok(account) => return Ok(CreatedFtpAccount::Account(account)),
        Err(refused) if refused.kind() == ErrorKind::Rejected => return Err(refused),
        Err(undecodable) => undecodable,
    };
    let id = response::object(reply).map(|IdAlone { id }| id).or_else(|_| reply.json());
    if let Ok(id) = id {
        return Ok(CreatedFtpAccount::Acknowledged(Some(id)));
    }
    if reply.body.trim_ascii().is_empty() {
        return Err(undecodable);
    }
    response::acknowledged(reply).map(|()| CreatedFtpAccount::Acknowledged(None)).map_err(|_| undecodable)
}
