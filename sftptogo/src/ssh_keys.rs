//! SSH public keys of credentials.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::{Call, Client, CredentialId, Deleted, Pager, UnixMillis, validation};

const KEYS: &str = "/organizations/{organization_id}/users/{credential_id}/ssh-public-keys";
const KEY: &str = "/organizations/{organization_id}/users/{credential_id}/ssh-public-keys/{key_id}";

mft_common::id! {
    /// Identifies an SSH key. UUID text in all documented examples; treat it as opaque.
    SshKeyId
}

mft_common::open_enum! {
    /// The algorithm of an SSH key.
    SshKeyType {
        /// RSA.
        Rsa = "rsa",
        /// ECDSA on a NIST curve.
        Ecdsa = "ecdsa",
        /// Ed25519.
        Ed25519 = "ed25519",
    }
}

/// An SSH public key of a credential, for logins over SFTP only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SshPublicKey {
    /// The id.
    pub id: SshKeyId,
    /// The credential that owns the key.
    #[serde(default)]
    pub user_id: Option<CredentialId>,
    /// The key as one line, as in `authorized_keys`.
    #[serde(default)]
    pub ssh_public_key_body: Option<String>,
    /// The algorithm.
    #[serde(default, rename = "Type")]
    pub key_type: Option<SshKeyType>,
    /// The comment at the end of the line.
    #[serde(default)]
    pub comment: Option<String>,
    /// The fingerprint: `SHA256:`, followed by base64.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// The time of creation.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// The time of the last change.
    #[serde(default)]
    pub updated_at: Option<UnixMillis>,
}

/// Operations on SSH keys. Returned by [`Client::ssh_keys`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct SshKeys<'c> {
    pub(crate) client: &'c Client,
}

impl SshKeys<'_> {
    /// Lists the keys of a credential.
    ///
    /// Calls `GET /users/{credential_id}/ssh-public-keys`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the credential does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, credential: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// for key in client.ssh_keys().list(&credential).try_collect_vec().await? {
    ///     println!("{}", key.fingerprint.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, credential: &CredentialId) -> Pager<SshPublicKey> {
        const NAME: &str = "sftptogo.ssh_keys.list";
        let (client, credential) = (self.client.clone(), credential.clone());
        Pager::single(NAME, move || client.call(NAME, Method::GET, KEYS, &[&credential]).safe())
    }

    /// Adds a public key to a credential. The key is one OpenSSH line such as `ssh-ed25519 AAAA… comment`, with or without
    /// a line end.
    ///
    /// Calls `POST /users/{credential_id}/ssh-public-keys`. The service accepts `ssh-rsa`, `ecdsa-sha2-nistp256`,
    /// `ecdsa-sha2-nistp384`, `ecdsa-sha2-nistp521` and `ssh-ed25519`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the text is a private key, has more than one line or
    /// is in the format of RFC 4716. The error does not contain the text. Fails with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the credential does not exist, and most likely with
    /// [`Conflict`](crate::ErrorKind::Conflict) if the credential already has the key.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, credential: sftptogo::CredentialId) -> std::io::Result<()> {
    /// let line = std::fs::read_to_string("/home/robot/.ssh/id_ed25519.pub")?;
    /// let key = client.ssh_keys().add(&credential, &line).await.map_err(std::io::Error::other)?;
    /// println!("{:?}", key.fingerprint);
    /// # Ok(())
    /// # }
    /// ```
    pub fn add(&self, credential: &CredentialId, public_key: &str) -> Call<SshPublicKey> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct NewKey<'k> {
            ssh_public_key_body: &'k str,
        }
        let public_key = validation::without_line_end(public_key);
        self.client
            .call("sftptogo.ssh_keys.add", Method::POST, KEYS, &[&credential])
            .non_idempotent()
            .check(validation::public_key("SshPublicKeyBody", public_key))
            .json_body(&NewKey { ssh_public_key_body: public_key })
            .json()
    }

    /// Removes a key from a credential.
    ///
    /// Calls `DELETE /users/{credential_id}/ssh-public-keys/{key_id}`, which returns the removed key.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the first attempt finds no such credential or key. A retry
    /// that finds none is a success.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, credential: sftptogo::CredentialId, key: sftptogo::SshKeyId)
    /// # -> sftptogo::Result<()> {
    /// let _ = client.ssh_keys().remove(&credential, &key).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove(&self, credential: &CredentialId, key: &SshKeyId) -> Call<Deleted<SshPublicKey>> {
        self.client.call("sftptogo.ssh_keys.remove", Method::DELETE, KEY, &[&credential, &key]).returns_deleted()
    }
}
