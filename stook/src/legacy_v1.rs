//! The remaining operations of version 1 of the API.

use http::Method;
use serde::Serialize;

use crate::{Call, Client, FtpAccount, FtpAccountId, Result, Secret, WrapRule, check, envelope, wrap_rules};

const ACCOUNT: &str = "/api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}";

/// Version 1 of the API. Returned by [`Client::legacy_v1`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct LegacyV1<'c> {
    pub(crate) client: &'c Client,
}

impl<'c> LegacyV1<'c> {
    /// Returns the operations on FTP accounts in version 1.
    pub fn ftp_accounts(&self) -> LegacyFtpAccounts<'c> {
        LegacyFtpAccounts { client: self.client }
    }
}

/// An update of an FTP account in version 1. The service requires password, access and path in every update; wrap rules
/// are optional, and logins cannot be disabled. See [`FtpAccountUpdate`](crate::FtpAccountUpdate) for version 2.
///
/// # Examples
///
/// ```
/// use stook::{LegacyFtpAccountUpdate, Secret, WrapRule};
///
/// let read_only = LegacyFtpAccountUpdate::new(Secret::new("Example-Only-2!"), true, "cam1");
/// let office_only = read_only.wrap_rules([WrapRule::allow(["203.0.113.0/24"])]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
pub struct LegacyFtpAccountUpdate {
    #[serde(serialize_with = "mft_common::secret::expose")]
    password: Secret,
    is_readonly: bool,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    wrap_rules: Option<Vec<WrapRule>>,
}

impl LegacyFtpAccountUpdate {
    /// Creates an update with the password, whether the account is read-only, and the path, all of which may be the
    /// present ones. The path is relative to the bucket.
    pub fn new(password: Secret, is_readonly: bool, path: impl Into<String>) -> Self {
        Self { password, is_readonly, path: path.into(), wrap_rules: None }
    }

    /// Sets the wrap rules. They replace **all** existing rules. The documentation mentions rules without the field; its
    /// name is assumed from version 2.
    pub fn wrap_rules(mut self, rules: impl Into<Vec<WrapRule>>) -> Self {
        self.wrap_rules = Some(rules.into());
        self
    }

    fn check(&self) -> Result<()> {
        check::password("password", &self.password)?;
        self.wrap_rules.as_deref().map_or(Ok(()), wrap_rules::check)
    }
}

/// Operations on FTP accounts in version 1. Returned by [`LegacyV1::ftp_accounts`].
///
/// The responses of version 1 are not documented. They are decoded like those of version 2, and all fields except the
/// UUID may be missing.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct LegacyFtpAccounts<'c> {
    client: &'c Client,
}

impl LegacyFtpAccounts<'_> {
    /// Fetches an FTP account.
    ///
    /// Calls `GET /api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the account does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::FtpAccountId) -> stook::Result<()> {
    /// let account = client.legacy_v1().ftp_accounts().get(&id).await?;
    /// println!("{:?}", account.wrap_rules);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: &FtpAccountId) -> Call<FtpAccount> {
        let call = self.client.call("stook.legacy_v1.ftp_accounts.get", Method::GET, ACCOUNT, &[&id]);
        call.safe().decode(|response| {
            let account = envelope::decode_optional(response)?;
            account.ok_or_else(|| response.undecodable("the response does not contain the account"))
        })
    }

    /// Replaces password, access and path of an FTP account.
    ///
    /// Calls `PUT /api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}`. If the response does not contain the account, the
    /// returned account has only the UUID.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the password is empty or a wrap rule has an invalid
    /// address, with [`NotFound`](crate::ErrorKind::NotFound) if the account does not exist, and with
    /// [`Rejected`](crate::ErrorKind::Rejected) if the password violates the policy.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::FtpAccountId, password: stook::Secret) -> stook::Result<()> {
    /// use stook::LegacyFtpAccountUpdate;
    ///
    /// let update = LegacyFtpAccountUpdate::new(password, true, "cam1");
    /// client.legacy_v1().ftp_accounts().update(&id, update).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &FtpAccountId, update: LegacyFtpAccountUpdate) -> Call<FtpAccount> {
        let uuid = id.clone();
        self.client
            .call("stook.legacy_v1.ftp_accounts.update", Method::PUT, ACCOUNT, &[&id])
            .idempotent()
            .check(update.check())
            .json_body(&update)
            .decode(|response| Ok(envelope::decode_optional(response)?.unwrap_or_else(|| FtpAccount::only_uuid(uuid))))
    }

    /// Permanently deletes an FTP account. A retry that finds the account deleted is a success.
    ///
    /// Calls `DELETE /api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the account did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::FtpAccountId) -> stook::Result<()> {
    /// client.legacy_v1().ftp_accounts().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &FtpAccountId) -> Call<()> {
        self.client.call("stook.legacy_v1.ftp_accounts.delete", Method::DELETE, ACCOUNT, &[&id]).deletes()
    }
}
