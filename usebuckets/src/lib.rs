// The README contains an example of the feature `webhooks`, so its doc tests need that feature.
#![cfg_attr(any(not(doctest), feature = "webhooks"), doc = include_str!("../README.md"))]
#![expect(clippy::needless_pass_by_value, reason = "request values are consumed by the call")]

mod authentication;
mod buckets;
mod client;
mod error;
mod list;
mod notifications;
mod permissions;
mod response;
mod users;
mod validation;
#[cfg(feature = "webhooks")]
pub mod webhook_event;

pub use authentication::Authentication;
pub use buckets::{Bucket, BucketId, BucketUpdate, Buckets, NewBucket};
pub use client::{Client, ClientBuilder};
pub use notifications::{EventType, Notification, NotificationId};
#[cfg(feature = "unverified")]
pub use notifications::{NewNotification, NotificationUpdate, Notifications};
pub use permissions::{Permission, Permissions};
pub use users::{NewUser, User, UserId, UserUpdate, Users};

#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{Call, Error, ErrorKind, Outcome, Pager, Result, RetryPolicy, Secret, UnixSeconds};
pub use mft_common::{middleware, pagination, raw, transport};

/// [`Permissions`] has no default: an empty map means everything and must be requested by name.
///
/// ```compile_fail
/// let everything = usebuckets::Permissions::default();
/// ```
#[cfg(doctest)]
struct NoDefaultPermissions;
