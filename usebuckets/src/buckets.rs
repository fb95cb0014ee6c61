//! Buckets: SFTP servers, each with a host, users and files of its own.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::page::{self, Listed};
use crate::{Call, Client, Pager, Result, UnixSeconds, check, reply};

const BUCKETS: &str = "/buckets";
const BUCKET: &str = "/buckets/{bucket_id}";

mft_common::id! {
    /// A bucket, such as `bio_test_buc_7q2mk94x0ab`. Treat it as opaque.
    BucketId
}

/// A bucket as the service keeps it.
///
/// Only the id is certain to be there, though every documented reply has all of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Bucket {
    /// The id.
    pub id: BucketId,
    /// The host to which its users connect over SFTP.
    #[serde(default)]
    pub host: Option<String>,
    /// The name for people. Two buckets may have the same one.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it accepts connections and files.
    #[serde(default)]
    pub active: Option<bool>,
    /// When it was made, in seconds.
    #[serde(default)]
    pub created_at: Option<UnixSeconds>,
}

impl Listed for Bucket {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// A bucket to be created. It is active from the start.
///
/// # Examples
///
/// ```
/// use usebuckets::NewBucket;
///
/// let bucket = NewBucket::new("Northwind intake");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new bucket does nothing until it is given to `create`"]
pub struct NewBucket {
    name: String,
}

impl NewBucket {
    /// A bucket of this name, which must not be blank.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

/// A change of a bucket. What is not named stays.
///
/// The service refuses a change of nothing, so there is none: begin with what changes.
///
/// # Examples
///
/// ```
/// use usebuckets::BucketUpdate;
///
/// let rename = BucketUpdate::name("Northwind, closed");
/// let rename_and_close = BucketUpdate::name("Northwind, closed").and_active(false);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
pub struct BucketUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
}

impl BucketUpdate {
    /// A change of the name.
    pub fn name(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), active: None }
    }

    /// A change of whether the bucket accepts connections and files. What becomes of open sessions is not documented.
    pub fn active(active: bool) -> Self {
        Self { name: None, active: Some(active) }
    }

    /// Changes the name as well.
    pub fn and_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Changes whether the bucket accepts connections and files as well.
    pub fn and_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }
}

/// Operations on buckets; from [`Client::buckets`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Buckets<'c> {
    pub(crate) client: &'c Client,
}

impl Buckets<'_> {
    /// Lists the buckets of the API key, in an order that the service does not promise.
    ///
    /// Calls `GET /buckets`, with 100 buckets to a page unless [`Pager::page_size`] says otherwise, 1000 at most. The
    /// cursor for [`Pager::resume_from`] is the id of the last bucket that was seen.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a page size of zero or above 1000;
    /// [`Decode`](crate::ErrorKind::Decode) and [`Protocol`](crate::ErrorKind::Protocol) for a list that stands still
    /// or goes in circles, rather than a short one.
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
        page::list(self.client, "usebuckets.buckets.list", BUCKETS, [])
    }

    /// Looks for one bucket by its id; `None` where there is none.
    ///
    /// The service has no call for one bucket, so this walks [`list`](Self::list) in pages of 1000 until the bucket
    /// comes.
    ///
    /// # Errors
    ///
    /// As for [`list`](Self::list).
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
        page::find(self.list(), "usebuckets.buckets.find", "bucket_id", id.as_str())
    }

    /// Creates a bucket.
    ///
    /// Calls `POST /buckets`. The reply's [`Bucket::host`] is what to tell the people who will connect.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous). Names are
    /// not unique, so look for the name before you create it again.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a blank name.
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
            .check(check::not_empty("name", &bucket.name))
            .json_body(&bucket)
            .decode(reply::object)
    }

    /// Changes what the update names and leaves the rest. Repeated after failures that may pass: a change names values, so
    /// that making it twice is making it once.
    ///
    /// Calls `PATCH /buckets/{bucket_id}`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a blank name, [`NotFound`](crate::ErrorKind::NotFound).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// use usebuckets::BucketUpdate;
    ///
    /// client.buckets().update(&id, BucketUpdate::active(false)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &BucketId, update: BucketUpdate) -> Call<Bucket> {
        self.client
            .call("usebuckets.buckets.update", Method::PATCH, BUCKET, &[id.as_str()])
            .idempotent()
            .check(check::where_set(update.name.as_ref(), |name| check::not_empty("name", name)))
            .json_body(&update)
            .decode(reply::object)
    }

    /// Deletes a bucket **with its files and its users**. There is no way back. Where a repeat finds it gone, that is
    /// success.
    ///
    /// Calls `DELETE /buckets/{bucket_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such bucket before the first attempt;
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) most likely means that the account's settings switch
    /// off the deletion of buckets through the API: no key and no repetition helps, only the dashboard does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// use usebuckets::ErrorKind;
    ///
    /// match client.buckets().delete(&id).await {
    ///     Err(error) if error.kind() == ErrorKind::PermissionDenied => {
    ///         eprintln!("allow the deletion of buckets in the account's settings: {error}");
    ///     }
    ///     other => other?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &BucketId) -> Call<()> {
        self.client
            .call("usebuckets.buckets.delete", Method::DELETE, BUCKET, &[id.as_str()])
            .deletes_by(reply::of_delete)
    }
}
