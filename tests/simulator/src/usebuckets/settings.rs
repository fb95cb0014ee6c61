use std::fmt;

use crate::deliveries::DeliverySettings;

/// How a simulator behaves if the documentation of the service is silent or contradicts itself.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the builder
pub(crate) struct Settings {
    pub(crate) api_key: Option<String>,
    pub(crate) signing_secret: Option<String>,
    pub(crate) id_prefix: String,
    pub(crate) id_environment: String,
    pub(crate) host_suffix: String,
    pub(crate) next_uri: NextUri,
    pub(crate) page_limits: PageLimits,
    pub(crate) unknown_after: UnknownAfter,
    pub(crate) ignore_after: bool,
    pub(crate) page_cap: Option<usize>,
    pub(crate) get_one: bool,
    pub(crate) created: bool,
    pub(crate) empty_objects: bool,
    pub(crate) duplicate_usernames: bool,
    pub(crate) full_responses: bool,
    pub(crate) permissions_in_lists: bool,
    pub(crate) strict_payloads: bool,
    pub(crate) api_deletion: bool,
    pub(crate) delivery: DeliverySettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_key: None,
            signing_secret: None,
            id_prefix: "bio".into(),
            id_environment: "test".into(),
            host_suffix: "sftp.usebuckets.io".into(),
            next_uri: NextUri::Documented,
            page_limits: PageLimits::Documented,
            unknown_after: UnknownAfter::Reject,
            ignore_after: false,
            page_cap: None,
            get_one: false,
            created: false,
            empty_objects: false,
            duplicate_usernames: false,
            full_responses: false,
            permissions_in_lists: true,
            strict_payloads: false,
            api_deletion: true,
            delivery: DeliverySettings::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("id_prefix", &self.id_prefix)
            .field("host_suffix", &self.host_suffix)
            .field("next_uri", &self.next_uri)
            .finish_non_exhaustive()
    }
}

/// The form of `next_uri` in a list that has more pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextUri {
    /// As in the documented examples: `/v1/buckets?after=…`, but `/api/v1/users?after=…`, which is not a route and lacks
    /// the bucket.
    #[default]
    Documented,
    /// Absent.
    Absent,
    /// Null.
    Null,
    /// An absolute URL on another host.
    OtherHost,
    /// The text `next-uri-here`, as in the documentation of the renamed product.
    Placeholder,
}

/// The handling of a `limit` outside of 1 to 1000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageLimits {
    /// Clamps values above 1000, as the guide suggests. Rejects values below 1 with 422.
    #[default]
    Documented,
    /// Rejects the request with 422.
    Reject,
    /// Clamps the value to the range.
    Clamp,
}

/// The handling of an `after` that never was in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownAfter {
    /// Rejects the request with 422.
    #[default]
    Reject,
    /// Returns the first page.
    FirstPage,
    /// Returns an empty last page.
    Empty,
}
