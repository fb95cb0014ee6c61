//! What the service says of an FTP account.

use serde::Deserialize;

use crate::{BucketId, WrapRule, lenient, wrap_rules};

mft_common::id! {
    /// An FTP account: its UUID, treated as opaque.
    FtpAccountId
}

/// A login to a bucket over FTP, or to a folder of it.
///
/// Only the UUID is certain to be there. A missing value means "not said in this reply", never "empty". The password is
/// in no reply.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FtpAccount {
    /// The UUID.
    pub uuid: FtpAccountId,
    /// The name to log in with. **Not the one that was asked for:** the service extends it, `camera1` becomes something
    /// like `camera1_k8`. Never look for an account by the name that you gave it; keep its UUID.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub name: Option<String>,
    /// The bucket.
    #[serde(default)]
    pub bucket_uuid: Option<BucketId>,
    /// What the account sees, **behind the bucket's name**: `cam1` in the bucket `media-archive` becomes
    /// `media-archive/cam1`.
    #[serde(default, deserialize_with = "lenient::optional_text")]
    pub path: Option<String>,
    /// Whether it can log in.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub login_allowed: Option<bool>,
    /// Whether it can only read.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub is_readonly: Option<bool>,
    /// From where it can log in; see [`has_wrap_rules`](Self::has_wrap_rules) before comparing.
    #[serde(default)]
    pub wrap_rules: Option<Vec<WrapRule>>,
    /// A count of what the service does not say. Not part of lists.
    #[serde(default, deserialize_with = "lenient::optional_count")]
    pub count: Option<u64>,
}

impl FtpAccount {
    /// Whether the account has what the service makes of these rules: the same addresses for each type, in any order
    /// and in any number of rules. False where this reply tells no rules.
    ///
    /// The service rewrites the rules that it is sent. The one case that it shows is counted in: where addresses are
    /// allowed and none denied, it denies `all` others. So an account that allows addresses and denies none is never
    /// what was asked for: whether it is open to everybody is not documented. Different spellings of one range are the
    /// same.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn check(account: &stook::FtpAccount) {
    /// use stook::WrapRule;
    ///
    /// // True of an account that was created with this rule, and has it as `deny all` and `allow 198.51.100.7` now.
    /// let as_asked = account.has_wrap_rules(&[WrapRule::allow(["198.51.100.7"])]);
    /// # }
    /// ```
    #[must_use]
    pub fn has_wrap_rules(&self, rules: &[WrapRule]) -> bool {
        self.wrap_rules.as_deref().is_some_and(|known| wrap_rules::are_kept(rules, known))
    }

    /// An account of which a reply says nothing.
    pub(crate) fn untold(uuid: FtpAccountId) -> Self {
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
