//! Organizations. All other operations need the UUID of one.

use http::Method;
use serde::Deserialize;

use crate::{Client, OrganizationId, Pager, envelope, lenient};

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Organization {
    /// The UUID, for [`Client::builder`](crate::Client::builder).
    pub uuid: OrganizationId,
    /// The name.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
}

/// Operations on organizations. Returned by [`Client::organizations`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing until one of its methods is called"]
pub struct Organizations<'c> {
    pub(crate) client: &'c Client,
}

impl Organizations<'_> {
    /// Lists the organizations of the authenticated account. The call does not use the organization of the client, so any
    /// UUID can be passed to [`Client::builder`](crate::Client::builder).
    ///
    /// Calls `GET /api/v1/organizations`.
    ///
    /// **Unverified**: the call is inferred from another client of the vendor's API, including pagination with the
    /// parameters `page` and `limit`.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error). The service documents no errors for this call.
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
