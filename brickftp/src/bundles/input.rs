//! Requests about bundles.

use serde::Serialize;

use crate::path::{FILE_LIMIT, check_below_root};
use crate::{Error, Result, Secret};

/// Request to create a bundle.
///
/// # Examples
///
/// ```
/// use brickftp::NewBundle;
///
/// let bundle = NewBundle::new(["Press/photos", "Press/release.pdf"]).password("for the press only");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new bundle has no effect until it is passed to `create`"]
pub struct NewBundle {
    paths: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password: Option<Secret>,
}

impl NewBundle {
    /// Creates a request for a bundle of these files and folders. At least one path is required.
    pub fn new(paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), password: None }
    }

    /// Sets a password. The service never returns it.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Checks the request and removes leading slashes.
    pub(super) fn checked(mut self) -> Result<Self> {
        paths(&mut self.paths)?;
        password(self.password.as_ref())?;
        Ok(self)
    }
}

/// Code of a bundle, with the password if it is protected.
///
/// # Examples
///
/// ```
/// use brickftp::BundleAccess;
///
/// let open = BundleAccess::new("a0b1c2d3e");
/// let protected = BundleAccess::new("a0b1c2d3e").password("for the press only");
/// let of_another_site = BundleAccess::new("a0b1c2d3e").host("partner.brickftp.com");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "bundle access has no effect until it is passed to a call"]
pub struct BundleAccess {
    code: String,
    host: Option<String>,
    password: Option<Secret>,
}

impl BundleAccess {
    /// Creates the access to a bundle by its code: [`Bundle::code`](crate::Bundle::code), the end of its link.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), host: None, password: None }
    }

    /// Sets the host name of the bundle's site. Default: the client's own, `SUBDOMAIN.brickftp.com`.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Sets the password of the bundle.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    pub(super) fn request<'a>(&'a self, own_host: &'a str, paths: Option<&'a [String]>) -> BundleRequest<'a> {
        BundleRequest {
            code: &self.code,
            host: self.host.as_deref().unwrap_or(own_host),
            paths,
            password: self.password.clone(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.code.is_empty() {
            return Err(Error::invalid_input("code", "is empty"));
        }
        if self.host.as_deref() == Some("") {
            return Err(Error::invalid_input("host", "is empty"));
        }
        password(self.password.as_ref())
    }
}

/// The body of the calls that read a bundle.
#[derive(Serialize)]
pub(super) struct BundleRequest<'a> {
    code: &'a str,
    host: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password: Option<Secret>,
}

/// Checks paths and removes leading slashes.
pub(super) fn paths(paths: &mut [String]) -> Result<()> {
    if paths.is_empty() {
        return Err(Error::invalid_input("paths", "is empty"));
    }
    for (index, path) in paths.iter_mut().enumerate() {
        let normalized = check_below_root(&format!("paths[{index}]"), path, FILE_LIMIT)?;
        if normalized.len() < path.len() {
            *path = normalized.to_owned();
        }
    }
    Ok(())
}

fn password(password: Option<&Secret>) -> Result<()> {
    if password.is_some_and(Secret::is_empty) {
        return Err(Error::invalid_input("password", "is empty"));
    }
    Ok(())
}
