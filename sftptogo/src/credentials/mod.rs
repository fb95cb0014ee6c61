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

use crate::{Call, Client, Deleted, Pager, Secret, validation};

const USERS: &str = "/organizations/{organization_id}/users";
const USER: &str = "/organizations/{organization_id}/users/{credential_id}";
const ROTATIONS: &str = "/organizations/{organization_id}/users/{credential_id}/credential-rotations";

/// Operations on credentials. Returned by [`Client::credentials`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Credentials<'c> {
    pub(crate) client: &'c Client,
}

/// Confirmation that the password was set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PasswordSet {
    /// The service's message, for example `Password set.`
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub message: String,
}

impl Credentials<'_> {
    /// Lists all credentials, including the root credential.
    ///
    /// Calls `GET /users`. Every entry contains the inbound rules and the time of the last password change. Responses to
    /// other operations may lack them.
    ///
    /// # Errors
    ///
    /// The service documents no errors for this call. See [`Error`](crate::Error).
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
    /// Calls `POST /users`. The service generates the user name and the password if the request sets none. The response
    /// contains the password in clear text.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the user name violates the documented limits, the
    /// password is empty, or the source of an inbound rule is neither an address nor a range. Fails with
    /// [`Conflict`](crate::ErrorKind::Conflict) if the user name is taken anywhere in the service, and with
    /// [`Rejected`](crate::ErrorKind::Rejected) if the password violates the organization's policy.
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
            .check(credential.validate())
            .json_body(&credential)
            .json()
    }

    /// Returns a credential, including its password. Call it after a rotation to get the new password.
    ///
    /// Calls `GET /users/{credential_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the credential does not exist.
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
        self.client.call("sftptogo.credentials.get", Method::GET, USER, &[&id]).safe().json()
    }

    /// Updates a credential. Unset fields are left unchanged.
    ///
    /// Calls `PATCH /users/{credential_id}`. An inactive credential cannot log in, but its open sessions continue. The
    /// root credential's permission cannot be changed.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no field set, with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the credential does not exist, and as [`create`](Self::create) does.
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
            .call("sftptogo.credentials.update", Method::PATCH, USER, &[&id])
            .idempotent()
            .check(update.validate())
            .json_body(&update)
            .json()
    }

    /// Replaces **all** inbound rules of a credential.
    ///
    /// Calls `PATCH /users/{credential_id}`. An empty list removes all rules of the credential. Addresses on the
    /// organization's list are allowed in any case. Use [`add_inbound_rule`](Self::add_inbound_rule) and
    /// [`remove_inbound_rule`](Self::remove_inbound_rule) to change a single rule.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if a source is neither an address nor a range, an
    /// action is not `allow`, or two rules have the same id. Fails with [`NotFound`](crate::ErrorKind::NotFound) if the
    /// credential does not exist.
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
            .call("sftptogo.credentials.replace_inbound_rules", Method::PATCH, USER, &[&id])
            .idempotent()
            .check(inbound_rules::validate(&rules))
            .json_body(&inbound_rules::settings_body(&rules))
            .json()
    }

    /// Deletes a credential and its SSH keys. The files belong to the organization and are not deleted.
    ///
    /// Calls `DELETE /users/{credential_id}`, which returns the deleted credential. The root credential cannot be deleted.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the first attempt finds no such credential. A retry that
    /// finds none is a success. Fails most likely with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for the
    /// root credential; the service does not document the status.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// if let Some(deleted) = client.credentials().delete(&id).await?.into_object() {
    ///     println!("{} can no longer log in", deleted.login_name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &CredentialId) -> Call<Deleted<Credential>> {
        self.client.call("sftptogo.credentials.delete", Method::DELETE, USER, &[&id]).returns_deleted()
    }

    /// Rotates the password. The service generates the new password according to the organization's policy.
    ///
    /// Calls `POST /users/{credential_id}/credential-rotations` without a body. The response does not contain the
    /// password; see [`rotate_password_and_fetch`](Self::rotate_password_and_fetch). Open sessions continue. After a
    /// rotation of the root credential, `SFTPTOGO_URL` in the environment of an application may contain the old password.
    ///
    /// **Never sent twice**: retried only if no connection could be established.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the credential does not exist. If
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous) returns `true`, the password may have changed: get the
    /// credential first.
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
            .call("sftptogo.credentials.rotate_password", Method::POST, ROTATIONS, &[&id])
            .idempotency(Idempotency::NeverRetry)
            .json()
    }

    /// Sets the password. It must satisfy the organization's policy.
    ///
    /// Calls `POST /users/{credential_id}/credential-rotations`. Open sessions continue.
    ///
    /// **Never sent twice**: retried only if no connection could be established.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the password is empty, with
    /// [`Rejected`](crate::ErrorKind::Rejected) if it violates the policy, and with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the credential does not exist.
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
            .call("sftptogo.credentials.set_password", Method::POST, ROTATIONS, &[&id])
            .idempotency(Idempotency::NeverRetry)
            .check(validation::password("Password", &password))
            .json_body(&NewPassword { password })
            .json()
    }
}
