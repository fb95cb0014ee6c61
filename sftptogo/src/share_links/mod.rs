//! Share links: links to files and folders for web browsers.

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

/// Operations on share links. Returned by [`Client::share_links`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
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
    /// The service documents no errors for this call. See [`Error`](crate::Error).
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
    /// Calls `POST /portal-links`. Only the response to this call contains the password, if one is set.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if a folder path does not end with `/` or a file path
    /// does. Fails with [`Rejected`](crate::ErrorKind::Rejected) if the password violates the organization's policy, and
    /// most likely with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the plan does not include share
    /// links.
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
            .check(link.validate())
            .json_body(&link)
            .json()
    }

    /// Returns a share link.
    ///
    /// Calls `GET /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the link does not exist or has reached its access limit.
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
        self.client.call("sftptogo.share_links.get", Method::GET, LINK, &[&id]).safe().json()
    }

    /// Updates a share link. Unset fields are left unchanged.
    ///
    /// Calls `PATCH /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no field set, with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the link does not exist, and with
    /// [`Rejected`](crate::ErrorKind::Rejected) if the password violates the policy.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::ShareLinkId) -> sftptogo::Result<()> {
    /// use sftptogo::{SharePermission, ShareLinkUpdate};
    ///
    /// let update = ShareLinkUpdate::new().permission(SharePermission::ReadWrite).never_expires();
    /// client.share_links().update(&id, update).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &ShareLinkId, update: ShareLinkUpdate) -> Call<ShareLink> {
        self.client
            .call("sftptogo.share_links.update", Method::PATCH, LINK, &[&id])
            .idempotent()
            .check(update.validate())
            .json_body(&update)
            .json()
    }

    /// Deletes a share link. The file or folder is not deleted.
    ///
    /// Calls `DELETE /portal-links/{share_link_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the first attempt finds no such link. A retry that finds
    /// none is a success.
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
        self.client.call("sftptogo.share_links.delete", Method::DELETE, LINK, &[&id]).deletes()
    }
}
