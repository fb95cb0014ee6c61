//! API keys of users.

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::codec::CallExt as _;
use crate::codec::response::{decode_created, decode_list, decode_nothing, decode_object};
use crate::{ApiKeyId, Call, Client, OffsetDateTime, Pager, Result, Secret, UserId, validation};

const OF_USER: &str = "/users/{user_id}/api_keys.{format}";
const KEY: &str = "/api_keys/{api_key_id}.{format}";

const NAME_LIMIT: usize = 100;

mft_common::open_enum! {
    /// Scope of an API key.
    PermissionSet {
        /// The desktop application only.
        DesktopApp = "desktop_app",
        /// All operations that the user can call.
        Full = "full",
    }

    /// Platform of a desktop application. Only used with [`PermissionSet::DesktopApp`].
    Platform {
        /// Windows.
        Win32 = "win32",
        /// macOS.
        Macos = "macos",
        /// Linux.
        Linux = "linux",
        /// No platform.
        None = "none",
    }
}

/// An API key of a user.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// The key itself. The service returns it only in the response to its creation.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub key: Option<Secret>,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// The scope.
    #[serde(default)]
    pub permission_set: Option<PermissionSet>,
    /// The platform of its desktop application.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// The expiration time, inclusive. `None` if the key does not expire.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub expires_at: Option<OffsetDateTime>,
    /// The creation time.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub created_at: Option<OffsetDateTime>,
}

/// Request to create an API key.
///
/// # Examples
///
/// ```
/// use brickftp::{NewApiKey, PermissionSet};
///
/// let key = NewApiKey::new("nightly export").permission_set(PermissionSet::Full);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new key has no effect until it is passed to `create`"]
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
    /// Creates a request for a key with this name of at most 100 characters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), permission_set: None, platform: None, expires_at: None }
    }

    /// Sets the scope. The service does not document the default.
    pub fn permission_set(mut self, permissions: PermissionSet) -> Self {
        self.permission_set = Some(permissions);
        self
    }

    /// Sets the platform of the desktop application. Default: [`Platform::None`].
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// Sets the expiration time, inclusive. Default: the key does not expire.
    pub fn expires_at(mut self, moment: OffsetDateTime) -> Self {
        self.expires_at = Some(moment);
        self
    }

    fn check(&self) -> Result<()> {
        validation::name("name", &self.name, NAME_LIMIT)
    }
}

/// Operations on API keys. Returned by [`Client::api_keys`].
///
/// Keys cannot be updated. Create another key and delete the first one.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct ApiKeys<'c> {
    pub(crate) client: &'c Client,
}

impl ApiKeys<'_> {
    /// Lists the API keys of a user, without the keys themselves.
    ///
    /// Calls `GET /users/{user_id}/api_keys`. The service returns the list in a single response.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the user does not exist.
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
        let call = move || client.call(NAME, Method::GET, OF_USER, &[&user]).safe();
        Pager::single_by(NAME, call, decode_list)
    }

    /// Returns an API key, without the key itself.
    ///
    /// Calls `GET /api_keys/{api_key_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the key does not exist.
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
        self.client.call("brickftp.api_keys.get", Method::GET, KEY, &[&id]).safe().decode(decode_object)
    }

    /// Creates an API key for a user. The response is the only one that contains the key itself.
    ///
    /// Calls `POST /users/{user_id}/api_keys`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is empty or longer than 100 characters,
    /// and with [`NotFound`](crate::ErrorKind::NotFound) if the user does not exist.
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
            .encode(self.client.request_format(), "api-key", &key)
            .decode(decode_created)
    }

    /// Deletes an API key. Calls with this key fail from then on.
    ///
    /// Calls `DELETE /api_keys/{api_key_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the key did not exist before the first attempt.
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
        self.client.call("brickftp.api_keys.delete", Method::DELETE, KEY, &[&id]).deletes_by(decode_nothing)
    }
}
