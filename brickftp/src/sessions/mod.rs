//! Sessions: logging in and out.

mod logged_in;

use http::Method;
use serde::{Deserialize, Serialize};

pub use logged_in::SessionGuard;

use crate::authentication::AuthenticationKind;
use crate::{Authentication, Call, Client, Error, Outcome, Result, Secret, check};

const SESSIONS: &str = "/sessions.{format}";

/// The one call with which no password of a reauthentication ever goes: its own is in the body.
pub(crate) const LOGIN: &str = "brickftp.sessions.create";

/// A session, as a login gives it. Whoever has its id is the user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// The id, sent as a cookie from then on. How long it is good for is not documented.
    pub id: Secret,
}

/// Operations on sessions; from [`Client::sessions`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Sessions<'c> {
    pub(crate) client: &'c Client,
}

impl Sessions<'_> {
    /// Logs in. The session is then the [`Authentication`] of a client; [`login_guarded`](Self::login_guarded) does both.
    ///
    /// Calls `POST /sessions`, without the credential of this client.
    ///
    /// Not repeated once it may have been processed: a second login makes a second session.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty name or password;
    /// [`Auth`](crate::ErrorKind::Auth) with the code `401-invalid-username-or-password` where they are wrong.
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
    pub fn login(&self, username: &str, password: impl Into<Secret>) -> Call<Session> {
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
        let password = password.into();
        client
            .call(LOGIN, Method::POST, SESSIONS, &[])
            .non_idempotent()
            .check(anonymous)
            .check(check::not_empty("username", username))
            .check(check::password("password", &password))
            .body("session", &Login { username, password })
            .creates()
    }

    /// Logs in and gives a client of the session, which logs out when it is dropped.
    ///
    /// Calls `POST /sessions`; see [`SessionGuard`].
    ///
    /// # Errors
    ///
    /// As for [`login`](Self::login).
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
        password: impl Into<Secret>,
    ) -> impl Future<Output = Result<SessionGuard>> + Send + 'static {
        let (client, login) = (self.client.clone(), self.login(username, password));
        async move {
            let session = login.await?;
            // Settings and connections are good already: what can fail is the session.
            client.with_authentication(Authentication::session(session.id)).map(SessionGuard::new).map_err(|_| {
                let problem = "the session's id has a character that cannot stand in a cookie";
                Error::protocol(problem).within(LOGIN, Outcome::Done)
            })
        }
    }

    /// Ends the session of this client.
    ///
    /// Calls `DELETE /sessions`. The service answers with success even where there is no such session.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) on a client that has no session.
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
            _ => Err(Error::invalid_input("session", "is missing: this client does not authenticate with a session")),
        };
        self.client.call("brickftp.sessions.delete", Method::DELETE, SESSIONS, &[]).check(has_session).deletes()
    }
}
