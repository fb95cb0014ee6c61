//! FTP accounts, in version 2 of the API.

mod input;
mod model;

use http::Method;

pub use input::{FtpAccountUpdate, NewFtpAccount};
pub use model::{FtpAccount, FtpAccountId};

use crate::{Call, Client, Pager, envelope};

const ACCOUNTS: &str = "/api/v2/stook/{organization_uuid}/ftp";
const ACCOUNT: &str = "/api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}";

/// Operations on FTP accounts. Returned by [`Client::ftp_accounts`].
///
/// The API does not return the host, the port and the TLS mode of the FTP server; the control panel shows them.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing until one of its methods is called"]
pub struct FtpAccounts<'c> {
    pub(crate) client: &'c Client,
}

impl FtpAccounts<'_> {
    /// Lists all FTP accounts.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/ftp`. Entries lack [`FtpAccount::count`].
    ///
    /// The service documents no pagination. If a response contains page numbers, the pager fetches all pages. Entries that
    /// are created or deleted meanwhile may then shift others, so that one is skipped or repeated.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error). The service documents no errors for this call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// let mut accounts = client.ftp_accounts().list();
    /// while let Some(account) = accounts.try_next().await? {
    ///     println!("{} {:?}", account.name.unwrap_or_default(), account.login_allowed);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<FtpAccount> {
        const NAME: &str = "stook.ftp_accounts.list";
        let client = self.client.clone();
        envelope::list(NAME, move || client.call(NAME, Method::GET, ACCOUNTS, &[]).safe())
    }

    /// Fetches an FTP account.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the account does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::FtpAccountId) -> stook::Result<()> {
    /// let account = client.ftp_accounts().get(&id).await?;
    /// println!("{}: {}", account.name.unwrap_or_default(), account.path.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: &FtpAccountId) -> Call<FtpAccount> {
        let call = self.client.call("stook.ftp_accounts.get", Method::GET, ACCOUNT, &[&id]);
        call.safe().decode(envelope::decode)
    }

    /// Creates an FTP account.
    ///
    /// Calls `POST /api/v2/stook/{organization_uuid}/ftp`.
    ///
    /// **The login name is the one in the response.** The service extends the name, prefixes the path with the name of the
    /// bucket, and rewrites wrap rules, so the account cannot be found by the requested values. Keep the UUID of the
    /// response. A new account can log in at once.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name, the password or the bucket is empty, or if a
    /// wrap rule has an invalid address (neither an IP address, nor a range, nor `all`). Fails with
    /// [`Rejected`](crate::ErrorKind::Rejected) if the password violates the policy, and with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the bucket does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, bucket: stook::BucketId, password: stook::Secret) -> stook::Result<()> {
    /// use stook::{NewFtpAccount, WrapRule};
    ///
    /// let camera = NewFtpAccount::new("camera1", password, bucket, "cam1")
    ///     .read_only(false)
    ///     .wrap_rules([WrapRule::allow(["198.51.100.7"])]);
    /// let account = client.ftp_accounts().create(camera).await?;
    /// println!("{} logs in as {}", account.uuid, account.name.as_deref().unwrap_or("?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, account: NewFtpAccount) -> Call<FtpAccount> {
        self.client
            .call("stook.ftp_accounts.create", Method::POST, ACCOUNTS, &[])
            .non_idempotent()
            .check(account.check())
            .json_body(&account)
            .decode(envelope::decode)
    }

    /// Updates an FTP account.
    ///
    /// Calls `PUT /api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}`. All fields are documented as optional, which implies
    /// that unset fields are left unchanged.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no fields set, the password is empty,
    /// or a wrap rule has an invalid address, with [`NotFound`](crate::ErrorKind::NotFound) if the account does not exist,
    /// and with [`Rejected`](crate::ErrorKind::Rejected) if the password violates the policy.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::FtpAccountId) -> stook::Result<()> {
    /// use stook::FtpAccountUpdate;
    ///
    /// client.ftp_accounts().update(&id, FtpAccountUpdate::new().login_allowed(false)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &FtpAccountId, update: FtpAccountUpdate) -> Call<FtpAccount> {
        self.client
            .call("stook.ftp_accounts.update", Method::PUT, ACCOUNT, &[&id])
            .idempotent()
            .check(update.check())
            .json_body(&update)
            .decode(envelope::decode)
    }

    /// Deletes an FTP account. A retry that finds the account deleted is a success. The documentation does not mention an
    /// effect on objects.
    ///
    /// Calls `DELETE /api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the account did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::FtpAccountId) -> stook::Result<()> {
    /// client.ftp_accounts().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &FtpAccountId) -> Call<()> {
        self.client.call("stook.ftp_accounts.delete", Method::DELETE, ACCOUNT, &[&id]).deletes()
    }
}
