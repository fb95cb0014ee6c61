//! Credentials: access keys to buckets over S3.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{Bucket, BucketId, Call, Client, Error, Pager, Result, check, envelope, lenient};

/// Only the create call has the plural in its path.
const NEW_CREDENTIALS: &str = "/api/v2/stook/{organization_uuid}/credentials";
const CREDENTIALS: &str = "/api/v2/stook/{organization_uuid}/credential";
const CREDENTIAL: &str = "/api/v2/stook/{organization_uuid}/credential/{credential_uuid}";

mft_common::id! {
    /// Identifies a credential. The text is a UUID; treat it as opaque.
    CredentialId
}

/// An access key to buckets.
///
/// **The API never returns the secret key.** The control panel shows it after the login password is entered again. An S3
/// client needs it from there.
///
/// Only the UUID is always present. `None` means that the response does not contain the value, not that it is empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Credential {
    /// The UUID.
    pub uuid: CredentialId,
    /// The name.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// Whether the credential is read-only.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub is_readonly: Option<bool>,
    /// The id of the access key, which is not secret. The response to a create call may lack it; fetch the credential to
    /// obtain it.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub access_key: Option<String>,
    /// The folder that the credential is restricted to, in each bucket.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub subfolder: Option<String>,
    /// The buckets. In the response to a create call, they lack the organization or the tags.
    #[serde(default)]
    pub buckets: Option<Vec<Bucket>>,
}

/// A new credential.
///
/// # Examples
///
/// ```
/// use stook::{BucketId, NewCredential};
///
/// let media = BucketId::from("0b6c1d2e-0000-4000-8000-000000000001");
/// let reader = NewCredential::new("reader", [media.clone()]).read_only(true);
/// let uploader = NewCredential::new("uploader", [media]).subfolder("incoming");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new credential has no effect until it is passed to `create`"]
pub struct NewCredential {
    name: String,
    buckets: Vec<BucketId>,
    /// Always sent: optional in the current documentation, but required in the previous edition.
    is_readonly: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    subfolder: Option<String>,
}

impl NewCredential {
    /// Creates a request for an access key with read and write access to at least one bucket.
    pub fn new(name: impl Into<String>, buckets: impl Into<Vec<BucketId>>) -> Self {
        Self { name: name.into(), buckets: buckets.into(), is_readonly: false, subfolder: None }
    }

    /// Sets whether the credential is read-only. Default: `false`.
    pub fn read_only(mut self, is_readonly: bool) -> Self {
        self.is_readonly = is_readonly;
        self
    }

    /// Sets the folder that the credential is restricted to, in each bucket. Default: none.
    pub fn subfolder(mut self, path: impl Into<String>) -> Self {
        self.subfolder = Some(path.into());
        self
    }

    fn check(&self) -> Result<()> {
        check::not_empty("name", &self.name)?;
        check_buckets(&self.buckets)
    }
}

/// An update of a credential. The service requires the name and the access in every update.
///
/// **Unverified**: the documentation is incomplete. That unset fields are left unchanged is assumed.
///
/// # Examples
///
/// ```
/// use stook::CredentialUpdate;
///
/// let rename = CredentialUpdate::new("uploader-2", false);
/// let restrict = CredentialUpdate::new("uploader", false).subfolder("incoming");
/// ```
#[cfg(feature = "unverified")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
pub struct CredentialUpdate {
    name: String,
    is_readonly: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    buckets: Option<Vec<BucketId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subfolder: Option<String>,
}

#[cfg(feature = "unverified")]
impl CredentialUpdate {
    /// Creates an update with the name and the access, both of which may be the present ones.
    pub fn new(name: impl Into<String>, is_readonly: bool) -> Self {
        Self { name: name.into(), is_readonly, buckets: None, subfolder: None }
    }

    /// Sets the buckets, at least one. They replace **all** existing buckets. The field is assumed from the create call.
    pub fn buckets(mut self, buckets: impl Into<Vec<BucketId>>) -> Self {
        self.buckets = Some(buckets.into());
        self
    }

    /// Sets the folder that the credential is restricted to. The field is assumed from the create call.
    pub fn subfolder(mut self, path: impl Into<String>) -> Self {
        self.subfolder = Some(path.into());
        self
    }

    fn check(&self) -> Result<()> {
        check::not_empty("name", &self.name)?;
        self.buckets.as_deref().map_or(Ok(()), check_buckets)
    }
}

fn check_buckets(buckets: &[BucketId]) -> Result<()> {
    if buckets.is_empty() {
        return Err(Error::invalid_input("buckets", "is empty; at least one bucket is required"));
    }
    buckets.iter().enumerate().try_for_each(|(index, id)| check::not_empty(&format!("buckets[{index}]"), id.as_str()))
}

/// Operations on credentials. Returned by [`Client::credentials`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing until one of its methods is called"]
pub struct Credentials<'c> {
    pub(crate) client: &'c Client,
}

impl Credentials<'_> {
    /// Lists all credentials, with their buckets.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/credential`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error). The service documents no errors for this call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// let mut credentials = client.credentials().list();
    /// while let Some(credential) = credentials.try_next().await? {
    ///     println!("{} {:?}", credential.name.unwrap_or_default(), credential.access_key);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Credential> {
        const NAME: &str = "stook.credentials.list";
        let client = self.client.clone();
        envelope::list(NAME, move || client.call(NAME, Method::GET, CREDENTIALS, &[]).safe())
    }

    /// Fetches a credential, for example to obtain the access key of a new one.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/credential/{credential_uuid}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the credential does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::CredentialId) -> stook::Result<()> {
    /// println!("{:?}", client.credentials().get(&id).await?.access_key);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: &CredentialId) -> Call<Credential> {
        let call = self.client.call("stook.credentials.get", Method::GET, CREDENTIAL, &[&id]);
        call.safe().decode(envelope::decode)
    }

    /// Creates a credential. No response contains the secret key; see [`Credential`].
    ///
    /// Calls `POST /api/v2/stook/{organization_uuid}/credentials`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name or the list of buckets is empty. Fails if a
    /// bucket does not exist; the kind is not documented, most likely [`NotFound`](crate::ErrorKind::NotFound) or
    /// [`Rejected`](crate::ErrorKind::Rejected).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, bucket: stook::BucketId) -> stook::Result<()> {
    /// use stook::NewCredential;
    ///
    /// let uploader = NewCredential::new("uploader", [bucket]).subfolder("incoming");
    /// let credential = client.credentials().create(uploader).await?;
    /// let access_key = client.credentials().get(&credential.uuid).await?.access_key;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, credential: NewCredential) -> Call<Credential> {
        self.client
            .call("stook.credentials.create", Method::POST, NEW_CREDENTIALS, &[])
            .non_idempotent()
            .check(credential.check())
            .json_body(&credential)
            .decode(envelope::decode)
    }

    /// Updates a credential.
    ///
    /// Calls `PUT /api/v2/stook/{organization_uuid}/credential/{credential_uuid}`.
    ///
    /// **Unverified**: the documentation names the two path parameters. The path and a response that contains the
    /// credential are assumed.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name or the list of buckets is empty, and with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the credential does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::CredentialId) -> stook::Result<()> {
    /// use stook::CredentialUpdate;
    ///
    /// client.credentials().update(&id, CredentialUpdate::new("uploader", true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "unverified")]
    pub fn update(&self, id: &CredentialId, update: CredentialUpdate) -> Call<Credential> {
        self.client
            .call("stook.credentials.update", Method::PUT, CREDENTIAL, &[&id])
            .idempotent()
            .check(update.check())
            .json_body(&update)
            .decode(envelope::decode)
    }

    /// Deletes a credential. A retry that finds the credential deleted is a success.
    ///
    /// Calls `DELETE /api/v2/stook/{organization_uuid}/credential/{credential_uuid}`.
    ///
    /// **Unverified**: the documentation names the two path parameters. The path is assumed.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the credential did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::CredentialId) -> stook::Result<()> {
    /// client.credentials().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "unverified")]
    pub fn delete(&self, id: &CredentialId) -> Call<()> {
        self.client.call("stook.credentials.delete", Method::DELETE, CREDENTIAL, &[&id]).deletes()
    }
}
