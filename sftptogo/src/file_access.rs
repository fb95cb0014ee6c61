//! Endpoints and logins for file access over SFTP, FTPS and S3. The API itself transfers no files.

use std::fmt;

use mft_common::provider::required_variable;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::{Credential, Error, Result, Secret};

/// The endpoints for the files of a credential, derived from the API response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileAccess {
    /// SFTP, with the password or an SSH key.
    pub sftp: Endpoint,
    /// FTPS, with the password: explicit TLS, passive mode only. Not available on every server.
    pub ftps: Endpoint,
    /// The S3 API. Only for the root credential, and only if the plan includes it.
    pub s3: Option<S3Storage>,
}

/// Host, port and user name of a file server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Alternative ports for networks that block the default port.
    pub alternate_ports: &'static [u16],
    /// The user name for the login.
    pub user_name: String,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.user_name, self.host, self.port)
    }
}

/// The location of the files in Amazon S3. Access keys are available in the dashboard only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct S3Storage {
    /// The regional endpoint of Amazon S3.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The region, parsed from the bucket name.
    pub region: String,
    /// The bucket. An object key is the path without its leading slash.
    pub bucket: String,
}

impl Credential {
    /// Returns the endpoints for the credential's files, or `None` if the response contains no host.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(credential: &sftptogo::Credential) {
    /// if let Some(access) = credential.file_access() {
    ///     println!("sftp -P {} {}@{}", access.sftp.port, access.sftp.user_name, access.sftp.host);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn file_access(&self) -> Option<FileAccess> {
        let host = self.host.as_deref().filter(|host| !host.is_empty())?;
        let endpoint = |port, alternate_ports| Endpoint {
            host: host.to_owned(),
            port,
            alternate_ports,
            user_name: self.login_name().to_owned(),
        };
        Some(FileAccess { sftp: endpoint(22, &[2222, 22000]), ftps: endpoint(21, &[]), s3: self.s3_storage() })
    }

    /// The root credential's home directory is its bucket, named `sftptg-prod-{region}-{organization_id}`.
    fn s3_storage(&self) -> Option<S3Storage> {
        let bucket = self.home_directory.as_deref().filter(|_| self.is_default)?.trim_matches('/');
        let organization = self.organization_id.as_ref()?.as_str();
        let region = bucket.strip_prefix("sftptg-prod-")?.strip_suffix(organization)?.strip_suffix('-')?;
        if region.is_empty() || region.contains('/') {
            return None;
        }
        Some(S3Storage {
            host: format!("s3.{region}.amazonaws.com"),
            port: 443,
            region: region.to_owned(),
            bucket: bucket.to_owned(),
        })
    }
}

/// A login in the form in which Heroku provides it to applications, in `SFTPTOGO_URL`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileLogin {
    /// The host.
    pub host: String,
    /// The port. 22 if the URL contains none.
    pub port: u16,
    /// The user name for the login.
    pub user_name: String,
    /// The password.
    pub password: Secret,
}

impl FileLogin {
    /// Reads `SFTPTOGO_URL`. The variable may contain an old password after the API rotated the root password.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the variable is missing or is not of the form
    /// `sftp://user:password@host`.
    pub fn from_env() -> Result<Self> {
        Self::from_url(&Secret::new(required_variable("SFTPTOGO_URL")?))
    }

    /// Parses a URL of the form `sftp://user:password@host[:port]`. Percent-decodes the user name and the password.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the URL has another form. The error does not
    /// contain the URL.
    ///
    /// # Examples
    ///
    /// ```
    /// use sftptogo::{FileLogin, Secret};
    ///
    /// let login = FileLogin::from_url(&Secret::from("sftp://robot:example-only@files.example.net"))?;
    /// assert_eq!((login.host.as_str(), login.port), ("files.example.net", 22));
    /// # Ok::<(), sftptogo::Error>(())
    /// ```
    pub fn from_url(url: &Secret) -> Result<Self> {
        let invalid = |problem: &str| Error::invalid_input("SFTPTOGO_URL", problem);
        let url = Url::parse(url.expose()).map_err(|_| invalid("is not a URL"))?;
        if url.scheme() != "sftp" {
            return Err(invalid("must start with sftp://"));
        }
        let decode = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
        let user_name = decode(url.username()).map_err(|_| invalid("has a user name that is not UTF-8"))?;
        let password =
            decode(url.password().unwrap_or_default()).map_err(|_| invalid("has a password that is not UTF-8"))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| invalid("has no host"))?;
        if user_name.is_empty() || password.is_empty() {
            return Err(invalid("has no user name or no password"));
        }
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(22), user_name, password: password.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(json: &str) -> Credential {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn only_the_root_credential_has_s3_storage() {
        let root = r#"{"Id":"1","IsDefault":true,"OrganizationId":"0b6f-4a5b","Host":"quiet-meadow-40417.sftptogo.com",
            "HomeDirectory":"/sftptg-prod-eu-west-1-0b6f-4a5b","UserName":"robot"}"#;
        let access = credential(root).file_access().unwrap();
        assert_eq!(access.sftp.to_string(), "robot@quiet-meadow-40417.sftptogo.com:22");
        assert_eq!((access.sftp.alternate_ports, access.ftps.port), (&[2222, 22000][..], 21));
        let s3 = access.s3.unwrap();
        assert_eq!((s3.host.as_str(), s3.region.as_str()), ("s3.eu-west-1.amazonaws.com", "eu-west-1"));
        assert_eq!(s3.bucket, "sftptg-prod-eu-west-1-0b6f-4a5b");
        for other in
            [root.replace("true", "false"), root.replace("/sftptg-prod-", "/home/"), root.replace("eu-west-1-", "")]
        {
            assert_eq!(credential(&other).file_access().unwrap().s3, None, "{other}");
        }
        assert_eq!(credential(r#"{"Id":"1"}"#).file_access(), None);
    }

    #[test]
    fn decodes_the_url_and_never_shows_it() {
        let login = FileLogin::from_url(&"sftp://ro%40bot:p%3A%2Fw@host.example:2222".into()).unwrap();
        assert_eq!((login.user_name.as_str(), login.password.expose(), login.port), ("ro@bot", "p:/w", 2222));
        assert_eq!(FileLogin::from_url(&"sftp://a:b@h".into()).unwrap().port, 22);
        for url in
            ["", "h", "https://a:hunter2@h", "sftp://a@h", "sftp://:hunter2@h", "sftp://a:hunter2%ff@h", "sftp:///x"]
        {
            let error = FileLogin::from_url(&url.into()).unwrap_err();
            assert!(error.is_invalid_input() && !error.to_string().contains("hunter2"), "{url}: {error}");
        }
    }
}
