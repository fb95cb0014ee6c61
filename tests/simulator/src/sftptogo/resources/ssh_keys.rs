use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::server::{ApiRequest, Response};
use crate::sftptogo::input::{ApiError, ApiResult, Input, not_found, required};
use crate::sftptogo::state::objects::SshKey;
use crate::sftptogo::state::store::Store;

/// The algorithms that the service accepts, with the `Type` that it returns for each.
const ALGORITHMS: &[(&str, &str)] = &[
    ("ssh-rsa", "rsa"),
    ("ecdsa-sha2-nistp256", "ecdsa"),
    ("ecdsa-sha2-nistp384", "ecdsa"),
    ("ecdsa-sha2-nistp521", "ecdsa"),
    ("ssh-ed25519", "ed25519"),
];

impl Store {
    pub(crate) fn list_ssh_keys(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let credential_id = request.parameter("credential_id");
        self.credential(credential_id)?;
        let keys = self.ssh_keys.iter().filter(|key| key.credential_id == credential_id);
        Ok(Response::json(StatusCode::OK, &Value::Array(keys.map(render).collect())))
    }

    pub(crate) fn add_ssh_key(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let credential_id = request.parameter("credential_id");
        self.credential(credential_id)?;
        let input = Input::parse(request.body)?;
        let line = required("SshPublicKeyBody", input.text("SshPublicKeyBody")?)?;
        let key = self.store_ssh_key(credential_id, &line, request.now_ms)?;
        Ok(Response::json(StatusCode::CREATED, &render(&key)))
    }

    pub(crate) fn store_ssh_key(&mut self, credential_id: &str, line: &str, now_ms: i64) -> ApiResult<SshKey> {
        self.credential(credential_id)?;
        let (kind, fingerprint, comment) = parse(line)?;
        // Two lines that differ only in the comment are the same key.
        let mut keys = self.ssh_keys.iter().filter(|key| key.credential_id == credential_id);
        if keys.any(|key| key.fingerprint == fingerprint) {
            return Err(ApiError::conflict("The SSH public key already exists"));
        }
        let key = SshKey {
            id: self.random.uuid(),
            credential_id: credential_id.to_owned(),
            body: line.to_owned(),
            kind: kind.to_owned(),
            comment: comment.to_owned(),
            fingerprint,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        };
        self.ssh_keys.push(key.clone());
        Ok(key)
    }

    pub(crate) fn remove_ssh_key(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let credential_id = request.parameter("credential_id");
        let id = request.parameter("key_id");
        self.credential(credential_id)?;
        let at = self
            .ssh_keys
            .iter()
            .position(|key| key.credential_id == credential_id && key.id == id)
            .ok_or_else(not_found)?;
        Ok(Response::json(StatusCode::OK, &render(&self.ssh_keys.remove(at))))
    }
}

/// Parses the kind, fingerprint and comment of a line such as `ssh-ed25519 AAAA... me@home`.
fn parse(line: &str) -> ApiResult<(&'static str, String, &str)> {
    if line.contains("PRIVATE KEY") {
        return Err(ApiError::bad_request("SshPublicKeyBody is a private key"));
    }
    let invalid = || ApiError::bad_request("SshPublicKeyBody is not a valid SSH public key");
    let line = line.trim();
    if line.contains(['\r', '\n']) {
        return Err(invalid());
    }
    let (algorithm, tail) = line.split_once(' ').ok_or_else(invalid)?;
    let (_, kind) = ALGORITHMS
        .iter()
        .find(|(name, _)| *name == algorithm)
        .ok_or_else(|| ApiError::bad_request("The algorithm of the SSH public key is not supported"))?;
    let tail = tail.trim_start();
    let (encoded, comment) = tail.split_once(' ').unwrap_or((tail, ""));
    let blob = STANDARD.decode(encoded).map_err(|_| invalid())?;
    // The blob repeats the algorithm, which detects a truncated or mixed-up line.
    let mut fields = Fields(&blob);
    if fields.next() != Some(algorithm.as_bytes()) || fields.next().is_none_or(<[u8]>::is_empty) {
        return Err(invalid());
    }
    while !fields.0.is_empty() {
        fields.next().ok_or_else(invalid)?;
    }
    let fingerprint = format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob)));
    Ok((kind, fingerprint, comment.trim()))
}

/// The fields of a key blob: a length of four bytes, then the data.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, tail) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (field, tail) = tail.split_at_checked(length)?;
        self.0 = tail;
        Some(field)
    }
}

fn render(key: &SshKey) -> Value {
    json!({
        "Id": key.id,
        "UserId": key.credential_id,
        "SshPublicKeyBody": key.body,
        "Type": key.kind,
        "Comment": key.comment,
        "Fingerprint": key.fingerprint,
        "CreatedAt": key.created_at_ms,
        "UpdatedAt": key.updated_at_ms,
    })
}
