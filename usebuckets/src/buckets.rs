//! Buckets: SFTP servers, each with its own host, users and files.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::list::{self, ListItem};
use crate::{Call, Client, Pager, Result, UnixSeconds, response, validation};

const BUCKETS: &str = "/buckets";
const BUCKET: &str = "/buckets/{bucket_id}";

mft_common::id! {
    /// Identifies a bucket, for example `bio_test_buc_7q2mk94x0ab`. Treat it as opaque.
    BucketId
}

/// A bucket.
///
/// Every documented response contains all fields, but only the id is required for decoding.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Bucket {
    /// The id.
    pub id: BucketId,
    /// The host for the users' SFTP connections.
    #[serde(default)]
    pub host: Option<String>,
    /// The display name. It is not unique.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether the bucket accepts connections and files.
    #[serde(default)]
    pub active: Option<bool>,
    /// The time of creation, in seconds.
    #[serde(default)]
    pub created_at: Option<UnixSeconds>,
}

impl ListItem for Bucket {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// The request to create a bucket. A new bucket is active.
///
/// # Examples
///
/// ```
/// use usebuckets::NewBucket;
///
/// let bucket = NewBucket::new("Northwind intake");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new bucket has no effect until it is passed to `create`"]
pub struct NewBucket {
    name: String,
}

impl NewBucket {
    /// Creates a request with the display name, which must not be blank.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

/// An update of a bucket. Unset fields are left unchanged.
///
/// # Examples
///
/// ```
/// use usebuckets::BucketUpdate;
///
/// let update = BucketUpdate::new().name("Northwind, closed").active(false);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
pub struct BucketUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
}

impl BucketUpdate {
    /// Creates an empty update.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the display name, which must not be blank.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets whether the bucket accepts connections and files. The effect on open sessions is not documented.
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    fn validate(&self) -> Result<()> {
        validation::changes_something(self)?;
        validation::if_set(self.name.as_ref(), |name| validation::not_empty("name", name))
    }
}

/// Operations on buckets. Returned by [`Client::buckets`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Buckets<'c> {
    pub(crate) client: &'c Client,
}

impl Buckets<'_> {
    /// Lists the buckets of the API key. The service does not document the order.
    ///
    /// Calls `GET /buckets`. A page has 100 buckets by default. [`Pager::page_size`] sets another size, up to 1000. The
    /// cursor for [`Pager::resume_from`] is the id of the last bucket.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the page size is zero or above 1000. Fails with
    /// [`Decode`](crate::ErrorKind::Decode) or [`Protocol`](crate::ErrorKind::Protocol) if the cursor does not advance, so
    /// that an incomplete list never looks complete.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client) -> usebuckets::Result<()> {
    /// let mut buckets = client.buckets().list().page_size(1000);
    /// while let Some(bucket) = buckets.try_next().await? {
    ///     println!("{} {}", bucket.id, bucket.name.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Bucket> {
        list::pager(self.client, "usebuckets.buckets.list", BUCKETS, [])
    }

    /// Finds a bucket by its id. Returns `None` if it does not exist.
    ///
    /// The service has no call for a single bucket. This method searches [`list`](Self::list) in pages of 1000.
    ///
    /// # Errors
    ///
    /// Fails as [`list`](Self::list) does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client) -> usebuckets::Result<()> {
    /// if let Some(bucket) = client.buckets().find(&"bio_test_buc_7q2mk94x0ab".into()).await? {
    ///     println!("{:?}", bucket.host);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(&self, id: &BucketId) -> impl Future<Output = Result<Option<Bucket>>> + Send + 'static + use<> {
        list::find(self.list(), "usebuckets.buckets.find", "bucket_id", id.as_str())
    }

    /// Creates a bucket.
    ///
    /// Calls `POST /buckets`. Users connect to the [`Bucket::host`] of the response.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous). Names are not unique: after an ambiguous error, look for the
    /// name before you create the bucket again.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is blank.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client) -> usebuckets::Result<()> {
    /// use usebuckets::NewBucket;
    ///
    /// let bucket = client.buckets().create(NewBucket::new("Northwind intake")).await?;
    /// println!("connect to {}", bucket.host.as_deref().unwrap_or("?"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, bucket: NewBucket) -> Call<Bucket> {
        self.client
            .call("usebuckets.buckets.create", Method::POST, BUCKETS, &[])
            .non_idempotent()
            .check(validation::not_empty("name", &bucket.name))
            .json_body(&bucket)
            .decode(response::object)
    }

    /// Updates a bucket. Unset fields are left unchanged.
    ///
    /// Calls `PATCH /buckets/{bucket_id}`. Retried after transient failures (idempotent).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no field set or the name is blank, and
    /// with [`NotFound`](crate::ErrorKind::NotFound) if the bucket does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// use usebuckets::BucketUpdate;
    ///
    /// client.buckets().update(&id, BucketUpdate::new().active(false)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &BucketId, update: BucketUpdate) -> Call<Bucket> {
        self.client
            .call("usebuckets.buckets.update", Method::PATCH, BUCKET, &[&id])
            .idempotent()
            .check(update.validate())
            .json_body(&update)
            .decode(response::object)
    }

    /// Deletes a bucket **with its files and its users**. This cannot be undone.
    ///
    /// Calls `DELETE /buckets/{bucket_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the first attempt finds no such bucket. A retry that finds
    /// none is a success. [`PermissionDenied`](crate::ErrorKind::PermissionDenied) most likely means that the account's
    /// settings disable the deletion of buckets through the API. Enable it in the dashboard.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// use usebuckets::ErrorKind;
    ///
    /// match client.buckets().delete(&id).await {
    ///     Err(error) if error.kind() == ErrorKind::PermissionDenied => {
    ///         eprintln!("enable the deletion of buckets in the account's settings: {error}");
    ///     }
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &BucketId) -> Call<()> {
        self.client.call("usebuckets.buckets.delete", Method::DELETE, BUCKET, &[&id]).deletes_by(response::deleted)
    }
}
