//! Version 1 of the API: what is left of it.

use http::Method;
use serde::Serialize;

use crate::{Call, Client, FtpAccount, FtpAccountId, Result, Secret, WrapRule, check, envelope, wrap_rules};

const ACCOUNT: &str = "/api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}";

/// Version 1 of the API; from [`Client::legacy_v1`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct LegacyV1<'c> {
    pub(crate) client: &'c Client,
}

impl<'c> LegacyV1<'c> {
    /// FTP accounts in version 1.
    pub fn ftp_accounts(&self) -> LegacyFtpAccounts<'c> {
        LegacyFtpAccounts { client: self.client }
    }
}

/// Everything that version 1 changes about an FTP account. Nothing can be left out but the wrap rules, and whether the
/// account can log in cannot be said; [`FtpAccountUpdate`](crate::FtpAccountUpdate) is the one of version 2.
///
/// # Examples
///
/// ```
/// use stook::{LegacyFtpAccountUpdate, WrapRule};
///
/// let read_only = LegacyFtpAccountUpdate::new("Example-Only-2!", true, "cam1");
/// let from_the_office = read_only.wrap_rules([WrapRule::allow(["203.0.113.0/24"])]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
pub struct LegacyFtpAccountUpdate {
    #[serde(serialize_with = "mft_common::secret::expose")]
    password: Secret,
    is_readonly: bool,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    wrap_rules: Option<Vec<WrapRule>>,
}

impl LegacyFtpAccountUpdate {
    /// Sets the password, new or not, whether the account can only read, and what it sees. The path begins behind the
    /// bucket.
    pub fn new(password: impl Into<Secret>, is_readonly: bool, path: impl Into<String>) -> Self {
        Self { password: password.into(), is_readonly, path: path.into(), wrap_rules: None }
    }

    /// Replaces **all** wrap rules by these. The service says that rules can be changed and does not show the field: the
    /// name is that of version 2.
    pub fn wrap_rules(mut self, rules: impl Into<Vec<WrapRule>>) -> Self {
        self.wrap_rules = Some(rules.into());
        self
    }

    fn check(&self) -> Result<()> {
        check::password("password", &self.password)?;
        self.wrap_rules.as_deref().map_or(Ok(()), wrap_rules::check)
    }
}

/// Operations on FTP accounts in version 1; from [`LegacyV1::ftp_accounts`].
///
/// The service shows none of the replies of version 1. They are read as those of version 2, and everything but the UUID
/// may be missing.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct LegacyFtpAccounts<'c> {
    client: &'c Client,
}

impl LegacyFtpAccounts<'_> {
    /// Fetches one FTP account.
    ///
    /// Calls `GET /api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such account.
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
        call.safe().decode(|reply| {
            let account = envelope::decode_any(reply)?;
            account.ok_or_else(|| reply.undecodable("a success without the account that it should hold"))
        })
    }

    /// Replaces password, access and path of an FTP account.
    ///
    /// Calls `PUT /api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}`. Where the reply holds no account, what is returned
    /// has its UUID and nothing else.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty password or an address in a wrap rule that is neither
    /// an address, a range nor `all`; [`NotFound`](crate::ErrorKind::NotFound);
    /// [`Rejected`](crate::ErrorKind::Rejected) for a password against the policy.
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
        let known = id.clone();
        self.client
            .call("stook.legacy_v1.ftp_accounts.update", Method::PUT, ACCOUNT, &[&id])
            .idempotent()
            .check(update.check())
            .json_body(&update)
            .decode(|reply| Ok(envelope::decode_any(reply)?.unwrap_or_else(|| FtpAccount::untold(known))))
    }

    /// Deletes an FTP account for ever. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such account before the first attempt.
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
