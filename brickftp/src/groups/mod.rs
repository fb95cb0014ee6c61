//! Groups of users, and who is in them.

mod model;

use http::Method;
use serde::Serialize;

pub use model::{Group, GroupUpdate, Membership, NewGroup};

use crate::request::decode_list;
use crate::{Call, Client, GroupId, NewGroupUser, Pager, User, UserId};

const GROUPS: &str = "/groups.{format}";
const GROUP: &str = "/groups/{group_id}.{format}";
const USERS: &str = "/groups/{group_id}/users.{format}";
const MEMBERSHIP: &str = "/groups/{group_id}/memberships/{user_id}.{format}";

/// Operations on groups and memberships; from [`Client::groups`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Groups<'c> {
    pub(crate) client: &'c Client,
}

/// The service's examples send the truth as a text.
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
    /// Calls `GET /groups`. The list comes in one piece.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for whom is no administrator.
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
        let call = move || client.call(NAME, Method::GET, GROUPS, &[]).safe().into_builder();
        Pager::single_by(NAME, call, decode_list)
    }

    /// Fetches one group.
    ///
    /// Calls `GET /groups/{group_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such group.
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
        self.client.call("brickftp.groups.get", Method::GET, GROUP, &[&id]).safe().returns()
    }

    /// Creates a group.
    ///
    /// Calls `POST /groups`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a name that is empty or longer than 50 characters.
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
            .body("group", &group)
            .creates()
    }

    /// Changes what the update names and leaves the rest.
    ///
    /// Calls `PUT /groups/{group_id}`.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), and [`NotFound`](crate::ErrorKind::NotFound). An update that names nothing is
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
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
            .body("group", &update)
            .changes()
    }

    /// Deletes a group. Its users stay.
    ///
    /// Calls `DELETE /groups/{group_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such group before the first attempt.
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
        self.client.call("brickftp.groups.delete", Method::DELETE, GROUP, &[&id]).deletes()
    }

    /// Creates a user in a group. This is what a user who administers the group may do, where it may create users.
    ///
    /// Calls `POST /groups/{group_id}/users`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// As for [`Users::create`](crate::Users::create), and [`NotFound`](crate::ErrorKind::NotFound) where there is no
    /// such group.
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
            .wrapped_body("user", &user)
            .creates()
    }

    /// Puts a user into a group, or sets whether it administers the group where it is in it already.
    ///
    /// Calls `PUT /groups/{group_id}/memberships/{user_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such group or user.
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
            .wrapped_body("membership", &MembershipBody::new(administers))
            .changes()
    }

    /// Sets whether a user of a group administers it. `None` says that the service did nothing, because the user is not
    /// in the group.
    ///
    /// Calls `PATCH /groups/{group_id}/memberships/{user_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such group or user.
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
            .wrapped_body("membership", &MembershipBody::new(administers))
            .returns_optional()
    }

    /// Takes a user out of a group. A user who is not in it is no failure.
    ///
    /// Calls `DELETE /groups/{group_id}/memberships/{user_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such group or user before the first attempt.
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
        self.client.call("brickftp.memberships.remove", Method::DELETE, MEMBERSHIP, &[&group, &user]).deletes()
    }
}
