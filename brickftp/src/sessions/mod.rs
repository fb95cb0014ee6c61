//! Sessions: login and logout.

mod guard;

use http::Method;
use serde::{Deserialize, Serialize};

pub use guard::SessionGuard;

use crate::authentication::AuthenticationKind;
use crate::codec::CallExt as _;
use crate::codec::response::{decode_created, decode_nothing};
use crate::{Authentication, Call, Client, Error, Outcome, Result, Secret, validation};

const SESSIONS: &str = "/sessions.{format}";

/// The login never sends the reauthentication header: it has its own password in the body.
pub(crate) const LOGIN: &str = "brickftp.sessions.create";

/// A session. Its id authenticates as the user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// The id, sent as a cookie. The service does not document its lifetime.
    pub id: Secret,
}

/// Operations on sessions. Returned by [`Client::sessions`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Sessions<'c> {
    pub(crate) client: &'c Client,
}

impl Sessions<'_> {
    /// Logs in. Pass the id of the session to [`Authentication::session`]. [`login_guarded`](Self::login_guarded) does
    /// both.
    ///
    /// Calls `POST /sessions`, without the credentials of this client.
    ///
    /// Not retried after it may have been processed (not idempotent): a second login creates a second session.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the username or password is empty, and with
    /// [`Auth`](crate::ErrorKind::Auth) and the code `401-invalid-username-or-password` if one of them is wrong.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(password: brickftp::Secret) -> brickftp::Result<()> {
    /// use brickftp::{Authentication, Client};
    ///
    /// let anonymous = Client::builder("acme", Authentication::anonymous()).build()?;
    /// let session = anonymous.sessions().login("ada", password).await?;
    /// let client = anonymous.with_authentication(Authentication::session(session.id))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn login(&self, username: &str, password: Secret) -> Call<Session> {
        #[derive(Serialize)]
        struct Login<'l> {
            username: &'l str,
            #[serde(serialize_with = "mft_common::secret::expose")]
            password: Secret,
        }
        let (client, anonymous) = match self.client.authentication() {
            AuthenticationKind::Anonymous => (self.client.clone(), Ok(())),
            _ => match self.client.with_authentication(Authentication::anonymous()) {
                Ok(anonymous) => (anonymous, Ok(())),
                Err(error) => (self.client.clone(), Err(error)),
            },
        };
        client
            .call(LOGIN, Method::POST, SESSIONS, &[])
            .non_idempotent()
            .check(anonymous)
            .check(validation::not_empty("username", username))
            .check(validation::password("password", &password))
            .encode(self.client.request_format(), "session", &Login { username, password })
            .decode(decode_created)
    }

    /// Logs in and returns a client of the session that logs out when it is dropped.
    ///
    /// Calls `POST /sessions`. See [`SessionGuard`].
    ///
    /// # Errors
    ///
    /// Fails as [`login`](Self::login) does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, password: brickftp::Secret) -> brickftp::Result<()> {
    /// let session = client.sessions().login_guarded("ada", password).await?;
    /// println!("{} users", session.users().count().await?);
    /// session.logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn login_guarded(
        &self,
        username: &str,
        password: Secret,
    ) -> impl Future<Output = Result<SessionGuard>> + Send + 'static {
        let (client, login) = (self.client.clone(), self.login(username, password));
        async move {
            let session = login.await?;
            // The settings are already validated, so only the session id can be invalid.
            client.with_authentication(Authentication::session(session.id)).map(SessionGuard::new).map_err(|_| {
                let problem = "the session id has a character that is invalid in a cookie";
                Error::protocol(problem).within(LOGIN, Outcome::Done)
            })
        }
    }

    /// Ends the session of this client.
    ///
    /// Calls `DELETE /sessions`. The service returns success even if the session does not exist.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the client does not authenticate with a session.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(visitor: brickftp::Client) -> brickftp::Result<()> {
    /// visitor.sessions().logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn logout(&self) -> Call<()> {
        let has_session = match self.client.authentication() {
            AuthenticationKind::Session => Ok(()),
            _ => Err(Error::invalid_input("session", "is missing: the client does not authenticate with a session")),
        };
        self.client
            .call("brickftp.sessions.delete", Method::DELETE, SESSIONS, &[])
            .check(has_session)
            .deletes_by(decode_nothing)
    }
}
