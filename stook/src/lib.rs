#![doc = include_str!("../README.md")]
#![expect(clippy::needless_pass_by_value, reason = "request values are built for one call, which consumes them")]

mod auth;
mod authentication;
mod buckets;
mod client;
mod credentials;
mod envelope;
mod error;
mod ftp_accounts;
mod legacy_v1;
mod lenient;
#[cfg(feature = "unverified")]
mod organizations;
mod service;
mod token_exchange;
mod wrap_rules;

use mft_common::provider::check;

pub use auth::{Auth, IssuedToken};
pub use authentication::{ApiKey, ApiSecret, Authentication};
pub use buckets::{Bucket, BucketId, BucketUpdate, Buckets, NewBucket, Tag};
pub use client::{Client, ClientBuilder};
#[cfg(feature = "unverified")]
pub use credentials::CredentialUpdate;
pub use credentials::{Credential, CredentialId, Credentials, NewCredential};
pub use ftp_accounts::{FtpAccount, FtpAccountId, FtpAccountUpdate, FtpAccounts, NewFtpAccount};
pub use legacy_v1::{LegacyFtpAccountUpdate, LegacyFtpAccounts, LegacyV1};
#[cfg(feature = "unverified")]
pub use organizations::{Organization, Organizations};
pub use wrap_rules::{WrapAddress, WrapRule, WrapRuleType};

pub use ipnet::IpNet;
#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{Call, Error, ErrorKind, Outcome, Pager, Result, RetryPolicy, Secret, UnixSeconds};
pub use mft_common::{middleware, pagination, raw, transport};

mft_common::id! {
    /// Identifies an organization. The text is a UUID; treat it as opaque.
    OrganizationId
}
