//! The users of buckets: logins over SFTP.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::list::{self, ListItem};
use crate::{BucketId, Call, Client, Pager, Permissions, Result, Secret, UnixSeconds, response, validation};

/// Lists are below the bucket. Creation and updates are not.
const USERS_OF_BUCKET: &str = "/buckets/{bucket_id}/users";
const USERS: &str = "/users";
const USER: &str = "/users/{user_id}";

mft_common::id! {
    /// Identifies a user, for example `bio_test_usr_3fj0w8d2k1z`. Treat it as opaque.
    UserId
}

/// A user. No response contains the password.
///
/// Only the id is always present. `None` means that the response does not contain the value, not that the value is empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The bucket. Part of the documented model, but of no documented response.
    #[serde(default)]
    pub bucket_id: Option<BucketId>,
    /// The user name for logins.
    #[serde(default)]
    pub username: Option<String>,
    /// Whether the user can connect.
    #[serde(default)]
    pub active: Option<bool>,
    /// The permissions. An empty map or list means **everything**. `None` means that the response does not contain them.
    /// See [`Permissions`].
    #[serde(default)]
    pub permissions: Option<Permissions>,
    /// The time of creation, in seconds.
    #[serde(default)]
    pub created_at: Option<UnixSeconds>,
}

impl ListItem for User {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// The request to create a user.
///
/// **Without [`permissions`](Self::permissions), the user can do everything in every directory of the bucket.**
///
/// # Examples
///
/// ```
/// use usebuckets::{BucketId, NewUser, Permission, Permissions, Secret};
///
/// let bucket = BucketId::from("bio_test_buc_7q2mk94x0ab");
/// let reader = NewUser::new(&bucket, "mira", Secret::from("example-only"))
///     .permissions(Permissions::on("/invoices", Permission::Read));
/// let inactive = NewUser::new(&bucket, "noor", Secret::from("example-only")).active(false);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new user has no effect until it is passed to `create`"]
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
    /// Creates a request for a user of a bucket. Without [`permissions`](Self::permissions), the user can do everything
    /// there. The user name must not be blank and the password must not be empty. The service documents no other rules.
    pub fn new(bucket: &BucketId, username: impl Into<String>, password: Secret) -> Self {
        Self { bucket_id: bucket.clone(), username: username.into(), password, permissions: None, active: None }
    }

    /// Sets the permissions. Default: everything in every directory.
    ///
    /// The field is part of the documented model, but not of the documented creation request. Check
    /// [`User::permissions`] of the response.
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = Some(permissions);
        self
    }

    /// Sets whether the user can connect. The same assumption as for [`permissions`](Self::permissions).
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    fn validate(&self) -> Result<()> {
        validation::not_empty("bucket_id", self.bucket_id.as_str())?;
        validation::not_empty("username", &self.username)?;
        validation::password("password", &self.password)?;
        validation::if_set(self.permissions.as_ref(), Permissions::validate)
    }
}

/// An update of a user. Unset fields are left unchanged.
///
/// # Examples
///
/// ```
/// use usebuckets::UserUpdate;
///
/// let update = UserUpdate::new().password("example-only").active(true);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
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
    /// Creates an empty update.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the user name for logins, which must not be blank.
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Sets the password, which must not be empty. This is the documented way to reset a password.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets whether the user can connect. The effect on open sessions is not documented.
    pub fn active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    /// Sets the permissions, most likely replacing the whole map.
    ///
    /// The field is part of the documented model, but not of the documented update request. Check [`User::permissions`] of
    /// the response.
    pub fn permissions(mut self, permissions: Permissions) -> Self {
        self.permissions = Some(permissions);
        self
    }

    fn validate(&self) -> Result<()> {
        validation::changes_something(self)?;
        validation::if_set(self.username.as_ref(), |name| validation::not_empty("username", name))?;
        validation::if_set(self.password.as_ref(), |password| validation::password("password", password))?;
        validation::if_set(self.permissions.as_ref(), Permissions::validate)
    }
}

/// Operations on users. Returned by [`Client::users`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Users<'c> {
    pub(crate) client: &'c Client,
}

impl Users<'_> {
    /// Lists the users of a bucket. The service does not document the order.
    ///
    /// Calls `GET /buckets/{bucket_id}/users`. A page has 100 users by default. [`Pager::page_size`] sets another size, up
    /// to 1000. The cursor for [`Pager::resume_from`] is the id of the last user.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the bucket does not exist, and as
    /// [`Buckets::list`](crate::Buckets::list) does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, bucket: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// let mut users = client.users().list(&bucket);
    /// while let Some(user) = users.try_next().await? {
    ///     let unrestricted = user.permissions.is_some_and(|permissions| permissions.is_everything());
    ///     println!("{}: unrestricted: {unrestricted}", user.username.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, bucket: &BucketId) -> Pager<User> {
        list::pager(self.client, "usebuckets.users.list", USERS_OF_BUCKET, [bucket.to_string()])
    }

    /// Finds a user of a bucket by its id. Returns `None` if it does not exist.
    ///
    /// The service has no call for a single user. This method searches [`list`](Self::list) in pages of 1000.
    ///
    /// # Errors
    ///
    /// Fails as [`list`](Self::list) does.
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
        list::find(self.list(bucket), "usebuckets.users.find", "user_id", id.as_str())
    }

    /// Creates a user. Without [`NewUser::permissions`], the user **can do everything in the bucket**.
    ///
    /// Calls `POST /users`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the user name or a directory is blank, or the
    /// password or an id is empty. Fails most likely with [`Conflict`](crate::ErrorKind::Conflict) if the user name is
    /// taken in the bucket.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, bucket: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// use usebuckets::{NewUser, Permission, Permissions, Secret};
    ///
    /// let reader = NewUser::new(&bucket, "mira", Secret::from("example-only"))
    ///     .permissions(Permissions::on("/invoices", Permission::Read));
    /// let user = client.users().create(reader).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, user: NewUser) -> Call<User> {
        self.client
            .call("usebuckets.users.create", Method::POST, USERS, &[])
            .non_idempotent()
            .check(user.validate())
            .json_body(&user)
            .decode(response::object)
    }

    /// Updates a user. Unset fields are left unchanged.
    ///
    /// Calls `PATCH /users/{user_id}`. Retried after transient failures (idempotent).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no field set, with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the user does not exist, and as [`create`](Self::create) does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::UserId) -> usebuckets::Result<()> {
    /// use usebuckets::UserUpdate;
    ///
    /// client.users().update(&id, UserUpdate::new().password("example-only")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &UserId, update: UserUpdate) -> Call<User> {
        self.client
            .call("usebuckets.users.update", Method::PATCH, USER, &[&id])
            .idempotent()
            .check(update.validate())
            .json_body(&update)
            .decode(response::object)
    }

    /// Deletes a user.
    ///
    /// Calls `DELETE /users/{user_id}`. The route is an assumption, by analogy with buckets: the service documents only
    /// the event `user.deleted`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the first attempt finds no such user. A retry that finds
    /// none is a success.
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
        self.client.call("usebuckets.users.delete", Method::DELETE, USER, &[&id]).deletes_by(response::deleted)
    }
}
