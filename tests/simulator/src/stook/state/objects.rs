//! The stored objects, as tests read and write them.

use crate::server::Identified;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Organization {
    /// A UUID.
    pub uuid: String,
    /// The display name.
    pub name: String,
    /// The suffix that the service appends, after an underscore, to the names of new FTP accounts.
    pub ftp_name_suffix: String,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bucket {
    /// A UUID.
    pub uuid: String,
    /// The organization of the object.
    pub organization_uuid: String,
    /// The name, unique in its organization.
    pub name: String,
    /// The region, such as `eu-ist-1`.
    pub region: String,
    /// The stored size as human-readable text, such as `0B`.
    pub size: String,
    /// The tags, in order.
    pub tags: Vec<Tag>,
}

/// A tag of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The label.
    pub label: String,
}

impl Tag {
    /// Creates a tag.
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self { key: key.into(), label: label.into() }
    }
}

/// An access key for S3.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credential {
    /// A UUID.
    pub uuid: String,
    /// The organization of the object.
    pub organization_uuid: String,
    /// The display name.
    pub name: String,
    /// Whether it is limited to reading.
    pub is_readonly: bool,
    /// The public half of the key.
    pub access_key: String,
    /// The secret half. The API never returns it; the panel of the service shows it once.
    pub secret_key: String,
    /// The folder that it is restricted to.
    pub subfolder: Option<String>,
    /// The ids of the buckets that it gives access to.
    pub bucket_uuids: Vec<String>,
}

/// An FTP login to the storage.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FtpAccount {
    /// A UUID.
    pub uuid: String,
    /// The organization of the account. The API does not return it.
    pub organization_uuid: String,
    /// The bucket that it gives access to.
    pub bucket_uuid: String,
    /// The login name: the requested name and the suffix of the organization.
    pub name: String,
    /// The password in clear text. The API never returns it.
    pub password: String,
    /// The folder that it is restricted to. The path begins with the name of the bucket.
    pub path: String,
    /// Whether it may log in.
    pub login_allowed: bool,
    /// Whether it is limited to reading.
    pub is_readonly: bool,
    /// The access rules, in the order of the service.
    pub wrap_rules: Vec<WrapRule>,
    /// Documented without an explanation.
    pub count: u64,
}

/// A rule that allows or denies access by address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrapRule {
    /// `allow` or `deny`.
    pub kind: String,
    /// Addresses, ranges, or `all`.
    pub rule: Vec<String>,
}

impl WrapRule {
    /// Creates a rule that allows these addresses.
    pub fn allow<T: Into<String>>(from: impl IntoIterator<Item = T>) -> Self {
        Self { kind: "allow".into(), rule: from.into_iter().map(Into::into).collect() }
    }

    /// Creates a rule that denies these addresses.
    pub fn deny<T: Into<String>>(from: impl IntoIterator<Item = T>) -> Self {
        Self { kind: "deny".into(), rule: from.into_iter().map(Into::into).collect() }
    }
}

impl Identified for Bucket {
    fn id(&self) -> &str {
        &self.uuid
    }
}

impl Identified for Credential {
    fn id(&self) -> &str {
        &self.uuid
    }
}

impl Identified for FtpAccount {
    fn id(&self) -> &str {
        &self.uuid
    }
}

redacted_debug!(
    Credential {
        uuid, organization_uuid, name, is_readonly, access_key, subfolder, bucket_uuids
    } redacts secret_key
);

redacted_debug!(
    FtpAccount {
        uuid, organization_uuid, bucket_uuid, name, path, login_allowed, is_readonly, wrap_rules, count
    } redacts password
);
