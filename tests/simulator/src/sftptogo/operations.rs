use super::input::ApiResult;
use super::state::store::Store;
use crate::Operation;
use crate::server::{ApiRequest, Response, Route, operations};

type Handler = fn(&mut Store, &ApiRequest<'_>) -> ApiResult<Response>;

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

/// Operations that share a route. The body selects one of them.
pub(crate) const UPDATE: &str = "sftptogo.credentials.update";
pub(crate) const REPLACE_INBOUND_RULES: &str = "sftptogo.credentials.replace_inbound_rules";
pub(crate) const ROTATE_PASSWORD: &str = "sftptogo.credentials.rotate_password";
pub(crate) const SET_PASSWORD: &str = "sftptogo.credentials.set_password";

/// If two operations share a route, the first is the default.
pub(crate) static ROUTES: [Route<Handler>; 20] = [
    Route::new("sftptogo.credentials.list", "GET", CREDENTIALS, |store, _| Ok(store.list_credentials())),
    Route::new("sftptogo.credentials.create", "POST", CREDENTIALS, Store::create_credential),
    Route::new("sftptogo.credentials.get", "GET", CREDENTIAL, |store, request| store.get_credential(request)),
    Route::new(UPDATE, "PATCH", CREDENTIAL, Store::update_credential),
    Route::new(REPLACE_INBOUND_RULES, "PATCH", CREDENTIAL, Store::update_credential),
    Route::new("sftptogo.credentials.delete", "DELETE", CREDENTIAL, Store::delete_credential),
    Route::new(ROTATE_PASSWORD, "POST", ROTATIONS, Store::set_password),
    Route::new(SET_PASSWORD, "POST", ROTATIONS, Store::set_password),
    Route::new("sftptogo.ssh_keys.list", "GET", SSH_KEYS, |store, request| store.list_ssh_keys(request)),
    Route::new("sftptogo.ssh_keys.add", "POST", SSH_KEYS, Store::add_ssh_key),
    Route::new("sftptogo.ssh_keys.remove", "DELETE", SSH_KEY, Store::remove_ssh_key),
    Route::new("sftptogo.webhooks.list", "GET", WEBHOOKS, |store, _| Ok(store.list_webhooks())),
    Route::new("sftptogo.webhooks.create", "POST", WEBHOOKS, Store::create_webhook),
    Route::new("sftptogo.webhooks.update", "PATCH", WEBHOOK, Store::update_webhook),
    Route::new("sftptogo.webhooks.delete", "DELETE", WEBHOOK, Store::delete_webhook),
    Route::new("sftptogo.share_links.list", "GET", SHARE_LINKS, |store, _| Ok(store.list_share_links())),
    Route::new("sftptogo.share_links.create", "POST", SHARE_LINKS, Store::create_share_link),
    Route::new("sftptogo.share_links.get", "GET", SHARE_LINK, |store, request| store.get_share_link(request)),
    Route::new("sftptogo.share_links.update", "PATCH", SHARE_LINK, Store::update_share_link),
    Route::new("sftptogo.share_links.delete", "DELETE", SHARE_LINK, Store::delete_share_link),
];

pub(crate) static OPERATIONS: &[Operation] = &operations(&ROUTES);
