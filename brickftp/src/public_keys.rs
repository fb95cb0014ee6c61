//! SSH public keys of users.

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::request::decode_list;
use crate::{Call, Client, OffsetDateTime, Pager, PublicKeyId, Result, UserId, check};

const OF_USER: &str = "/users/{user_id}/public_keys.{format}";
const KEY: &str = "/public_keys/{public_key_id}.{format}";

const TITLE_LIMIT: usize = 50;

/// An SSH public key of a user. The service does not tell the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PublicKey {
    /// The id.
    pub id: PublicKeyId,
    /// What it is called.
    #[serde(default)]
    pub title: Option<String>,
    /// The fingerprint: MD5 as pairs of digits with colons between them, in all examples.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// When it was added.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub created_at: Option<OffsetDateTime>,
}

/// An SSH public key to be added.
///
/// # Examples
///
/// ```
/// let key = brickftp::NewPublicKey::new("laptop", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== ada@laptop");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new key does nothing until it is given to `create`"]
pub struct NewPublicKey {
    title: String,
    public_key: String,
}

impl NewPublicKey {
    /// A key that is called so, at most 50 characters, given as one line of OpenSSH such as `ssh-rsa AAAA…`.
    pub fn new(title: impl Into<String>, public_key: impl Into<String>) -> Self {
        let public_key = check::without_line_end(&public_key.into()).to_owned();
        Self { title: title.into(), public_key }
    }

    /// What is certainly no public key never leaves this machine: a private key by mistake above all.
    fn check(&self) -> Result<()> {
        check::name("title", &self.title, TITLE_LIMIT)?;
        check::public_key("public_key", &self.public_key)
    }
}

/// Operations on SSH public keys; from [`Client::public_keys`].
///
/// A key cannot be changed: add another one and delete the first.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct PublicKeys<'c> {
    pub(crate) client: &'c Client,
}

impl PublicKeys<'_> {
    /// Lists the SSH public keys of a user.
    ///
    /// Calls `GET /users/{user_id}/public_keys`. The list comes in one piece.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such user.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// for key in client.public_keys().list(user).try_collect_vec().await? {
    ///     println!("{} {:?}", key.id, key.fingerprint);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, user: UserId) -> Pager<PublicKey> {
        const NAME: &str = "brickftp.public_keys.list";
        let client = self.client.clone();
        let call = move || client.call(NAME, Method::GET, OF_USER, &[&user]).safe().into_builder();
        Pager::single_by(NAME, call, decode_list)
    }

    /// Fetches one SSH public key.
    ///
    /// Calls `GET /public_keys/{public_key_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such key.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// println!("{:?}", client.public_keys().get(brickftp::PublicKeyId::new(77)).await?.title);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: PublicKeyId) -> Call<PublicKey> {
        self.client.call("brickftp.public_keys.get", Method::GET, KEY, &[&id]).safe().returns()
    }

    /// Adds an SSH public key, with which the user may then log in over SFTP.
    ///
    /// Calls `POST /users/{user_id}/public_keys`.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput), which does not show the text, for a private key, for more than
    /// one line, for the format of RFC 4716, and for a title that is empty or longer than 50 characters;
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such user.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> std::io::Result<()> {
    /// use brickftp::NewPublicKey;
    ///
    /// let line = std::fs::read_to_string("/home/ada/.ssh/id_rsa.pub")?;
    /// let key = NewPublicKey::new("laptop", line.trim());
    /// let key = client.public_keys().create(user, key).await.map_err(std::io::Error::other)?;
    /// println!("{:?}", key.fingerprint);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, user: UserId, key: NewPublicKey) -> Call<PublicKey> {
        self.client
            .call("brickftp.public_keys.create", Method::POST, OF_USER, &[&user])
            .non_idempotent()
            .check(key.check())
            .body("public-key", &key)
            .creates()
    }

    /// Removes an SSH public key.
    ///
    /// Calls `DELETE /public_keys/{public_key_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such key before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, key: brickftp::PublicKeyId) -> brickftp::Result<()> {
    /// client.public_keys().delete(key).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: PublicKeyId) -> Call<()> {
        self.client.call("brickftp.public_keys.delete", Method::DELETE, KEY, &[&id]).deletes()
    }
}
