#![doc = include_str!("../README.md")]
#![expect(clippy::needless_pass_by_value, reason = "request values are consumed by the call")]

mod api_keys;
mod authentication;
mod behaviors;
mod bundles;
mod client;
mod codec;
mod error;
mod files;
mod folders;
mod groups;
mod history;
mod id;
mod notifications;
mod path;
mod permissions;
mod public_keys;
mod sessions;
mod uploads;
mod users;
mod validation;

pub use api_keys::{ApiKey, ApiKeys, NewApiKey, PermissionSet, Platform};
pub use authentication::{Authentication, Reauthentication};
pub use behaviors::{Behavior, BehaviorId, BehaviorKind, BehaviorUpdate, Behaviors, NewBehavior};
pub use bundles::{Bundle, BundleAccess, BundleEntry, BundleId, Bundles, NewBundle};
pub use client::{Client, ClientBuilder};
pub use codec::Format;
#[doc(hidden)]
pub use codec::xml;
pub use error::needs_reauthentication;
pub use files::{Destination, File, FileId, FilePermissions, FileType, Files};
pub use folders::{FolderCounts, Folders, ListFolder, SortBy, SortOrder, Walk, WalkError};
pub use groups::{Group, GroupUpdate, Groups, Membership, NewGroup};
pub use history::{
    ExportFormat, History, HistoryAction, HistoryEvent, HistoryEventId, HistoryExport, HistoryGroup, HistoryInterface,
    HistoryPage, HistoryPermission, HistoryQuery, HistoryScope, HistoryTarget, HistoryUser,
};
pub use id::{ApiKeyId, GroupId, IdList, MembershipId, NotificationId, PermissionId, PublicKeyId, UserId};
pub use notifications::{NewNotification, Notification, Notifications, Recipient, SendInterval};
pub use permissions::{Grantee, NewPermission, Permission, PermissionKind, Permissions};
pub use public_keys::{NewPublicKey, PublicKey, PublicKeys};
pub use sessions::{Session, SessionGuard, Sessions};
pub use uploads::{UploadPart, UploadRef, Uploads};
pub use users::{
    AuthenticationMethod, GrantedPermission, NewGroupUser, NewUser, SslRequirement, User, UserUpdate, Users,
};

#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{
    Call, Error, ErrorKind, OffsetDateTime, Outcome, Pager, ParseDateTimeError, Result, RetryPolicy, Secret,
    middleware, pagination, raw, transport,
};

/// Uploads and downloads of files and folders.
pub mod transfer {
    pub use mft_common::transfer::{
        Aborted, ByteStream, Download, DownloadRequest, Downloaded, Progress, ProgressWatch, ResumeToken, Source,
        TreeDownloadRequest, TreeItem, TreeSummary, TreeTransfer, TreeUploadRequest, Upload, UploadError,
        UploadRequest,
    };
}
