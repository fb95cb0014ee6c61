//! Groups of users and their members.

mod model;

use http::Method;
use serde::Serialize;

pub use model::{Group, GroupUpdate, Membership, NewGroup};

use crate::codec::CallExt as _;
use crate::codec::response::{
    decode_created, decode_list, decode_nothing, decode_object, decode_optional, decode_updated,
};
use crate::{Call, Client, GroupId, NewGroupUser, Pager, User, UserId};

const GROUPS: &str = "/groups.{format}";
const GROUP: &str = "/groups/{group_id}.{format}";
const USERS: &str = "/groups/{group_id}/users.{format}";
const MEMBERSHIP: &str = "/groups/{group_id}/memberships/{user_id}.{format}";

/// Operations on groups and memberships. Returned by [`Client::groups`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Groups<'c> {
    pub(crate) client: &'c Client,
}

/// The service's examples send the boolean as a string.
#[derive(Serialize)]
struct MembershipBody {
    admin: &'static str,
}

impl MembershipBody {
    fn new(admin: bool) -> Self {
        Self { admin: if admin { "true" } else { "false" } }
    }
}

impl Groups<'_> {
    /// Lists all groups.
    ///
    /// Calls `GET /groups`. The service returns the list in a single response.
    ///
    /// # Errors
    ///
    /// Fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not an administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut groups = client.groups().list();
    /// while let Some(group) = groups.try_next().await? {
    ///     println!("{:?} has {} users", group.name, group.user_ids.unwrap_or_default().len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Group> {
        const NAME: &str = "brickftp.groups.list";
        let client = self.client.clone();
        let call = move || client.call(NAME, Method::GET, GROUPS, &[]).safe();
        Pager::single_by(NAME, call, decode_list)
    }

    /// Returns a group.
    ///
    /// Calls `GET /groups/{group_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the group does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// println!("{:?}", client.groups().get(brickftp::GroupId::new(7)).await?.usernames);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: GroupId) -> Call<Group> {
        self.client.call("brickftp.groups.get", Method::GET, GROUP, &[&id]).safe().decode(decode_object)
    }

    /// Creates a group.
    ///
    /// Calls `POST /groups`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is empty or longer than 50 characters.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::NewGroup;
    ///
    /// let group = client.groups().create(NewGroup::new("Ops").notes("on call")).await?;
    /// println!("{}", group.id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, group: NewGroup) -> Call<Group> {
        self.client
            .call("brickftp.groups.create", Method::POST, GROUPS, &[])
            .non_idempotent()
            .check(group.check())
            .encode(self.client.request_format(), "group", &group)
            .decode(decode_created)
    }

    /// Updates a group. Unset fields are left unchanged.
    ///
    /// Calls `PUT /groups/{group_id}`.
    ///
    /// # Errors
    ///
    /// Fails as [`create`](Self::create) does, with [`NotFound`](crate::ErrorKind::NotFound) if the group does not
    /// exist, and with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no fields set.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, group: brickftp::GroupId) -> brickftp::Result<()> {
    /// use brickftp::{GroupUpdate, UserId};
    ///
    /// client.groups().update(group, GroupUpdate::new().user_ids([UserId::new(41)])).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: GroupId, update: GroupUpdate) -> Call<Group> {
        self.client
            .call("brickftp.groups.update", Method::PUT, GROUP, &[&id])
            .idempotent()
            .check(update.check())
            .encode(self.client.request_format(), "group", &update)
            .decode(decode_updated)
    }

    /// Deletes a group. Its users are not deleted.
    ///
    /// Calls `DELETE /groups/{group_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the group did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, group: brickftp::GroupId) -> brickftp::Result<()> {
    /// client.groups().delete(group).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: GroupId) -> Call<()> {
        self.client.call("brickftp.groups.delete", Method::DELETE, GROUP, &[&id]).deletes_by(decode_nothing)
    }

    /// Creates a user in a group. Group administrators can call it if they can create users.
    ///
    /// Calls `POST /groups/{group_id}/users`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails as [`Users::create`](crate::Users::create) does, and with [`NotFound`](crate::ErrorKind::NotFound) if the
    /// group does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, group: brickftp::GroupId) -> brickftp::Result<()> {
    /// use brickftp::NewGroupUser;
    ///
    /// let bo = client.groups().create_user(group, NewGroupUser::new("bo").email("bo@acme.example")).await?;
    /// println!("{} is in {:?}", bo.id, bo.group_ids);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_user(&self, group: GroupId, user: NewGroupUser) -> Call<User> {
        self.client
            .call("brickftp.groups.create_user", Method::POST, USERS, &[&group])
            .non_idempotent()
            .check(user.check())
            .encode_nested(self.client.request_format(), "user", &user)
            .decode(decode_created)
    }

    /// Adds a user to a group. For an existing member, sets whether the user administers the group.
    ///
    /// Calls `PUT /groups/{group_id}/memberships/{user_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the group or user does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, group: brickftp::GroupId, user: brickftp::UserId)
    /// # -> brickftp::Result<()> {
    /// let administers = false;
    /// client.groups().add_member(group, user, administers).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_member(&self, group: GroupId, user: UserId, administers: bool) -> Call<Membership> {
        self.client
            .call("brickftp.memberships.add", Method::PUT, MEMBERSHIP, &[&group, &user])
            .idempotent()
            .encode_nested(self.client.request_format(), "membership", &MembershipBody::new(administers))
            .decode(decode_updated)
    }

    /// Sets whether a member administers the group. Returns `None` if the user is not a member. The service then
    /// changes nothing.
    ///
    /// Calls `PATCH /groups/{group_id}/memberships/{user_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the group or user does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, group: brickftp::GroupId, user: brickftp::UserId)
    /// # -> brickftp::Result<()> {
    /// let administers = true;
    /// if client.groups().update_member(group, user, administers).await?.is_none() {
    ///     println!("{user} is not in {group}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_member(&self, group: GroupId, user: UserId, administers: bool) -> Call<Option<Membership>> {
        self.client
            .call("brickftp.memberships.update", Method::PATCH, MEMBERSHIP, &[&group, &user])
            .idempotent()
            .encode_nested(self.client.request_format(), "membership", &MembershipBody::new(administers))
            .decode(decode_optional)
    }

    /// Removes a user from a group. Succeeds if the user is not a member.
    ///
    /// Calls `DELETE /groups/{group_id}/memberships/{user_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the group or user did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, group: brickftp::GroupId, user: brickftp::UserId)
    /// # -> brickftp::Result<()> {
    /// client.groups().remove_member(group, user).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove_member(&self, group: GroupId, user: UserId) -> Call<()> {
        self.client
            .call("brickftp.memberships.remove", Method::DELETE, MEMBERSHIP, &[&group, &user])
            .deletes_by(decode_nothing)
    }
}
