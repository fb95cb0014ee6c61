//! FTP accounts: logins to buckets over FTP, in version 2 of the API.

mod input;
mod model;

use http::Method;

pub use input::{FtpAccountUpdate, NewFtpAccount};
pub use model::{FtpAccount, FtpAccountId};

use crate::{Call, Client, Pager, envelope};

const ACCOUNTS: &str = "/api/v2/stook/{organization_uuid}/ftp";
const ACCOUNT: &str = "/api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}";

/// Operations on FTP accounts; from [`Client::ftp_accounts`].
///
/// Host, port and TLS of the FTP server are not part of the API; the control panel shows them.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct FtpAccounts<'c> {
    pub(crate) client: &'c Client,
}

impl FtpAccounts<'_> {
    /// Lists all FTP accounts.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/ftp`. Entries lack [`FtpAccount::count`]. No parameter for pages is
    /// documented; where the service sends numbered ones, all of them are asked for, and an entry that is created or
    /// deleted meanwhile may move another one past the place that is read next.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error); nothing is documented for this call alone.
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

    /// Fetches one FTP account.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such account.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::FtpAccountId) -> stook::Result<()> {
    /// let account = client.ftp_accounts().get(&id).await?;
    /// println!("{} sees {}", account.name.unwrap_or_default(), account.path.unwrap_or_default());
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
    /// **The login name is the one that comes back.** The service extends the name, puts the bucket's name before the
    /// path and rewrites wrap rules; nothing that was asked for can be found again by comparing it. Keep the UUID of the
    /// reply. A created account can log in at once.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty name, password or bucket, or an address in a wrap
    /// rule that is neither an address, a range nor `all`; [`Rejected`](crate::ErrorKind::Rejected) for a password
    /// against the policy; [`NotFound`](crate::ErrorKind::NotFound) where there is no such bucket.
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

    /// Changes what the update names and leaves the rest.
    ///
    /// Calls `PUT /api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}`. All fields are documented as optional; that what is
    /// left out stays as it is follows from that and is not said.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an update that names nothing, an empty password, or an address
    /// in a wrap rule as for [`create`](Self::create); [`NotFound`](crate::ErrorKind::NotFound);
    /// [`Rejected`](crate::ErrorKind::Rejected) for a password against the policy.
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

    /// Deletes an FTP account. Where a repeat finds it gone, that is success. That the objects stay is not said, and
    /// nothing says otherwise.
    ///
    /// Calls `DELETE /api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such account before the first attempt.
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
