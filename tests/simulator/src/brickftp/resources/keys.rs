use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::{ApiKey, PublicKey};
use crate::brickftp::state::store::Store;

const PERMISSION_SETS: &[&str] = &["desktop_app", "full"];
const PLATFORMS: &[&str] = &["win32", "macos", "linux", "none"];

impl Store {
    fn must_have_user(&self, id: u64) -> ApiResult<()> {
        if self.users.contains_key(&id) { Ok(()) } else { Err(ApiError::record_not_found()) }
    }

    pub(crate) fn list_api_keys(&self, user_id: u64) -> ApiResult<SiteResponse> {
        self.must_have_user(user_id)?;
        let keys = self.api_keys.values().filter(|key| key.user_id == user_id);
        Ok(SiteResponse::list("api-keys", "api-key", keys.map(|key| self.api_key_node(key, false))))
    }

    pub(crate) fn get_api_key(&self, id: u64) -> ApiResult<SiteResponse> {
        let key = self.api_keys.get(&id).ok_or_else(ApiError::record_not_found)?;
        Ok(SiteResponse::ok("api-key", self.api_key_node(key, false)))
    }

    pub(crate) fn create_api_key(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let user_id = request.id("user_id")?;
        self.must_have_user(user_id)?;
        let name = request.input.required("name", 100)?;
        let permission_set = request.input.word("permission_set", PERMISSION_SETS)?;
        let platform = request.input.word("platform", PLATFORMS)?;
        let mut key = self.new_api_key(user_id, request.now_ms);
        key.name = name;
        key.permission_set = permission_set.unwrap_or(key.permission_set);
        key.platform = platform.unwrap_or(key.platform);
        request.input.change_time("expires_at", &mut key.expires_at_ms)?;
        let node = self.api_key_node(&key, true);
        self.api_keys.insert(key.id, key);
        Ok(SiteResponse::created("api-key", node))
    }

    pub(crate) fn new_api_key(&mut self, user_id: u64, now_ms: i64) -> ApiKey {
        let id = self.next_id("api_key");
        ApiKey {
            id,
            user_id,
            key: self.random.hex(64),
            name: format!("key-{id}"),
            permission_set: "full".into(),
            platform: "none".into(),
            expires_at_ms: None,
            created_at_ms: now_ms,
        }
    }

    pub(crate) fn delete_api_key(&mut self, id: u64) -> ApiResult<SiteResponse> {
        self.api_keys.remove(&id).map(|_| SiteResponse::nothing()).ok_or_else(ApiError::record_not_found)
    }

    /// Only the response to the creation contains the key itself.
    fn api_key_node(&self, key: &ApiKey, shown: bool) -> Node {
        let mut fields = vec![("id".into(), Node::Integer(key.id))];
        if shown {
            fields.push(("key".into(), Node::text(&key.key)));
        }
        fields.extend([
            ("name".into(), Node::text(&key.name)),
            ("permission_set".into(), Node::symbol(&key.permission_set)),
            ("platform".into(), Node::symbol(&key.platform)),
            ("expires_at".into(), self.optional_site_time(key.expires_at_ms)),
            ("created_at".into(), self.site_time(key.created_at_ms)),
        ]);
        Node::Map(fields)
    }

    pub(crate) fn list_public_keys(&self, user_id: u64) -> ApiResult<SiteResponse> {
        self.must_have_user(user_id)?;
        let keys = self.public_keys.values().filter(|key| key.user_id == user_id);
        Ok(SiteResponse::list("public-keys", "public-key", keys.map(|key| self.public_key_node(key))))
    }

    pub(crate) fn get_public_key(&self, id: u64) -> ApiResult<SiteResponse> {
        let key = self.public_keys.get(&id).ok_or_else(ApiError::record_not_found)?;
        Ok(SiteResponse::ok("public-key", self.public_key_node(key)))
    }

    pub(crate) fn create_public_key(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let user_id = request.id("user_id")?;
        self.must_have_user(user_id)?;
        let title = request.input.required("title", 50)?;
        let line = request.input.required("public_key", usize::MAX)?;
        let key = self.store_public_key(user_id, title, line, request.now_ms);
        let key = key.ok_or_else(|| ApiError::invalid("public_key is invalid"))?;
        Ok(SiteResponse::created("public-key", self.public_key_node(&key)))
    }

    /// Returns `None` if the line is not an SSH key.
    pub(crate) fn store_public_key(
        &mut self,
        user_id: u64,
        title: String,
        line: String,
        now_ms: i64,
    ) -> Option<PublicKey> {
        let fingerprint = fingerprint(&line)?;
        let id = self.next_id("public_key");
        let key = PublicKey { id, user_id, title, public_key: line, fingerprint, created_at_ms: now_ms };
        self.public_keys.insert(id, key.clone());
        Some(key)
    }

    pub(crate) fn delete_public_key(&mut self, id: u64) -> ApiResult<SiteResponse> {
        self.public_keys.remove(&id).map(|_| SiteResponse::nothing()).ok_or_else(ApiError::record_not_found)
    }

    fn public_key_node(&self, key: &PublicKey) -> Node {
        Node::map([
            ("id", Node::Integer(key.id)),
            ("title", Node::text(&key.title)),
            ("fingerprint", Node::text(&key.fingerprint)),
            ("created_at", self.site_time(key.created_at_ms)),
        ])
    }
}

/// Returns the MD5 of the key's bytes, with colons.
fn fingerprint(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let kind = words.next().filter(|kind| kind.starts_with("ssh-") || kind.starts_with("ecdsa-"))?;
    let bytes = STANDARD.decode(words.next()?).ok()?;
    // The bytes begin with the length and the name of the algorithm.
    let name = bytes.get(4..4 + kind.len())?;
    if name != kind.as_bytes() {
        return None;
    }
    let digest = Md5::digest(&bytes);
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"))
}
