use std::fmt;

use crate::deliveries::DeliverySettings;

/// How a simulator behaves where the service leaves a choice, or where its documentation contradicts itself.
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
    pub(crate) full_replies: bool,
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
            unknown_after: UnknownAfter::Refuse,
            ignore_after: false,
            page_cap: None,
            get_one: false,
            created: false,
            empty_objects: false,
            duplicate_usernames: false,
            full_replies: false,
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

/// What `next_uri` of a list looks like when there is more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextUri {
    /// As the documented examples have it, route by route: `/v1/buckets?after=…`, but `/api/v1/users?after=…`, which is no
    /// route and has lost the bucket.
    #[default]
    Documented,
    /// Missing, although there is more.
    Absent,
    /// Null.
    Null,
    /// A complete URL on a host that is not the simulator's.
    OtherHost,
    /// The text `next-uri-here`, as the documentation of the renamed product has it.
    Placeholder,
}

/// What happens to a `limit` outside of 1 to 1000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageLimits {
    /// Above 1000 it counts as 1000, as the guide can be read; below 1 it is refused with 422.
    #[default]
    Documented,
    /// It is refused with 422.
    Refuse,
    /// The nearest that is allowed counts.
    Clamp,
}

/// What happens to an `after` that never was in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownAfter {
    /// It is refused with 422.
    #[default]
    Refuse,
    /// The list starts from its beginning.
    FirstPage,
    /// The page is empty, and the last one.
    Empty,
}
