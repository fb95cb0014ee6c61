//! The users of buckets: logins over SFTP.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::page::{self, Listed};
use crate::{BucketId, Call, Client, Pager, Permissions, Result, Secret, UnixSeconds, check, reply};

/// Lists are below the bucket; what makes or changes a user is not.
const USERS_OF_BUCKET: &str = "/buckets/{bucket_id}/users";
const USERS: &str = "/users";
const USER: &str = "/users/{user_id}";

mft_common::id! {
    /// A user, such as `bio_test_usr_3fj0w8d2k1z`. Treat it as opaque.
    UserId
}

/// A user as the service keeps it, without the password, which no reply shows.
///
/// Only the id is certain to be there. A missing value means "not said in this reply", never "empty".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The bucket. Documented, and in none of the documented replies.
    #[serde(default)]
    pub bucket_id: Option<BucketId>,
    /// The name to log in with.
    #[serde(default)]
    pub username: Option<String>,
    /// Whether the user can connect.
    #[serde(default)]
    pub active: Option<bool>,
    /// What the user may do where. `Some` of an empty map, or of an empty list, is **everything**, `None` is not said:
    /// see [`Permissions`].
    #[serde(default)]
    pub permissions: Option<Permissions>,
    /// When it was made, in seconds.
    #[serde(default)]
    pub created_at: Option<UnixSeconds>,
}

impl Listed for User {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// A user to be created.
///
/// **Without [`permissions`](Self::permissions) the user may do everything in every directory of the bucket.**
///
/// # Examples
///
/// ```
/// use usebuckets::{NewUser, Permission, Permissions};
///
/// let reader = NewUser::new("bio_test_buc_7q2mk94x0ab", "mira", "example-only")
///     .permissions(Permissions::on("/invoices", Permission::Read));
/// let not_yet = NewUser::new("bio_test_buc_7q2mk94x0ab", "noor", "example-only").active(false);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new user does nothing until it is given to `create`"]
pub struct NewUser {
    bucket_id: BucketId,
    username: String,
    #[serde(serialize_with = "mft_common::secret::expose")]
    password: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
}

impl NewUser {
    /// A user of a bucket, who may do everything there unless [`permissions`](Self::permissions) says otherwise. The
    /// name must not be blank and the password not empty; the service publishes no other rules.
    pub fn new(bucket_id: impl Into<BucketId>, username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            bucket_id: bucket_id.into(),
            username: username.into(),
            password: password.into(),
            permissions: None,
            active: None,
        }
    }

    /// Limits the user to these directories. That a creation takes them is assumed: they are part of the documented
    /// model and of no documented creation. Look at [`User::permissions`] of the reply.
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = Some(permissions);
        self
    }

    /// Sets whether the user can connect from the start. Assumed, as for [`permissions`](Self::permissions).
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    fn check(&self) -> Result<()> {
        check::not_empty("bucket_id", self.bucket_id.as_str())?;
        check::not_empty("username", &self.username)?;
        check::password("password", &self.password)?;
        check::where_set(self.permissions.as_ref(), Permissions::check)
    }
}

/// A change of a user. What is not named stays.
///
/// There is no change of nothing: begin with what changes.
///
/// # Examples
///
/// ```
/// use usebuckets::UserUpdate;
///
/// let reset = UserUpdate::password("example-only");
/// let reset_and_unlock = UserUpdate::password("example-only").and_active(true);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
pub struct UserUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
}

impl UserUpdate {
    /// To be filled with one thing, before anybody outside gets it.
    const NOTHING: Self = Self { username: None, password: None, active: None, permissions: None };

    /// A change of the name to log in with.
    pub fn username(username: impl Into<String>) -> Self {
        Self::NOTHING.and_username(username)
    }

    /// A new password. This is the documented way to reset one.
    pub fn password(password: impl Into<Secret>) -> Self {
        Self::NOTHING.and_password(password)
    }

    /// A change of whether the user can connect. What becomes of open sessions is not documented.
    pub fn active(active: bool) -> Self {
        Self::NOTHING.and_active(active)
    }

    /// Other permissions. Assumed: they are part of the documented model and of no documented change, and most likely
    /// replace the whole map. Look at [`User::permissions`] of the reply.
    pub fn permissions(permissions: Permissions) -> Self {
        Self::NOTHING.and_permissions(permissions)
    }

    /// Changes the name to log in with as well.
    pub fn and_username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Sets a new password as well.
    pub fn and_password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Changes whether the user can connect as well.
    pub fn and_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Changes the permissions as well; see [`permissions`](Self::permissions).
    pub fn and_permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = Some(permissions);
        self
    }

    fn check(&self) -> Result<()> {
        check::where_set(self.username.as_ref(), |name| check::not_empty("username", name))?;
        check::where_set(self.password.as_ref(), |password| check::password("password", password))?;
        check::where_set(self.permissions.as_ref(), Permissions::check)
    }
}

/// Operations on users; from [`Client::users`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Users<'c> {
    pub(crate) client: &'c Client,
}

impl Users<'_> {
    /// Lists the users of a bucket, in an order that the service does not promise.
    ///
    /// Calls `GET /buckets/{bucket_id}/users`, with 100 users to a page unless [`Pager::page_size`] says otherwise,
    /// 1000 at most. The cursor for [`Pager::resume_from`] is the id of the last user that was seen.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such bucket; otherwise as for
    /// [`Buckets::list`](crate::Buckets::list).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, bucket: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// let mut users = client.users().list(&bucket);
    /// while let Some(user) = users.try_next().await? {
    ///     let everywhere = user.permissions.is_some_and(|permissions| permissions.is_everything());
    ///     println!("{} {}", user.username.unwrap_or_default(), if everywhere { "everywhere" } else { "" });
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, bucket: &BucketId) -> Pager<User> {
        page::list(self.client, "usebuckets.users.list", USERS_OF_BUCKET, [bucket.to_string()])
    }

    /// Looks for one user of a bucket by its id; `None` where there is none.
    ///
    /// The service has no call for one user, so this walks [`list`](Self::list) in pages of 1000 until the user comes.
    ///
    /// # Errors
    ///
    /// As for [`list`](Self::list).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, bucket: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// let user = client.users().find(&bucket, &"bio_test_usr_3fj0w8d2k1z".into()).await?;
    /// println!("{user:?}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(
        &self,
        bucket: &BucketId,
        id: &UserId,
    ) -> impl Future<Output = Result<Option<User>>> + Send + 'static + use<> {
        page::find(self.list(bucket), "usebuckets.users.find", "user_id", id.as_str())
    }

    /// Creates a user, **who may do everything in the bucket** unless [`NewUser::permissions`] says otherwise.
    ///
    /// Calls `POST /users`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a blank name or directory, an empty password or id;
    /// [`Conflict`](crate::ErrorKind::Conflict) most likely for a name that the bucket has already.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, bucket: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// use usebuckets::{NewUser, Permission, Permissions};
    ///
    /// let reader = NewUser::new(&bucket, "mira", "example-only")
    ///     .permissions(Permissions::on("/invoices", Permission::Read));
    /// let user = client.users().create(reader).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, user: NewUser) -> Call<User> {
        self.client
            .call("usebuckets.users.create", Method::POST, USERS, &[])
            .non_idempotent()
            .check(user.check())
            .json_body(&user)
            .decode(reply::object)
    }

    /// Changes what the update names and leaves the rest. Repeated after failures that may pass: a change names values, so
    /// that making it twice is making it once.
    ///
    /// Calls `PATCH /users/{user_id}`.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), and [`NotFound`](crate::ErrorKind::NotFound).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::UserId) -> usebuckets::Result<()> {
    /// use usebuckets::UserUpdate;
    ///
    /// client.users().update(&id, UserUpdate::password("example-only")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &UserId, update: UserUpdate) -> Call<User> {
        self.client
            .call("usebuckets.users.update", Method::PATCH, USER, &[id.as_str()])
            .idempotent()
            .check(update.check())
            .json_body(&update)
            .decode(reply::object)
    }

    /// Deletes a user. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /users/{user_id}`. Assumed: no documentation shows the route, only the event `user.deleted`. It is
    /// taken to be like that of a bucket.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such user before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::UserId) -> usebuckets::Result<()> {
    /// client.users().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "unverified")]
    pub fn delete(&self, id: &UserId) -> Call<()> {
        self.client.call("usebuckets.users.delete", Method::DELETE, USER, &[id.as_str()]).deletes_by(reply::of_delete)
    }
}
