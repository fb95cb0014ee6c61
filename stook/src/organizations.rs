//! Organizations: whose UUIDs all the other operations need.

use http::Method;
use serde::Deserialize;

use crate::{Client, OrganizationId, Pager, envelope, lenient};

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Organization {
    /// The UUID, which a client is made with.
    pub uuid: OrganizationId,
    /// The name.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
}

/// Operations on organizations; from [`Client::organizations`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Organizations<'c> {
    pub(crate) client: &'c Client,
}

impl Organizations<'_> {
    /// Lists the organizations of whoever the client is. It needs none of its own for that: any UUID will do to make it.
    ///
    /// Calls `GET /api/v1/organizations`. Assumed: all of it, from another client of the vendor's API; also that pages
    /// follow one another by `page`, and that `limit` sets their size.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error); nothing is documented for this call.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// let mut organizations = client.organizations().list();
    /// while let Some(organization) = organizations.try_next().await? {
    ///     println!("{} {}", organization.uuid, organization.name.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Organization> {
        const NAME: &str = "stook.organizations.list";
        let client = self.client.clone();
        Pager::by_cursor(
            NAME,
            None,
            move |page, size| {
                let call = client.pipeline().call(NAME, Method::GET, "/api/v1/organizations", &[]).safe();
                let call = envelope::at_page(call, page);
                match size {
                    Some(size) => call.query("limit", &size.to_string()),
                    None => call,
                }
            },
            envelope::decode_list,
        )
    }
}
