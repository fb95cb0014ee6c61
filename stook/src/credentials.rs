//! Credentials: access keys to buckets over S3.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{Bucket, BucketId, Call, Client, Error, Pager, Result, check, envelope, lenient};

/// Only the creation has the plural in its path.
const NEW_CREDENTIALS: &str = "/api/v2/stook/{organization_uuid}/credentials";
const CREDENTIALS: &str = "/api/v2/stook/{organization_uuid}/credential";
const CREDENTIAL: &str = "/api/v2/stook/{organization_uuid}/credential/{credential_uuid}";

mft_common::id! {
    /// A credential: its UUID, treated as opaque.
    CredentialId
}

/// An access key to buckets.
///
/// **There is no secret key here, because the API never tells it.** The control panel shows it to whoever enters the
/// login password again. Whatever signs requests to S3 needs it from there.
///
/// Only the UUID is certain to be there. A missing value means "not said in this reply", never "empty".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Credential {
    /// The UUID.
    pub uuid: CredentialId,
    /// The name.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// Whether it can only read.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub is_readonly: Option<bool>,
    /// The access key's id, the half of the pair that is no secret. The reply to a creation may lack it; fetch the
    /// credential to learn it.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub access_key: Option<String>,
    /// The folder of the buckets that it is confined to.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub subfolder: Option<String>,
    /// The buckets. Those in the reply to a creation lack their organization or their tags.
    #[serde(default)]
    pub buckets: Option<Vec<Bucket>>,
}

/// A credential to be created.
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
#[must_use = "a new credential does nothing until it is given to `create`"]
pub struct NewCredential {
    name: String,
    buckets: Vec<BucketId>,
    /// Optional in the current edition of the documentation and required in the one before: always sent.
    is_readonly: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    subfolder: Option<String>,
}

impl NewCredential {
    /// An access key that reads and writes in these buckets, of which there must be one at least.
    pub fn new(name: impl Into<String>, buckets: impl Into<Vec<BucketId>>) -> Self {
        Self { name: name.into(), buckets: buckets.into(), is_readonly: false, subfolder: None }
    }

    /// Whether it can only read.
    pub fn read_only(mut self, is_readonly: bool) -> Self {
        self.is_readonly = is_readonly;
        self
    }

    /// The folder of the buckets that it is confined to.
    pub fn subfolder(mut self, path: impl Into<String>) -> Self {
        self.subfolder = Some(path.into());
        self
    }

    fn check(&self) -> Result<()> {
        check::not_empty("name", &self.name)?;
        check_buckets(&self.buckets)
    }
}

/// A change of a credential. Name and access must be said again; the documentation breaks off behind them, and that
/// what is left out stays is assumed.
///
/// # Examples
///
/// ```
/// use stook::CredentialUpdate;
///
/// let rename = CredentialUpdate::new("uploader-2", false);
/// let confine = CredentialUpdate::new("uploader", false).subfolder("incoming");
/// ```
#[cfg(feature = "unverified")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
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
    /// Sets the name, new or not, and whether it can only read.
    pub fn new(name: impl Into<String>, is_readonly: bool) -> Self {
        Self { name: name.into(), is_readonly, buckets: None, subfolder: None }
    }

    /// Replaces **all** buckets by these, one at least. Assumed: the field, from that of the creation.
    pub fn buckets(mut self, buckets: impl Into<Vec<BucketId>>) -> Self {
        self.buckets = Some(buckets.into());
        self
    }

    /// Changes the folder that it is confined to. Assumed: the field, from that of the creation.
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
        return Err(Error::invalid_input("buckets", "names no bucket; at least one is needed"));
    }
    buckets.iter().enumerate().try_for_each(|(index, id)| check::not_empty(&format!("buckets[{index}]"), id.as_str()))
}

/// Operations on credentials; from [`Client::credentials`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
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
    /// See [`Error`](crate::Error); nothing is documented for this call alone.
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

    /// Fetches one credential. This is how to learn the access key of one that was just created.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/credential/{credential_uuid}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such credential.
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

    /// Creates a credential. The secret key is in no reply: see [`Credential`].
    ///
    /// Calls `POST /api/v2/stook/{organization_uuid}/credentials`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty name or no bucket;
    /// [`NotFound`](crate::ErrorKind::NotFound) or [`Rejected`](crate::ErrorKind::Rejected) where there is no such bucket:
    /// which is not documented.
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

    /// Changes a credential.
    ///
    /// Calls `PUT /api/v2/stook/{organization_uuid}/credential/{credential_uuid}`. Assumed: the path, whose two places the
    /// documentation names, and a reply that holds the credential.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty name or an empty list of buckets;
    /// [`NotFound`](crate::ErrorKind::NotFound).
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

    /// Deletes a credential. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /api/v2/stook/{organization_uuid}/credential/{credential_uuid}`. Assumed: the path, whose two places
    /// the documentation names.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such credential before the first attempt.
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
