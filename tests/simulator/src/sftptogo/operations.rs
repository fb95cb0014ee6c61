use crate::Operation;

macro_rules! path {
    ($rest:literal) => {
        concat!("/organizations/{organization_id}", $rest)
    };
}

const CREDENTIALS: &str = path!("/users");
const CREDENTIAL: &str = path!("/users/{credential_id}");
const ROTATIONS: &str = path!("/users/{credential_id}/credential-rotations");
const SSH_KEYS: &str = path!("/users/{credential_id}/ssh-public-keys");
const SSH_KEY: &str = path!("/users/{credential_id}/ssh-public-keys/{key_id}");
const WEBHOOKS: &str = path!("/webhooks");
const WEBHOOK: &str = path!("/webhooks/{webhook_id}");
const SHARE_LINKS: &str = path!("/portal-links");
const SHARE_LINK: &str = path!("/portal-links/{share_link_id}");

pub(crate) const REPLACE_INBOUND_RULES: &str = "sftptogo.credentials.replace_inbound_rules";
pub(crate) const SET_PASSWORD: &str = "sftptogo.credentials.set_password";

/// If two operations share a route, the first is the default, and the body selects the other.
pub(crate) static OPERATIONS: &[Operation] = &[
    Operation::new("sftptogo.credentials.list", "GET", CREDENTIALS),
    Operation::new("sftptogo.credentials.create", "POST", CREDENTIALS),
    Operation::new("sftptogo.credentials.get", "GET", CREDENTIAL),
    Operation::new("sftptogo.credentials.update", "PATCH", CREDENTIAL),
    Operation::new(REPLACE_INBOUND_RULES, "PATCH", CREDENTIAL),
    Operation::new("sftptogo.credentials.delete", "DELETE", CREDENTIAL),
    Operation::new("sftptogo.credentials.rotate_password", "POST", ROTATIONS),
    Operation::new(SET_PASSWORD, "POST", ROTATIONS),
    Operation::new("sftptogo.ssh_keys.list", "GET", SSH_KEYS),
    Operation::new("sftptogo.ssh_keys.add", "POST", SSH_KEYS),
    Operation::new("sftptogo.ssh_keys.remove", "DELETE", SSH_KEY),
    Operation::new("sftptogo.webhooks.list", "GET", WEBHOOKS),
    Operation::new("sftptogo.webhooks.create", "POST", WEBHOOKS),
    Operation::new("sftptogo.webhooks.update", "PATCH", WEBHOOK),
    Operation::new("sftptogo.webhooks.delete", "DELETE", WEBHOOK),
    Operation::new("sftptogo.share_links.list", "GET", SHARE_LINKS),
    Operation::new("sftptogo.share_links.create", "POST", SHARE_LINKS),
    Operation::new("sftptogo.share_links.get", "GET", SHARE_LINK),
    Operation::new("sftptogo.share_links.update", "PATCH", SHARE_LINK),
    Operation::new("sftptogo.share_links.delete", "DELETE", SHARE_LINK),
];
