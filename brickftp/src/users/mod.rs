//! Users.

mod input;
mod model;

use http::Method;
use mft_common::provider::{BufferedResponse, Identity, PageNumbers};
use serde::Deserialize;

pub(crate) use input::NAME_LIMIT;
pub use input::{NewGroupUser, NewUser, UserUpdate};
pub use model::{AuthenticationMethod, GrantedPermission, SslRequirement, User};

use crate::request::{decode_data, decode_list};
use crate::{Call, Client, Format, Pager, Result, UserId, check, reply, xml};

const USERS: &str = "/users.{format}";
const USER: &str = "/users/{user_id}.{format}";
const UNLOCK: &str = "/users/{user_id}/unlock.{format}";

/// The service states no largest page for users. Where it quietly sent fewer than were asked for, a list would end early;
/// the size that it chooses by itself it surely sends.
const PAGES: PageNumbers = PageNumbers { default_size: 1_000, largest_size: Some(1_000) };

/// Operations on users; from [`Client::users`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Users<'c> {
    pub(crate) client: &'c Client,
}

impl Users<'_> {
    /// Lists all users, by pages of 1000 unless another size is asked for.
    ///
    /// Calls `GET /users`.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for whom is no administrator;
    /// [`Protocol`](crate::ErrorKind::Protocol) where the service sends one page twice.
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
        let call = move |page, size| client.call(NAME, Method::GET, USERS, &[]).safe().page(page, size).into_builder();
        Pager::numbered(NAME, PAGES, Identity::Key(|user: &User| user.id.get()), call, decode_list)
    }

    /// Counts the users.
    ///
    /// Calls `GET /users` with `action=count`.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for whom is no administrator.
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
            .into_builder()
            .decode(|reply| decode_data::<Count>(reply).map(|data| data.count))
    }

    /// Finds the user with this name to log in with.
    ///
    /// Calls `GET /users` with `q[username]`. A reply that lists users is searched for the name, so that a service which
    /// ignores the query gives no other user.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty name;
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for whom is no administrator.
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
        let wanted = username.to_owned();
        self.client
            .call("brickftp.users.find", Method::GET, USERS, &[])
            .safe()
            .query("q[username]", username)
            .check(check::not_empty("username", username))
            .into_builder()
            .decode(move |reply| found(reply, &wanted))
    }

    /// Fetches one user.
    ///
    /// Calls `GET /users/{user_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such user.
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
        self.client.call("brickftp.users.get", Method::GET, USER, &[&id]).safe().returns()
    }

    /// Creates a user.
    ///
    /// Calls `POST /users`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for what is longer than documented, a root that begins with a
    /// slash, or a confirmation that is not the password; [`Rejected`](crate::ErrorKind::Rejected) for a name that is
    /// taken or a password against the site's policy.
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
            .body("user", &user)
            .creates()
    }

    /// Changes what the update names and leaves the rest.
    ///
    /// Calls `PUT /users/{user_id}`. Where that changes a password, the service wants that of a session's user again: see
    /// [`Client::with_reauthentication`].
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), and [`NotFound`](crate::ErrorKind::NotFound). An update that names nothing is
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput). See [`needs_reauthentication`](crate::needs_reauthentication).
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
        let request = if update.changes_password() { request.reauthenticates() } else { request };
        request.check(update.check()).body("user", &update).changes()
    }

    /// Deletes a user.
    ///
    /// Calls `DELETE /users/{user_id}`. The service wants the password of a session's user again: see
    /// [`Client::with_reauthentication`].
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such user before the first attempt. See
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
        self.client.call("brickftp.users.delete", Method::DELETE, USER, &[&id]).reauthenticates().deletes()
    }

    /// Lifts the lockout of a user after too many wrong passwords.
    ///
    /// Calls `POST /users/{user_id}/unlock` without a body.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such user.
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
        self.client.call("brickftp.users.unlock", Method::POST, UNLOCK, &[&id]).idempotent().changes()
    }
}

/// The reference answers a search with the user alone; a list of users was seen too.
fn found(reply: &BufferedResponse, username: &str) -> Result<Option<User>> {
    let alone = match reply::sniff(&reply.body) {
        Some(Format::Xml) => xml::root_name(&reply.body).is_ok_and(|root| root == "user"),
        // Whatever is no list of several users: one, or a word for none.
        _ => !reply.body.trim_ascii_start().starts_with(b"["),
    };
    let users: Vec<User> =
        if alone { reply::decode_optional(reply)?.into_iter().collect() } else { decode_list(reply)? };
    // Whether case matters is not documented; an exact match is the better one.
    let name = |user: &User| user.username.clone().unwrap_or_default();
    let at = users.iter().position(|user| name(user) == username);
    let at = at.or_else(|| users.iter().position(|user| name(user).to_lowercase() == username.to_lowercase()));
    Ok(at.and_then(|at| users.into_iter().nth(at)))
}
