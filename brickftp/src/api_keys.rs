//! API keys of users.

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::request::decode_list;
use crate::{ApiKeyId, Call, Client, OffsetDateTime, Pager, Result, Secret, UserId, check};

const OF_USER: &str = "/users/{user_id}/api_keys.{format}";
const KEY: &str = "/api_keys/{api_key_id}.{format}";

const NAME_LIMIT: usize = 100;

mft_common::open_enum! {
    /// What an API key may be used for.
    PermissionSet {
        /// The desktop application.
        DesktopApp = "desktop_app",
        /// Everything that the user may do.
        Full = "full",
    }

    /// The system that a desktop application runs on. Means something with [`PermissionSet::DesktopApp`] only.
    Platform {
        /// Windows.
        Win32 = "win32",
        /// macOS.
        Macos = "macos",
        /// Linux.
        Linux = "linux",
        /// None of them.
        None = "none",
    }
}

/// An API key of a user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// The key itself. The service tells it once, to whom creates it.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub key: Option<Secret>,
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
    /// What it may be used for.
    #[serde(default)]
    pub permission_set: Option<PermissionSet>,
    /// The system that its desktop application runs on.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// The last moment at which it is good; `None` for no end.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub expires_at: Option<OffsetDateTime>,
    /// When it was created.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub created_at: Option<OffsetDateTime>,
}

/// An API key to be created.
///
/// # Examples
///
/// ```
/// use brickftp::{NewApiKey, PermissionSet};
///
/// let key = NewApiKey::new("nightly export").permission_set(PermissionSet::Full);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new key does nothing until it is given to `create`"]
pub struct NewApiKey {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission_set: Option<PermissionSet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<Platform>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<OffsetDateTime>,
}

impl NewApiKey {
    /// A key that is called so, at most 100 characters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), permission_set: None, platform: None, expires_at: None }
    }

    /// What it may be used for. What it is where nothing is said is not documented.
    pub fn permission_set(mut self, permissions: PermissionSet) -> Self {
        self.permission_set = Some(permissions);
        self
    }

    /// The system that its desktop application runs on. Where nothing is said it is [`Platform::None`].
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// The last moment at which it is good. Unset it has no end.
    pub fn expires_at(mut self, moment: OffsetDateTime) -> Self {
        self.expires_at = Some(moment);
        self
    }

    fn check(&self) -> Result<()> {
        check::name("name", &self.name, NAME_LIMIT)
    }
}

/// Operations on API keys; from [`Client::api_keys`].
///
/// A key cannot be changed: create another one and delete the first.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct ApiKeys<'c> {
    pub(crate) client: &'c Client,
}

impl ApiKeys<'_> {
    /// Lists the API keys of a user, without the keys themselves.
    ///
    /// Calls `GET /users/{user_id}/api_keys`. The list comes in one piece.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such user.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// for key in client.api_keys().list(user).try_collect_vec().await? {
    ///     println!("{} {:?} until {:?}", key.id, key.name, key.expires_at);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, user: UserId) -> Pager<ApiKey> {
        const NAME: &str = "brickftp.api_keys.list";
        let client = self.client.clone();
        let call = move || client.call(NAME, Method::GET, OF_USER, &[&user]).safe().into_builder();
        Pager::single_by(NAME, call, decode_list)
    }

    /// Fetches one API key, without the key itself.
    ///
    /// Calls `GET /api_keys/{api_key_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such key.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// println!("{:?}", client.api_keys().get(brickftp::ApiKeyId::new(510)).await?.name);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: ApiKeyId) -> Call<ApiKey> {
        self.client.call("brickftp.api_keys.get", Method::GET, KEY, &[&id]).safe().returns()
    }

    /// Creates an API key for a user. The reply holds the key: there is no other time to learn it.
    ///
    /// Calls `POST /users/{user_id}/api_keys`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a name that is empty or longer than 100 characters;
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such user.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// use brickftp::{NewApiKey, PermissionSet};
    ///
    /// let key = client.api_keys().create(user, NewApiKey::new("ci").permission_set(PermissionSet::Full)).await?;
    /// let secret = key.key.expect("a new key is told once");
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, user: UserId, key: NewApiKey) -> Call<ApiKey> {
        self.client
            .call("brickftp.api_keys.create", Method::POST, OF_USER, &[&user])
            .non_idempotent()
            .check(key.check())
            .body("api-key", &key)
            .creates()
    }

    /// Deletes an API key. Who still uses it is refused from then on.
    ///
    /// Calls `DELETE /api_keys/{api_key_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such key before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, key: brickftp::ApiKeyId) -> brickftp::Result<()> {
    /// client.api_keys().delete(key).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: ApiKeyId) -> Call<()> {
        self.client.call("brickftp.api_keys.delete", Method::DELETE, KEY, &[&id]).deletes()
    }
}
