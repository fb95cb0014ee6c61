//! The stored objects, as tests see them.

use std::fmt;

/// An organization: what every path of the service names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Organization {
    /// A UUID.
    pub uuid: String,
    /// The display name.
    pub name: String,
    /// What the service appends, behind an underscore, to the names of new FTP accounts.
    pub ftp_name_suffix: String,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bucket {
    /// A UUID.
    pub uuid: String,
    /// The organization that it belongs to.
    pub organization_uuid: String,
    /// The name; unique in its organization.
    pub name: String,
    /// The region, such as `eu-ist-1`.
    pub region: String,
    /// What is stored, as a text for people, such as `0B`.
    pub size: String,
    /// The tags, in their order.
    pub tags: Vec<Tag>,
}

/// A tag of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tag {
    /// What the tag is about.
    pub key: String,
    /// What it says.
    pub label: String,
}

impl Tag {
    /// A tag.
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
    /// The organization that it belongs to.
    pub organization_uuid: String,
    /// The display name.
    pub name: String,
    /// Whether it may only read.
    pub is_readonly: bool,
    /// The public half of the key.
    pub access_key: String,
    /// The secret half. The API never shows it; the panel of the service does, once.
    pub secret_key: String,
    /// The folder that it is confined to.
    pub subfolder: Option<String>,
    /// The ids of the buckets that it opens.
    pub bucket_uuids: Vec<String>,
}

/// A login to the storage by FTP.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FtpAccount {
    /// A UUID.
    pub uuid: String,
    /// The organization that it belongs to; the API does not show it.
    pub organization_uuid: String,
    /// The bucket that it opens.
    pub bucket_uuid: String,
    /// The name to log in with: the one that was asked for and the suffix of the organization.
    pub name: String,
    /// The password in clear text. The API never shows it.
    pub password: String,
    /// The folder that it is confined to, which begins with the name of the bucket.
    pub path: String,
    /// Whether it may log in.
    pub login_allowed: bool,
    /// Whether it may only read.
    pub is_readonly: bool,
    /// Who may connect from where, as the service has ordered it.
    pub wrap_rules: Vec<WrapRule>,
    /// Documented without a meaning.
    pub count: u64,
}

/// Whom an FTP account lets in, or keeps out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrapRule {
    /// `allow` or `deny`.
    pub kind: String,
    /// Addresses, ranges, or the word `all`.
    pub rule: Vec<String>,
}

impl WrapRule {
    /// A rule that lets in who comes from these addresses.
    pub fn allow<T: Into<String>>(from: impl IntoIterator<Item = T>) -> Self {
        Self { kind: "allow".into(), rule: from.into_iter().map(Into::into).collect() }
    }

    /// A rule that keeps out who comes from these addresses.
    pub fn deny<T: Into<String>>(from: impl IntoIterator<Item = T>) -> Self {
        Self { kind: "deny".into(), rule: from.into_iter().map(Into::into).collect() }
    }
}

const HIDDEN: &str = "***";

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("uuid", &self.uuid)
            .field("organization_uuid", &self.organization_uuid)
            .field("name", &self.name)
            .field("is_readonly", &self.is_readonly)
            .field("access_key", &self.access_key)
            .field("secret_key", &HIDDEN)
            .field("subfolder", &self.subfolder)
            .field("bucket_uuids", &self.bucket_uuids)
            .finish()
    }
}

impl fmt::Debug for FtpAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FtpAccount")
            .field("uuid", &self.uuid)
            .field("organization_uuid", &self.organization_uuid)
            .field("bucket_uuid", &self.bucket_uuid)
            .field("name", &self.name)
            .field("password", &HIDDEN)
            .field("path", &self.path)
            .field("login_allowed", &self.login_allowed)
            .field("is_readonly", &self.is_readonly)
            .field("wrap_rules", &self.wrap_rules)
            .field("count", &self.count)
            .finish()
    }
}
