//! Bundles: public links to files and folders. The web interface calls them `QuickShare`.

mod input;
mod model;

use http::Method;

pub use input::{BundleAccess, NewBundle};
pub use model::{Bundle, BundleEntry, BundleId};

use crate::codec::CallExt as _;
use crate::codec::response::{decode_created, decode_list, decode_nothing, decode_object};
use crate::path::{FILE_LIMIT, check};
use crate::{Call, Client, Pager};

const BUNDLES: &str = "/bundles.{format}";
const BUNDLE: &str = "/bundles/{bundle_id}.{format}";
const ROOT: &str = "/bundles/folders.{format}";
const FOLDER: &str = "/bundles/folders/{*path}";
const FILES: &str = "/bundles/files.{format}";

/// Operations on bundles. Returned by [`Client::bundles`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Bundles<'c> {
    pub(crate) client: &'c Client,
}

impl Bundles<'_> {
    /// Lists all bundles of the site.
    ///
    /// Calls `GET /bundles`.
    ///
    /// # Errors
    ///
    /// The service documents no errors for this call. See [`Error`](crate::Error).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut bundles = client.bundles().list();
    /// while let Some(bundle) = bundles.try_next().await? {
    ///     println!("{} {}", bundle.url.unwrap_or_default(), bundle.paths.join(", "));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Bundle> {
        const NAME: &str = "brickftp.bundles.list";
        let client = self.client.clone();
        Pager::single_by(NAME, move || client.call(NAME, Method::GET, BUNDLES, &[]).safe(), decode_list)
    }

    /// Returns a bundle.
    ///
    /// Calls `GET /bundles/{bundle_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the bundle does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, id: brickftp::BundleId) -> brickftp::Result<()> {
    /// println!("{:?}", client.bundles().get(id).await?.paths);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: BundleId) -> Call<Bundle> {
        self.client.call("brickftp.bundles.get", Method::GET, BUNDLE, &[&id]).safe().decode(decode_object)
    }

    /// Creates a bundle.
    ///
    /// Calls `POST /bundles`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the bundle has no path or an invalid one, and
    /// with [`Rejected`](crate::ErrorKind::Rejected) if a path does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::NewBundle;
    ///
    /// let bundle = client.bundles().create(NewBundle::new(["Press/photos", "Press/release.pdf"])).await?;
    /// println!("{}", bundle.url.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, bundle: NewBundle) -> Call<Bundle> {
        self.client
            .call("brickftp.bundles.create", Method::POST, BUNDLES, &[])
            .non_idempotent()
            .with_checked(bundle.checked(), |request, bundle| {
                request.encode(self.client.request_format(), "bundle", &bundle)
            })
            .decode(decode_created)
    }

    /// Deletes a bundle. The files are not deleted. If a retry finds it gone, the call succeeds.
    ///
    /// Calls `DELETE /bundles/{bundle_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the bundle did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, id: brickftp::BundleId) -> brickftp::Result<()> {
    /// client.bundles().delete(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: BundleId) -> Call<()> {
        self.client.call("brickftp.bundles.delete", Method::DELETE, BUNDLE, &[&id]).deletes_by(decode_nothing)
    }

    /// Lists the direct entries of a folder in a bundle. The empty path is the bundle's root.
    ///
    /// Calls `POST /bundles/folders` for the root and `POST /bundles/folders/{path}` for a folder.
    ///
    /// # Errors
    ///
    /// The service does not document the status for a missing or wrong password. The message states that the correct
    /// password is required.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::BundleAccess;
    ///
    /// let access = BundleAccess::new("a0b1c2d3e").password("for the press only");
    /// let mut entries = client.bundles().contents(&access, "Press/photos");
    /// while let Some(entry) = entries.try_next().await? {
    ///     println!("{} {:?}", entry.path, entry.size);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn contents(&self, access: &BundleAccess, path: &str) -> Pager<BundleEntry> {
        const NAME: &str = "brickftp.bundles.contents";
        let (client, access) = (self.client.clone(), access.clone());
        let path = check("path", path, FILE_LIMIT).map(str::to_owned);
        let call = move || {
            let call = match &path {
                Ok(path) if path.is_empty() => client.call(NAME, Method::POST, ROOT, &[]),
                path => client.call(NAME, Method::POST, FOLDER, &[path]),
            };
            let body = access.request(client.host(), None);
            call.safe().check(access.check()).encode(client.request_format(), "bundle", &body)
        };
        Pager::single_by(NAME, call, decode_list)
    }

    /// Returns presigned download URLs for files in a bundle: [`BundleEntry::download_uri`]. Each is valid for three
    /// minutes and without credentials.
    ///
    /// Calls `POST /bundles/files`. The paths are those of the entries of [`Bundles::contents`].
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no path. Otherwise fails as
    /// [`Bundles::contents`] does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::BundleAccess;
    ///
    /// let access = BundleAccess::new("a0b1c2d3e");
    /// for file in client.bundles().download_urls(&access, ["Press/release.pdf"]).await? {
    ///     println!("{} can be fetched: {}", file.path, file.download_uri.is_some());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn download_urls(
        &self,
        access: &BundleAccess,
        paths: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<Vec<BundleEntry>> {
        let mut paths: Vec<String> = paths.into_iter().map(Into::into).collect();
        let validity = input::paths(&mut paths).and_then(|()| access.check());
        self.client
            .call("brickftp.bundles.download_urls", Method::POST, FILES, &[])
            .safe()
            .check(validity)
            .encode(self.client.request_format(), "bundle", &access.request(self.client.host(), Some(&paths)))
            .decode(decode_list)
    }
}
