//! Authentication and permissions.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, StatusCode};

use crate::brickftp::request::SiteRequest;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::Permission;
use crate::brickftp::state::store::Store;
use crate::brickftp::state::tree::{is_within, split};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The site's API key, which belongs to no user.
    Site,
    /// A user, with an API key or a session.
    User {
        id: u64,
        by_session: bool,
    },
    Anonymous,
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessLevel {
    /// Needs no authentication.
    Open,
    /// Users, and everyone if bundles are public.
    Bundle,
    User,
    Admin,
}

/// The permissions of a caller at a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent rights
pub(crate) struct Rights {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) delete: bool,
    pub(crate) preview: bool,
    pub(crate) history: bool,
}

impl Rights {
    const ALL: Self = Self { read: true, write: true, delete: true, preview: true, history: true };

    /// Returns the letters of `permissions` in a file object. `p` is shown only without `r`.
    pub(crate) fn letters(self) -> String {
        let letters = [('p', self.preview && !self.read), ('r', self.read), ('w', self.write), ('d', self.delete)];
        letters.into_iter().filter(|(_, has)| *has).map(|(letter, _)| letter).collect()
    }

    pub(crate) fn sees(self) -> bool {
        self.read || self.preview
    }

    fn add(&mut self, permission: &str) {
        match permission {
            "full" => *self = Self::ALL,
            "readonly" => (self.read, self.preview) = (true, true),
            "writeonly" => self.write = true,
            "previewonly" => self.preview = true,
            "history" => self.history = true,
            // An unknown permission that a test stored grants nothing.
            _ => {}
        }
    }
}

impl Caller {
    pub(crate) fn user_id(&self) -> Option<u64> {
        match self {
            Self::User { id, .. } => Some(*id),
            Self::Site | Self::Anonymous => None,
        }
    }

    pub(crate) fn is_admin(&self, store: &Store) -> bool {
        match self {
            Self::Site => true,
            Self::User { id, .. } => store.users.get(id).is_some_and(|user| user.site_admin),
            Self::Anonymous => false,
        }
    }

    pub(crate) fn must_be_admin(&self, store: &Store) -> ApiResult<()> {
        if self.is_admin(store) { Ok(()) } else { Err(ApiError::permission_denied()) }
    }
}

/// Requests come from the loopback address.
pub(crate) const ADDRESS: &str = "127.0.0.1";

impl Store {
    /// Authenticates the caller as far as the operation needs it.
    pub(crate) fn admit(&self, access: AccessLevel, headers: &HeaderMap, now_ms: i64) -> ApiResult<Caller> {
        if access == AccessLevel::Open {
            return Ok(Caller::Anonymous);
        }
        let caller = self.caller(headers, now_ms)?;
        let is_public = access == AccessLevel::Bundle && self.settings.public_bundles;
        if caller == Caller::Anonymous && !is_public { Err(ApiError::unauthenticated()) } else { Ok(caller) }
    }

    /// A key takes precedence over a cookie.
    fn caller(&self, headers: &HeaderMap, now_ms: i64) -> ApiResult<Caller> {
        if let Some(value) = headers.get(AUTHORIZATION) {
            let key = value.to_str().ok().and_then(basic_user).ok_or_else(ApiError::unauthenticated)?;
            return self.caller_by_key(&key, now_ms);
        }
        let Some(id) = session_id(headers) else {
            return Ok(Caller::Anonymous);
        };
        let session = self.sessions.get(&id).filter(|session| now_ms < session.expires_at_ms);
        let session = session.ok_or_else(ApiError::unauthenticated)?;
        self.user_caller(session.user_id, true)
    }

    fn caller_by_key(&self, key: &str, now_ms: i64) -> ApiResult<Caller> {
        if self.api_key.as_deref() == Some(key) {
            return Ok(Caller::Site);
        }
        let key_record = self.api_keys.values().find(|record| record.key == key);
        // A key is valid up to and including its expiration.
        let valid = key_record.filter(|record| record.expires_at_ms.is_none_or(|end| now_ms <= end));
        self.user_caller(valid.ok_or_else(ApiError::unauthenticated)?.user_id, false)
    }

    fn user_caller(&self, id: u64, by_session: bool) -> ApiResult<Caller> {
        let user = self.users.get(&id).ok_or_else(ApiError::unauthenticated)?;
        if !user.restapi_permission || !allows(user.allowed_ips.as_deref().unwrap_or_default()) {
            return Err(ApiError::permission_denied());
        }
        Ok(Caller::User { id, by_session })
    }

    /// Checks the password that sessions must send for some operations.
    pub(crate) fn check_reauthentication(&self, request: &SiteRequest<'_>) -> ApiResult<()> {
        let Caller::User { id, by_session: true } = &request.caller else {
            return Ok(());
        };
        if !self.settings.reauthenticated.contains(request.operation.name) {
            return Ok(());
        }
        let header = request.headers().get("X-BRICK-REAUTHENTICATION").and_then(|value| value.to_str().ok());
        let problem = match header.and_then(|value| value.strip_prefix("password:")) {
            Some(password) if self.users.get(id).is_some_and(|user| user.password == password) => return Ok(()),
            Some(_) => "Reauthentication failed",
            None => "Reauthentication needed: send X-BRICK-REAUTHENTICATION with your password",
        };
        Err(ApiError::listed(StatusCode::FORBIDDEN, problem))
    }

    /// Returns the caller's permissions for a file or folder, which need not exist.
    pub(crate) fn rights(&self, caller: &Caller, path: &str, is_file: bool) -> Rights {
        if caller.is_admin(self) {
            return Rights::ALL;
        }
        let mut rights = Rights::default();
        let Some(user_id) = caller.user_id() else {
            return rights;
        };
        for permission in self.permissions.values().filter(|permission| self.concerns(permission, user_id)) {
            // A permission that is not recursive applies to the folder itself and its files.
            let direct = permission.path == path || (is_file && split(path).0 == permission.path);
            if direct || (permission.recursive && is_within(path, &permission.path)) {
                rights.add(&permission.permission);
            }
        }
        rights
    }

    /// Whether the caller has any permission below a folder, so that the folder must be visible.
    pub(crate) fn leads_somewhere(&self, caller: &Caller, folder: &str) -> bool {
        let Some(user_id) = caller.user_id() else {
            return false;
        };
        let below = |path: &str| path != folder && is_within(path, folder);
        self.permissions.values().any(|permission| below(&permission.path) && self.concerns(permission, user_id))
    }

    /// Whether everything in a folder is visible to the caller, so that entries need no individual check.
    pub(crate) fn sees_all_below(&self, caller: &Caller, folder: &str) -> bool {
        let Some(user_id) = caller.user_id().filter(|_| !caller.is_admin(self)) else {
            return true;
        };
        self.permissions.values().any(|permission| {
            permission.recursive
                && matches!(permission.permission.as_str(), "full" | "readonly" | "writeonly" | "previewonly")
                && is_within(folder, &permission.path)
                && self.concerns(permission, user_id)
        })
    }

    fn concerns(&self, permission: &Permission, user_id: u64) -> bool {
        permission.user_id == Some(user_id)
            || permission.group_id.is_some_and(|group| self.membership(group, user_id).is_some())
    }
}

fn basic_user(value: &str) -> Option<String> {
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = credentials.trim();
    let bytes = STANDARD.decode(credentials).or_else(|_| STANDARD_NO_PAD.decode(credentials)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let user = text.split_once(':').map_or(text.as_str(), |(user, _)| user);
    (!user.is_empty()).then(|| user.to_owned())
}

/// Returns the value of the cookie `BrickAPI`.
pub(crate) fn session_id(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "BrickAPI").map(|(_, id)| id.trim_matches('"').to_owned())
}

/// Parses an address or range per line. An empty text allows all addresses.
fn allows(allowed_ips: &str) -> bool {
    let Ok(address) = ADDRESS.parse::<std::net::IpAddr>() else {
        return false;
    };
    let mut lines = allowed_ips.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    lines.peek().is_none()
        || lines.any(|line| {
            line.parse::<ipnet::IpNet>().is_ok_and(|range| range.contains(&address))
                || line.parse::<std::net::IpAddr>().is_ok_and(|key| key == address)
        })
}
