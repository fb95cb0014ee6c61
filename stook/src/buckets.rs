//! Buckets: where the objects are.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Call, Client, OrganizationId, Pager, Result, check, envelope, lenient};

const BUCKETS: &str = "/api/v2/stook/{organization_uuid}/bucket";
const BUCKET: &str = "/api/v2/stook/{organization_uuid}/bucket/{bucket_uuid}";

mft_common::id! {
    /// A bucket: its UUID, treated as opaque.
    BucketId
}

/// A bucket as the service keeps it.
///
/// Only the UUID is certain to be there: buckets inside of other replies lack some of the rest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Bucket {
    /// The UUID.
    pub uuid: BucketId,
    /// The organization.
    #[serde(default)]
    pub organization_uuid: Option<OrganizationId>,
    /// The name, which is unique; among which buckets is not said.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// The region. `eu-ist-1` is the only one that the documentation shows.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub region: Option<String>,
    /// How much is in it, **as a text for people**: `0B` is the only one that the documentation shows.
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
    /// Keys that this version does not know. Tags are written back as a whole, and must not lose them.
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl Tag {
    /// A tag with a label under a key.
    #[must_use]
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self { key: key.into(), label: label.into(), other: Map::new() }
    }
}

/// A bucket to be created.
///
/// # Examples
///
/// ```
/// use stook::{NewBucket, Tag};
///
/// let bucket = NewBucket::new("media-archive").region("eu-ist-1").tags([Tag::new("team", "video")]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new bucket does nothing until it is given to `create`"]
pub struct NewBucket {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
}

impl NewBucket {
    /// A bucket with a name. Which names are allowed is not documented.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), region: None, tags: None }
    }

    /// The region, for example `eu-ist-1`. Which one the service takes otherwise is not documented.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The tags.
    pub fn tags(mut self, tags: impl Into<Vec<Tag>>) -> Self {
        self.tags = Some(tags.into());
        self
    }

    fn check(&self) -> Result<()> {
        check::not_empty("name", &self.name)?;
        self.region.as_deref().map_or(Ok(()), |region| check::not_empty("region", region))
    }
}

/// A change of a bucket. Tags are all that can be changed.
///
/// # Examples
///
/// ```
/// use stook::{BucketUpdate, Tag};
///
/// let retag = BucketUpdate::tags([Tag::new("team", "archive")]);
/// let untag = BucketUpdate::tags([]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
pub struct BucketUpdate {
    tags: Vec<Tag>,
}

impl BucketUpdate {
    /// Replaces **all** tags by these. An empty list removes them.
    pub fn tags(tags: impl Into<Vec<Tag>>) -> Self {
        Self { tags: tags.into() }
    }
}

/// Operations on buckets; from [`Client::buckets`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
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
    /// See [`Error`](crate::Error); nothing is documented for this call alone.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// let mut buckets = client.buckets().list();
    /// while let Some(bucket) = buckets.try_next().await? {
    ///     println!("{} holds {}", bucket.name.unwrap_or_default(), bucket.size.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Bucket> {
        const NAME: &str = "stook.buckets.list";
        let client = self.client.clone();
        envelope::list(NAME, move || client.call(NAME, Method::GET, BUCKETS, &[]).safe())
    }

    /// Fetches one bucket.
    ///
    /// Calls `GET /api/v2/stook/{organization_uuid}/bucket/{bucket_uuid}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such bucket.
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
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty name or region;
    /// [`Conflict`](crate::ErrorKind::Conflict) or [`Rejected`](crate::ErrorKind::Rejected) for a name that is taken:
    /// which is not documented.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// use stook::{NewBucket, Tag};
    ///
    /// let bucket = NewBucket::new("media-archive").region("eu-ist-1").tags([Tag::new("team", "video")]);
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

    /// Changes the tags of a bucket.
    ///
    /// Calls `PUT /api/v2/stook/{organization_uuid}/bucket/{bucket_uuid}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such bucket.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client, id: stook::BucketId) -> stook::Result<()> {
    /// use stook::{BucketUpdate, Tag};
    ///
    /// client.buckets().update(&id, BucketUpdate::tags([Tag::new("team", "archive")])).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &BucketId, update: BucketUpdate) -> Call<Bucket> {
        self.client
            .call("stook.buckets.update", Method::PUT, BUCKET, &[&id])
            .idempotent()
            .json_body(&update)
            .decode(envelope::decode)
    }

    /// Deletes a bucket **and everything in it**. Unlike with S3, it need not be empty. Where a repeat finds it gone,
    /// that is success.
    ///
    /// Calls `DELETE /api/v2/stook/{organization_uuid}/bucket/{bucket_uuid}`. Assumed: the path, from that of the update;
    /// the oldest edition of the documentation has one without the bucket's UUID. What becomes of the bucket's FTP
    /// accounts is not said.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such bucket before the first attempt.
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
