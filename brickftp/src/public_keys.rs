//! SSH public keys of users.

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::codec::CallExt as _;
use crate::codec::response::{decode_created, decode_list, decode_nothing, decode_object};
use crate::{Call, Client, OffsetDateTime, Pager, PublicKeyId, Result, UserId, validation};

const OF_USER: &str = "/users/{user_id}/public_keys.{format}";
const KEY: &str = "/public_keys/{public_key_id}.{format}";

const TITLE_LIMIT: usize = 50;

/// An SSH public key of a user. The service does not return the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PublicKey {
    /// The id.
    pub id: PublicKeyId,
    /// The title.
    #[serde(default)]
    pub title: Option<String>,
    /// The fingerprint: MD5 as colon-separated pairs of hexadecimal digits in all examples.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// The creation time.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub created_at: Option<OffsetDateTime>,
}

/// Request to add an SSH public key.
///
/// # Examples
///
/// ```
/// let key = brickftp::NewPublicKey::new("laptop").openssh("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ== ada@laptop");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new key has no effect until it is passed to `create`"]
pub struct NewPublicKey {
    title: String,
    public_key: String,
}

impl NewPublicKey {
    /// Creates a request for a key with this title of at most 50 characters.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), public_key: String::new() }
    }

    /// Sets the key, as one OpenSSH line such as `ssh-rsa AAAA…`, with or without a line end. Required.
    pub fn openssh(mut self, line: impl Into<String>) -> Self {
        validation::without_line_end(&line.into()).clone_into(&mut self.public_key);
        self
    }

    /// Rejects text that is not a public key, above all a private key, before anything is sent.
    fn check(&self) -> Result<()> {
        validation::name("title", &self.title, TITLE_LIMIT)?;
        validation::public_key("public_key", &self.public_key)
    }
}

/// Operations on SSH public keys. Returned by [`Client::public_keys`].
///
/// Keys cannot be updated. Add another key and delete the first one.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct PublicKeys<'c> {
    pub(crate) client: &'c Client,
}

impl PublicKeys<'_> {
    /// Lists the SSH public keys of a user.
    ///
    /// Calls `GET /users/{user_id}/public_keys`. The service returns the list in a single response.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the user does not exist.
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
        let call = move || client.call(NAME, Method::GET, OF_USER, &[&user]).safe();
        Pager::single_by(NAME, call, decode_list)
    }

    /// Returns one SSH public key.
    ///
    /// Calls `GET /public_keys/{public_key_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the key does not exist.
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
        self.client.call("brickftp.public_keys.get", Method::GET, KEY, &[&id]).safe().decode(decode_object)
    }

    /// Adds an SSH public key. The user can then log in over SFTP with it.
    ///
    /// Calls `POST /users/{user_id}/public_keys`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput), which does not contain the text, if the key is
    /// missing, is a private key, has more than one line or has the format of RFC 4716, or if the title is empty or
    /// longer than 50 characters. Fails with [`NotFound`](crate::ErrorKind::NotFound) if the user does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> std::io::Result<()> {
    /// use brickftp::NewPublicKey;
    ///
    /// let line = std::fs::read_to_string("/home/ada/.ssh/id_rsa.pub")?;
    /// let key = NewPublicKey::new("laptop").openssh(line);
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
            .encode(self.client.request_format(), "public-key", &key)
            .decode(decode_created)
    }

    /// Deletes an SSH public key.
    ///
    /// Calls `DELETE /public_keys/{public_key_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the key did not exist before the first attempt.
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
        self.client.call("brickftp.public_keys.delete", Method::DELETE, KEY, &[&id]).deletes_by(decode_nothing)
    }
}
