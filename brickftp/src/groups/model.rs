//! Groups and memberships in requests and responses.

use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::{GroupId, IdList, MembershipId, Result, UserId, id, validation};

const NAME_LIMIT: usize = 50;

/// A group of users.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Group {
    /// The id.
    pub id: GroupId,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// The administrators' notes.
    #[serde(default)]
    pub notes: Option<String>,
    /// The members.
    #[serde(default)]
    pub user_ids: Option<IdList<UserId>>,
    /// The usernames of the members, separated by commas, in the order of their ids.
    #[serde(default)]
    pub usernames: Option<String>,
    /// The members that administer the group.
    #[serde(default)]
    pub admin_ids: Option<IdList<UserId>>,
}

/// A membership of a user in a group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Membership {
    /// The id. No operation takes it.
    #[serde(default, deserialize_with = "id::optional")]
    pub id: Option<MembershipId>,
    /// The group.
    pub group_id: GroupId,
    /// The user.
    pub user_id: UserId,
    /// Whether the user administers the group.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub admin: Option<bool>,
}

/// Request to create a group.
///
/// # Examples
///
/// ```
/// use brickftp::{NewGroup, UserId};
///
/// let group = NewGroup::new("Ops").user_ids([UserId::new(41), UserId::new(43)]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new group has no effect until it is passed to `create`"]
#[serde(transparent)]
pub struct NewGroup(Fields);

/// Update of a group. Unset fields are left unchanged.
///
/// # Examples
///
/// ```
/// let change = brickftp::GroupUpdate::new().notes("on call");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
#[serde(transparent)]
pub struct GroupUpdate(Fields);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_ids: Option<IdList<UserId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_ids: Option<IdList<UserId>>,
}

impl Fields {
    fn check(&self) -> Result<()> {
        self.name.as_deref().map_or(Ok(()), |name| validation::name("name", name, NAME_LIMIT))
    }
}

impl NewGroup {
    /// Creates a request for a group with this name of at most 50 characters.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Fields { name: Some(name.into()), ..Fields::default() })
    }

    pub(super) fn check(&self) -> Result<()> {
        self.0.check()
    }
}

impl GroupUpdate {
    /// Creates an empty update. Unset fields are left unchanged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name, at most 50 characters.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        validation::changes_something(&self.0)?;
        self.0.check()
    }
}

macro_rules! setters {
    ($($request:ident),+) => {$(
        impl $request {
            /// The administrators' notes.
            pub fn notes(mut self, notes: impl Into<String>) -> Self {
                self.0.notes = Some(notes.into());
                self
            }

            /// Sets the members. Replaces all of them.
            pub fn user_ids(mut self, users: impl Into<IdList<UserId>>) -> Self {
                self.0.user_ids = Some(users.into());
                self
            }

            /// Sets the members that administer the group. Replaces all of them.
            pub fn admin_ids(mut self, users: impl Into<IdList<UserId>>) -> Self {
                self.0.admin_ids = Some(users.into());
                self
            }
        }
    )+};
}

setters!(NewGroup, GroupUpdate);
