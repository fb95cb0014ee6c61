//! FTP accounts as the service returns them.

use serde::Deserialize;

use crate::{BucketId, WrapRule, lenient, wrap_rules};

mft_common::id! {
    /// Identifies an FTP account. The text is a UUID; treat it as opaque.
    FtpAccountId
}

/// A login to a bucket, or to a folder of it, over FTP.
///
/// Only the UUID is always present. `None` means that the response does not contain the value, not that it is empty. No
/// response contains the password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FtpAccount {
    /// The UUID.
    pub uuid: FtpAccountId,
    /// The login name. **It differs from the requested name:** the service extends it, for example from `camera1` to
    /// `camera1_k8`. Keep the UUID to find the account again.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// The bucket.
    #[serde(default)]
    pub bucket_uuid: Option<BucketId>,
    /// The path that the account can access, **prefixed with the name of the bucket**: `cam1` in the bucket
    /// `media-archive` becomes `media-archive/cam1`.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub path: Option<String>,
    /// Whether the account can log in.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub login_allowed: Option<bool>,
    /// Whether the account is read-only.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub is_readonly: Option<bool>,
    /// The wrap rules: the addresses that may log in. Compare them with [`has_wrap_rules`](Self::has_wrap_rules).
    #[serde(default)]
    pub wrap_rules: Option<Vec<WrapRule>>,
    /// A count whose meaning is not documented. Lists do not contain it.
    #[serde(default, deserialize_with = "lenient::optional_count")]
    pub count: Option<u64>,
}

impl FtpAccount {
    /// Returns whether the account has these rules after the service has rewritten them: the same addresses for each type,
    /// in any order and in any number of rules. Returns `false` if the response contains no rules.
    ///
    /// The documentation shows one case of rewriting, which is taken into account: if addresses are allowed and none is
    /// denied, the service denies `all` others. An account that allows addresses and denies none therefore never matches;
    /// whether it accepts all other addresses is not documented. Different notations of one range are equal.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn check(account: &stook::FtpAccount) {
    /// use stook::WrapRule;
    ///
    /// // True for an account that was created with this rule and now has `deny all` and `allow 198.51.100.7`.
    /// let is_applied = account.has_wrap_rules(&[WrapRule::allow(["198.51.100.7"])]);
    /// # }
    /// ```
    #[must_use]
    pub fn has_wrap_rules(&self, rules: &[WrapRule]) -> bool {
        self.wrap_rules.as_deref().is_some_and(|stored| wrap_rules::is_applied(rules, stored))
    }

    /// Returns an account with only a UUID.
    pub(crate) fn only_uuid(uuid: FtpAccountId) -> Self {
        Self {
            uuid,
            name: None,
            bucket_uuid: None,
            path: None,
            login_allowed: None,
            is_readonly: None,
            wrap_rules: None,
            count: None,
        }
    }
}
