//! Users.

mod input;
mod model;

use http::Method;
use mft_common::provider::{BufferedResponse, Identity, PageNumbers};
use serde::Deserialize;

pub(crate) use input::NAME_LIMIT;
pub use input::{NewGroupUser, NewUser, UserUpdate};
pub use model::{AuthenticationMethod, GrantedPermission, SslRequirement, User};

use crate::codec::response::{
    decode_created, decode_data, decode_list, decode_nothing, decode_object, decode_optional, decode_updated,
};
use crate::codec::{CallExt as _, response, xml};
use crate::{Call, Client, Format, Pager, Result, UserId, validation};

const USERS: &str = "/users.{format}";
const USER: &str = "/users/{user_id}.{format}";
const UNLOCK: &str = "/users/{user_id}/unlock.{format}";

/// The service documents no maximum page size for users. If it silently returned fewer users than requested, the list
/// would end early. The size that the service uses by default is safe.
const PAGES: PageNumbers = PageNumbers { default_size: 1_000, largest_size: Some(1_000) };

/// Operations on users. Returned by [`Client::users`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Users<'c> {
    pub(crate) client: &'c Client,
}

impl Users<'_> {
    /// Lists all users. Default page size: 1000.
    ///
    /// Calls `GET /users`.
    ///
    /// # Errors
    ///
    /// Fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not an administrator, and
    /// with [`Protocol`](crate::ErrorKind::Protocol) if the service sends the same page twice.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut users = client.users().list();
    /// while let Some(user) = users.try_next().await? {
    ///     println!("{} {:?}", user.id, user.username);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<User> {
        const NAME: &str = "brickftp.users.list";
        let client = self.client.clone();
        let call = move |page, size| client.call(NAME, Method::GET, USERS, &[]).safe().page(page, size);
        Pager::numbered(NAME, PAGES, Identity::Key(|user: &User| user.id.get()), call, decode_list)
    }

    /// Counts the users.
    ///
    /// Calls `GET /users` with `action=count`.
    ///
    /// # Errors
    ///
    /// Fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not an administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// println!("{} users", client.users().count().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn count(&self) -> Call<u64> {
        #[derive(Deserialize)]
        struct Count {
            #[serde(deserialize_with = "mft_common::provider::deserialize_number")]
            count: u64,
        }
        self.client
            .call("brickftp.users.count", Method::GET, USERS, &[])
            .safe()
            .query("action", "count")
            .decode(|response| decode_data::<Count>(response).map(|data| data.count))
    }

    /// Finds the user with this username.
    ///
    /// Calls `GET /users` with `q[username]`. If the response is a list of users, the client searches it for the name,
    /// so a service that ignores the query does not yield another user.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the username is empty, and with
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not an administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// match client.users().find("ada").await? {
    ///     Some(user) => println!("ada has the id {}", user.id),
    ///     None => println!("there is no ada"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(&self, username: &str) -> Call<Option<User>> {
        let name = username.to_owned();
        self.client
            .call("brickftp.users.find", Method::GET, USERS, &[])
            .safe()
            .query("q[username]", username)
            .check(validation::not_empty("username", username))
            .decode(move |response| find_user(response, &name))
    }

    /// Returns a user.
    ///
    /// Calls `GET /users/{user_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the user does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let user = client.users().get(brickftp::UserId::new(41)).await?;
    /// println!("{:?} was last here at {:?}", user.username, user.last_login_at);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: UserId) -> Call<User> {
        self.client.call("brickftp.users.get", Method::GET, USER, &[&id]).safe().decode(decode_object)
    }

    /// Creates a user.
    ///
    /// Calls `POST /users`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if a field exceeds its documented length, the root
    /// begins with a slash or the confirmation differs from the password. Fails with
    /// [`Rejected`](crate::ErrorKind::Rejected) if the username is taken or the password violates the site's policy.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, password: brickftp::Secret) -> brickftp::Result<()> {
    /// use brickftp::NewUser;
    ///
    /// let user = client.users().create(NewUser::new("ada").password(password).name("Ada").ftp_permission(false)).await?;
    /// println!("{}", user.id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, user: NewUser) -> Call<User> {
        self.client
            .call("brickftp.users.create", Method::POST, USERS, &[])
            .non_idempotent()
            .check(user.check())
            .encode(self.client.request_format(), "user", &user)
            .decode(decode_created)
    }

    /// Updates a user. Unset fields are left unchanged.
    ///
    /// Calls `PUT /users/{user_id}`. If the update changes a password, the service requires reauthentication of a
    /// session. See [`Client::with_reauthentication`].
    ///
    /// # Errors
    ///
    /// Fails as [`create`](Self::create) does, with [`NotFound`](crate::ErrorKind::NotFound) if the user does not
    /// exist, and with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no fields set. See
    /// [`needs_reauthentication`](crate::needs_reauthentication).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// use brickftp::UserUpdate;
    ///
    /// client.users().update(user, UserUpdate::new().email("ada@acme.example").sftp_permission(true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: UserId, update: UserUpdate) -> Call<User> {
        let request = self.client.call("brickftp.users.update", Method::PUT, USER, &[&id]).idempotent();
        let request = if update.changes_password() { self.client.reauthenticate(request) } else { request };
        request.check(update.check()).encode(self.client.request_format(), "user", &update).decode(decode_updated)
    }

    /// Deletes a user.
    ///
    /// Calls `DELETE /users/{user_id}`. The service requires reauthentication of a session. See
    /// [`Client::with_reauthentication`].
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the user did not exist before the first attempt. See
    /// [`needs_reauthentication`](crate::needs_reauthentication).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// client.users().delete(user).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: UserId) -> Call<()> {
        let call = self.client.call("brickftp.users.delete", Method::DELETE, USER, &[&id]);
        self.client.reauthenticate(call).deletes_by(decode_nothing)
    }

    /// Unlocks a user who is locked out after too many wrong passwords.
    ///
    /// Calls `POST /users/{user_id}/unlock` without a body.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the user does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// assert_eq!(client.users().unlock(user).await?.lockout_expires, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn unlock(&self, id: UserId) -> Call<User> {
        self.client.call("brickftp.users.unlock", Method::POST, UNLOCK, &[&id]).idempotent().decode(decode_updated)
    }
}

/// The reference responds to a search with a single user. Lists of users were also observed.
fn find_user(response: &BufferedResponse, username: &str) -> Result<Option<User>> {
    let alone = match response::sniff(&response.body) {
        Some(Format::Xml) => xml::root_name(&response.body).is_ok_and(|root| root == "user"),
        // Not a list of users: a single user, or an empty document.
        _ => !response.body.trim_ascii_start().starts_with(b"["),
    };
    let users: Vec<User> =
        if alone { decode_optional(response)?.into_iter().collect() } else { decode_list(response)? };
    // The service does not document whether case matters. Prefer an exact match.
    let name = |user: &User| user.username.clone().unwrap_or_default();
    let at = users.iter().position(|user| name(user) == username);
    let at = at.or_else(|| users.iter().position(|user| name(user).to_lowercase() == username.to_lowercase()));
    Ok(at.and_then(|at| users.into_iter().nth(at)))
}
