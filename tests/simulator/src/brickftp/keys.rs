use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::call::{Call, Output};
use super::document::Node;
use super::objects::{ApiKey, PublicKey};
use super::refusal::{Answer, Refusal};
use super::store::Store;

const PERMISSION_SETS: &[&str] = &["desktop_app", "full"];
const PLATFORMS: &[&str] = &["win32", "macos", "linux", "none"];

impl Store {
    fn must_have_user(&self, id: u64) -> Answer<()> {
        if self.users.contains_key(&id) { Ok(()) } else { Err(Refusal::not_found()) }
    }

    pub(super) fn list_api_keys(&self, user_id: u64) -> Answer<Output> {
        self.must_have_user(user_id)?;
        let keys = self.api_keys.values().filter(|key| key.user_id == user_id);
        Ok(Output::list("api-keys", "api-key", keys.map(|key| self.api_key_node(key, false))))
    }

    pub(super) fn get_api_key(&self, id: u64) -> Answer<Output> {
        let key = self.api_keys.get(&id).ok_or_else(Refusal::not_found)?;
        Ok(Output::ok("api-key", self.api_key_node(key, false)))
    }

    pub(super) fn create_api_key(&mut self, call: &Call<'_>) -> Answer<Output> {
        let user_id = call.id("user_id")?;
        self.must_have_user(user_id)?;
        let name = call.input.required("name", 100)?;
        let permission_set = call.input.word("permission_set", PERMISSION_SETS)?;
        let platform = call.input.word("platform", PLATFORMS)?;
        let mut key = self.new_api_key(user_id, call.now_ms);
        key.name = name;
        key.permission_set = permission_set.unwrap_or(key.permission_set);
        key.platform = platform.unwrap_or(key.platform);
        call.input.change_time("expires_at", &mut key.expires_at_ms)?;
        let node = self.api_key_node(&key, true);
        self.api_keys.insert(key.id, key);
        Ok(Output::created("api-key", node))
    }

    pub(super) fn new_api_key(&mut self, user_id: u64, now_ms: i64) -> ApiKey {
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

    pub(super) fn delete_api_key(&mut self, id: u64) -> Answer<Output> {
        self.api_keys.remove(&id).map(|_| Output::nothing()).ok_or_else(Refusal::not_found)
    }

    /// The key itself is shown by the call that creates it and by no other.
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

    pub(super) fn list_public_keys(&self, user_id: u64) -> Answer<Output> {
        self.must_have_user(user_id)?;
        let keys = self.public_keys.values().filter(|key| key.user_id == user_id);
        Ok(Output::list("public-keys", "public-key", keys.map(|key| self.public_key_node(key))))
    }

    pub(super) fn get_public_key(&self, id: u64) -> Answer<Output> {
        let key = self.public_keys.get(&id).ok_or_else(Refusal::not_found)?;
        Ok(Output::ok("public-key", self.public_key_node(key)))
    }

    pub(super) fn create_public_key(&mut self, call: &Call<'_>) -> Answer<Output> {
        let user_id = call.id("user_id")?;
        self.must_have_user(user_id)?;
        let title = call.input.required("title", 50)?;
        let line = call.input.required("public_key", usize::MAX)?;
        let key = self.store_public_key(user_id, title, line, call.now_ms);
        let key = key.ok_or_else(|| Refusal::invalid("public_key is invalid"))?;
        Ok(Output::created("public-key", self.public_key_node(&key)))
    }

    /// `None` if the line is no SSH key.
    pub(super) fn store_public_key(
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

    pub(super) fn delete_public_key(&mut self, id: u64) -> Answer<Output> {
        self.public_keys.remove(&id).map(|_| Output::nothing()).ok_or_else(Refusal::not_found)
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

/// MD5 of the key's bytes, with colons.
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
