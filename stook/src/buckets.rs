//! Buckets of the object storage.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Call, Client, OrganizationId, Pager, Result, check, envelope, lenient};

const BUCKETS: &str = "/api/v2/stook/{organization_uuid}/bucket";
const BUCKET: &str = "/api/v2/stook/{organization_uuid}/bucket/{bucket_uuid}";

mft_common::id! {
    /// Identifies a bucket. The text is a UUID; treat it as opaque.
    BucketId
}

/// A bucket as the service returns it.
///
/// Only the UUID is always present. Buckets inside other responses lack some of the other fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Bucket {
    /// The UUID.
    pub uuid: BucketId,
    /// The organization.
    #[serde(default)]
    pub organization_uuid: Option<OrganizationId>,
    /// The name. It is unique; the documentation does not state the scope.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// The region. The documentation shows only `eu-ist-1`.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub region: Option<String>,
    /// The size **as formatted text**. The documentation shows only `0B`.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub size: Option<String>,
    /// The tags.
    #[serde(default)]
    pub tags: Option<Vec<Tag>>,
}

/// A tag of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tag {
    /// The key.
    #[serde(default, deserialize_with = "lenient::text")]
    pub key: String,
    /// The label.
    #[serde(default, deserialize_with = "lenient::text")]
    pub label: String,
    /// Unknown keys. Kept so that an update that sends the tag back does not lose them.
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Tag {
    /// Creates a tag with an empty label.
    #[must_use]
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), label: String::new(), other: Map::new() }
    }

    /// Sets the label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
}

/// A new bucket.
///
/// # Examples
///
/// ```
/// use stook::{NewBucket, Tag};
///
/// let bucket = NewBucket::new("media-archive").region("eu-ist-1").tags([Tag::new("team").label("video")]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new bucket has no effect until it is passed to `create`"]
pub struct NewBucket {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl NewBucket {
    /// Creates a request for a bucket with a name. The rules for names are not documented.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), region: None, tags: None }
    }

    /// Sets the region, for example `eu-ist-1`. Default: chosen by the service; not documented.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the tags.
    pub fn tags(mut self, tags: impl Into<Vec<Tag>>) -> Self {
        self.tags = Some(tags.into());
        self
    }

    fn check(&self) -> Result<()> {
        check::not_empty("name", &self.name)?;
        self.region.as_deref().map_or(Ok(()), |region| check::not_empty("region", region))
    }
}

/// An update of a bucket. Only the tags can be updated.
///
/// # Examples
///
/// ```
/// use stook::{BucketUpdate, Tag};
///
/// let set_tag = BucketUpdate::new().tags([Tag::new("team").label("archive")]);
/// let remove_tags = BucketUpdate::new().tags([]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
pub struct BucketUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl BucketUpdate {
    /// Creates an empty update. Unset fields are left unchanged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the tags. They replace **all** existing tags. An empty list removes them.
    pub fn tags(mut self, tags: impl Into<Vec<Tag>>) -> Self {
        self.tags = Some(tags.into());
        self
    }
}

/// Operations on buckets. Returned by [`Client::buckets`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing until one of its methods is called"]
pub struct Buckets<'c> {
    pub(crate) client: &'c Client,
}

impl Buckets<'_> {
    /// Lists all buckets.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/bucket`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error). The service documents no errors for this call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// let mut buckets = client.buckets().list();
    /// while let Some(bucket) = buckets.try_next().await? {
    ///     println!("{}: {}", bucket.name.unwrap_or_default(), bucket.size.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Bucket> {
        const NAME: &str = "stook.buckets.list";
        let client = self.client.clone();
        envelope::list(NAME, move || client.call(NAME, Method::GET, BUCKETS, &[]).safe())
    }

    /// Fetches a bucket.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/bucket/{bucket_uuid}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the bucket does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::BucketId) -> stook::Result<()> {
    /// println!("{:?}", client.buckets().get(&id).await?.region);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: &BucketId) -> Call<Bucket> {
        let call = self.client.call("stook.buckets.get", Method::GET, BUCKET, &[&id]);
        call.safe().decode(envelope::decode)
    }

    /// Creates a bucket.
    ///
    /// Calls `POST /api/v2/stook/{organization_uuid}/bucket`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name or the region is empty. Fails if the name is
    /// taken; the kind is not documented, most likely [`Conflict`](crate::ErrorKind::Conflict) or
    /// [`Rejected`](crate::ErrorKind::Rejected).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// use stook::{NewBucket, Tag};
    ///
    /// let bucket = NewBucket::new("media-archive").region("eu-ist-1").tags([Tag::new("team").label("video")]);
    /// println!("{}", client.buckets().create(bucket).await?.uuid);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, bucket: NewBucket) -> Call<Bucket> {
        self.client
            .call("stook.buckets.create", Method::POST, BUCKETS, &[])
            .non_idempotent()
            .check(bucket.check())
            .json_body(&bucket)
            .decode(envelope::decode)
    }

    /// Updates the tags of a bucket.
    ///
    /// Calls `PUT /api/v2/stook/{organization_uuid}/bucket/{bucket_uuid}`.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no fields set, and with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the bucket does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::BucketId) -> stook::Result<()> {
    /// use stook::{BucketUpdate, Tag};
    ///
    /// client.buckets().update(&id, BucketUpdate::new().tags([Tag::new("team").label("archive")])).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &BucketId, update: BucketUpdate) -> Call<Bucket> {
        self.client
            .call("stook.buckets.update", Method::PUT, BUCKET, &[&id])
            .idempotent()
            .check(check::changes_something(&update))
            .json_body(&update)
            .decode(envelope::decode)
    }

    /// Deletes a bucket **and all objects in it**. Unlike in S3, the bucket does not have to be empty. A retry that finds
    /// the bucket deleted is a success.
    ///
    /// Calls `DELETE /api/v2/stook/{organization_uuid}/bucket/{bucket_uuid}`.
    ///
    /// **Unverified**: the path is assumed from that of the update. The oldest edition of the documentation has a path
    /// without the UUID of the bucket. The effect on FTP accounts of the bucket is not documented.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the bucket did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::BucketId) -> stook::Result<()> {
    /// client.buckets().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "unverified")]
    pub fn delete(&self, id: &BucketId) -> Call<()> {
        self.client.call("stook.buckets.delete", Method::DELETE, BUCKET, &[&id]).deletes()
    }
}
