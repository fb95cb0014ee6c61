// The README contains an example of the feature `webhooks`, so its doc tests need that feature.
#![cfg_attr(any(not(doctest), feature = "webhooks"), doc = include_str!("../README.md"))]
#![expect(clippy::needless_pass_by_value, reason = "request values are consumed by the call")]

mod authentication;
mod client;
mod credentials;
mod error;
mod file_access;
mod share_links;
mod ssh_keys;
mod validation;
#[cfg(feature = "webhooks")]
pub mod webhook_event;
mod webhooks;

pub use authentication::Authentication;
pub use client::{Client, ClientBuilder};
pub use credentials::{
    Credential, CredentialId, CredentialPermission, CredentialSettings, CredentialState, CredentialUpdate, Credentials,
    Expiration, InboundProtocol, InboundRule, InboundRuleAction, InboundRuleId, InboundRuleState, NetworkSettings,
    NewCredential, PasswordSet,
};
pub use file_access::{Endpoint, FileAccess, FileLogin, S3Storage};
pub use share_links::{
    AccessLimit, AccountCreator, CreatedBy, NewShareLink, PrincipalCreator, ShareLink, ShareLinkId, ShareLinkState,
    ShareLinkType, ShareLinkUpdate, ShareLinks, SharePermission,
};
pub use ssh_keys::{SshKeyId, SshKeyType, SshKeys, SshPublicKey};
pub use webhooks::{NewWebhook, Webhook, WebhookId, WebhookState, WebhookTopic, WebhookType, WebhookUpdate, Webhooks};

pub use ipnet::IpNet;
#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{
    Call, Deleted, Error, ErrorKind, OffsetDateTime, Outcome, Pager, ParseDateTimeError, Result, RetryPolicy, Secret,
    UnixMillis, UnixSeconds,
};
pub use mft_common::{middleware, pagination, raw, transport};

mft_common::id! {
    /// Identifies an organization. UUID text in all documented examples; treat it as opaque.
    OrganizationId
}
