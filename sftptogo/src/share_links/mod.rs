//! Share links: files and folders for people with a browser.

mod input;
mod model;

use http::Method;

pub use input::{NewShareLink, ShareLinkUpdate};
pub use model::{
    AccessLimit, AccountCreator, CreatedBy, PrincipalCreator, ShareLink, ShareLinkId, ShareLinkState, ShareLinkType,
    SharePermission,
};

use crate::{Call, Client, Pager};

const LINKS: &str = "/organizations/{organization_id}/portal-links";
const LINK: &str = "/organizations/{organization_id}/portal-links/{share_link_id}";

/// Operations on share links; from [`Client::share_links`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct ShareLinks<'c> {
    pub(crate) client: &'c Client,
}

impl ShareLinks<'_> {
    /// Lists all share links.
    ///
    /// Calls `GET /portal-links`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error); nothing is documented for this call alone.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// let mut links = client.share_links().list();
    /// while let Some(link) = links.try_next().await? {
    ///     println!("{:?} was opened {} times", link.path, link.access_count);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<ShareLink> {
        const NAME: &str = "sftptogo.share_links.list";
        let client = self.client.clone();
        Pager::single(NAME, move || client.call(NAME, Method::GET, LINKS, &[]).safe())
    }

    /// Creates a share link.
    ///
    /// Calls `POST /portal-links`. A password that was set is in the reply to this call and in no other.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where a folder's path does not end with `/` or a file's does;
    /// [`Rejected`](crate::ErrorKind::Rejected) for a password against the organization's policy;
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) most likely where the plan has no share links.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// use std::time::{Duration, SystemTime};
    ///
    /// use sftptogo::{NewShareLink, SharePermission};
    ///
    /// let in_a_week = SystemTime::now() + Duration::from_secs(7 * 24 * 60 * 60);
    /// let link = client
    ///     .share_links()
    ///     .create(NewShareLink::folder("/outbox/q3/", SharePermission::ReadOnly).expires_at(in_a_week))
    ///     .await?;
    /// println!("{}", link.url.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, link: NewShareLink) -> Call<ShareLink> {
        self.client
            .call("sftptogo.share_links.create", Method::POST, LINKS, &[])
            .non_idempotent()
            .check(link.check())
            .json_body(&link)
            .json()
    }

    /// Fetches one share link.
    ///
    /// Calls `GET /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound), also once the link was opened as often as its limit says.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::ShareLinkId) -> sftptogo::Result<()> {
    /// let link = client.share_links().get(&id).await?;
    /// println!("{:?} {:?}", link.state, link.access_limit);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get(&self, id: &ShareLinkId) -> Call<ShareLink> {
        self.client.call("sftptogo.share_links.get", Method::GET, LINK, &[id.as_str()]).safe().json()
    }

    /// Changes what the update names and leaves the rest.
    ///
    /// Calls `PATCH /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound); [`Rejected`](crate::ErrorKind::Rejected) for a password against the
    /// policy. An update that names nothing is [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::ShareLinkId) -> sftptogo::Result<()> {
    /// use sftptogo::{SharePermission, ShareLinkUpdate};
    ///
    /// let change = ShareLinkUpdate::new().permission(SharePermission::ReadWrite).never_expires();
    /// client.share_links().update(&id, change).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &ShareLinkId, update: ShareLinkUpdate) -> Call<ShareLink> {
        self.client
            .call("sftptogo.share_links.update", Method::PATCH, LINK, &[id.as_str()])
            .idempotent()
            .check(update.check())
            .json_body(&update)
            .json()
    }

    /// Deletes a share link; the file or folder stays. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such link before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::ShareLinkId) -> sftptogo::Result<()> {
    /// client.share_links().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &ShareLinkId) -> Call<()> {
        self.client.call("sftptogo.share_links.delete", Method::DELETE, LINK, &[id.as_str()]).deletes()
    }
}
