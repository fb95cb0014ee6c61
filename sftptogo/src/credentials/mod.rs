//! Credentials: logins to the storage.

mod helpers;
mod inbound_rules;
mod input;
mod model;

use http::Method;
use mft_common::provider::lenient;
use mft_common::raw::Idempotency;
use serde::{Deserialize, Serialize};

pub use inbound_rules::{
    CredentialSettings, InboundProtocol, InboundRule, InboundRuleAction, InboundRuleId, InboundRuleState,
    NetworkSettings,
};
pub use input::{CredentialUpdate, NewCredential};
pub use model::{Credential, CredentialId, CredentialPermission, CredentialState, Expiration};

use crate::{Call, Client, Deleted, Pager, Secret, check};

const USERS: &str = "/organizations/{organization_id}/users";
const USER: &str = "/organizations/{organization_id}/users/{credential_id}";
const ROTATIONS: &str = "/organizations/{organization_id}/users/{credential_id}/credential-rotations";

/// Operations on credentials; from [`Client::credentials`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Credentials<'c> {
    pub(crate) client: &'c Client,
}

/// The service's word that a password was set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PasswordSet {
    /// The service's own words, for example `Password set.`
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub message: String,
}

impl Credentials<'_> {
    /// Lists all credentials, the root credential included.
    ///
    /// Calls `GET /users`. Every entry has its inbound rules and the time of its password; replies to other operations
    /// may lack them.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error); nothing is documented for this call alone.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// let mut credentials = client.credentials().list();
    /// while let Some(credential) = credentials.try_next().await? {
    ///     println!("{} {:?}", credential.login_name(), credential.state);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Credential> {
        const NAME: &str = "sftptogo.credentials.list";
        let client = self.client.clone();
        Pager::single(NAME, move || client.call(NAME, Method::GET, USERS, &[]).safe())
    }

    /// Creates a credential.
    ///
    /// Calls `POST /users`. Nothing is required: the service makes up a user name and a password where none are given.
    /// The reply holds the password in clear text.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a user name outside the documented limits, an empty
    /// password, or an inbound rule whose source is neither an address nor a range;
    /// [`Conflict`](crate::ErrorKind::Conflict) for a user name that is taken anywhere in the service;
    /// [`Rejected`](crate::ErrorKind::Rejected) for a password against the organization's policy.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// use sftptogo::{CredentialPermission, NewCredential};
    ///
    /// let credential = client
    ///     .credentials()
    ///     .create(
    ///         NewCredential::new()
    ///             .alias("Nightly intake")
    ///             .user_name("intake-robot-01")
    ///             .home_directory("/home/intake-robot-01")
    ///             .permission(CredentialPermission::ReadWrite),
    ///     )
    ///     .await?;
    /// println!("{}", credential.id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, credential: NewCredential) -> Call<Credential> {
        self.client
            .call("sftptogo.credentials.create", Method::POST, USERS, &[])
            .non_idempotent()
            .check(credential.check())
            .json_body(&credential)
            .json()
    }

    /// Fetches one credential, its password included: this is how to learn a password after a rotation.
    ///
    /// Calls `GET /users/{credential_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such credential.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// let credential = client.credentials().get(&id).await?;
    /// println!("{} may {:?}", credential.login_name(), credential.permission);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: &CredentialId) -> Call<Credential> {
        self.client.call("sftptogo.credentials.get", Method::GET, USER, &[id.as_str()]).safe().json()
    }

    /// Changes what the update names and leaves the rest.
    ///
    /// Calls `PATCH /users/{credential_id}`. Deactivating a credential refuses new logins and leaves open sessions
    /// alone. The root credential's permission cannot be changed.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), and [`NotFound`](crate::ErrorKind::NotFound). An update that names nothing is
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// use sftptogo::{CredentialState, CredentialUpdate};
    ///
    /// client.credentials().update(&id, CredentialUpdate::new().state(CredentialState::Inactive)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &CredentialId, update: CredentialUpdate) -> Call<Credential> {
        self.client
            .call("sftptogo.credentials.update", Method::PATCH, USER, &[id.as_str()])
            .idempotent()
            .check(update.check())
            .json_body(&update)
            .json()
    }

    /// Replaces **all** inbound rules of a credential by these.
    ///
    /// Calls `PATCH /users/{credential_id}`. An empty list removes every rule of the credential. Addresses on the
    /// organization's own list are let in whatever stands here. To change one rule see
    /// [`add_inbound_rule`](Self::add_inbound_rule) and [`remove_inbound_rule`](Self::remove_inbound_rule).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where a source is neither an address nor a range, an action is
    /// not `allow`, or two rules have one id; [`NotFound`](crate::ErrorKind::NotFound).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// use sftptogo::{InboundProtocol, InboundRule};
    ///
    /// let office = InboundRule::allow("203.0.113.0/24").protocol(InboundProtocol::Sftp).description("Office");
    /// client.credentials().replace_inbound_rules(&id, vec![office]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn replace_inbound_rules(&self, id: &CredentialId, rules: Vec<InboundRule>) -> Call<Credential> {
        self.client
            .call("sftptogo.credentials.replace_inbound_rules", Method::PATCH, USER, &[id.as_str()])
            .idempotent()
            .check(inbound_rules::check(&rules))
            .json_body(&inbound_rules::SettingsChange::new(&rules))
            .json()
    }

    /// Deletes a credential and its SSH keys. The files stay: they belong to the organization.
    ///
    /// Calls `DELETE /users/{credential_id}`, which returns the credential as it was. The root credential cannot be
    /// deleted.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such credential before the first attempt; and for the
    /// root credential whatever status the service chooses, [`PermissionDenied`](crate::ErrorKind::PermissionDenied)
    /// most likely.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// if let Some(was) = client.credentials().delete(&id).await?.into_object() {
    ///     println!("{} can no longer log in", was.login_name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &CredentialId) -> Call<Deleted<Credential>> {
        self.client.call("sftptogo.credentials.delete", Method::DELETE, USER, &[id.as_str()]).returns_deleted()
    }

    /// Lets the service make up a new password, which obeys the organization's policy.
    ///
    /// Calls `POST /users/{credential_id}/credential-rotations` without a body. The reply does not hold the password:
    /// see [`rotate_password_and_fetch`](Self::rotate_password_and_fetch). Open sessions go on. Where the root
    /// credential's password is rotated, `SFTPTOGO_URL` in an application's environment may keep the old one.
    ///
    /// **Never sent twice**: repeated only where no connection could be made.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound). Where [`Error::is_ambiguous`](crate::Error::is_ambiguous) is true the
    /// password may have changed: fetch the credential before anything else.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// client.credentials().rotate_password(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rotate_password(&self, id: &CredentialId) -> Call<PasswordSet> {
        self.client
            .call("sftptogo.credentials.rotate_password", Method::POST, ROTATIONS, &[id.as_str()])
            .idempotency(Idempotency::NeverRetry)
            .json()
    }

    /// Sets a password of your own, which must obey the organization's policy.
    ///
    /// Calls `POST /users/{credential_id}/credential-rotations`. Open sessions go on.
    ///
    /// **Never sent twice**: repeated only where no connection could be made.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty password,
    /// [`Rejected`](crate::ErrorKind::Rejected) for one against the policy, [`NotFound`](crate::ErrorKind::NotFound).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId, password: sftptogo::Secret)
    /// # -> sftptogo::Result<()> {
    /// client.credentials().set_password(&id, password).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_password(&self, id: &CredentialId, password: impl Into<Secret>) -> Call<PasswordSet> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct NewPassword {
            #[serde(serialize_with = "mft_common::secret::expose")]
            password: Secret,
        }
        let password = password.into();
        self.client
            .call("sftptogo.credentials.set_password", Method::POST, ROTATIONS, &[id.as_str()])
            .idempotency(Idempotency::NeverRetry)
            .check(check::password("Password", &password))
            .json_body(&NewPassword { password })
            .json()
    }
}
