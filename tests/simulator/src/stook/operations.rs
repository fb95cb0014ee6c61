use super::envelope::Envelope;
use super::input::ApiResult;
use super::state::store::Store;
use crate::Operation;
use crate::server::{ApiRequest, Route, operations};

type Handler = fn(&mut Store, &ApiRequest<'_>) -> ApiResult<Envelope>;

macro_rules! v2 {
    ($rest:literal) => {
        concat!("/api/v2/stook/{organization_uuid}", $rest)
    };
}

const BUCKETS: &str = v2!("/bucket");
const BUCKET: &str = v2!("/bucket/{bucket_uuid}");
const CREDENTIALS: &str = v2!("/credential");
/// Only the creation uses the plural.
const NEW_CREDENTIALS: &str = v2!("/credentials");
const CREDENTIAL: &str = v2!("/credential/{credential_uuid}");
const FTP_ACCOUNTS: &str = v2!("/ftp");
const FTP_ACCOUNT: &str = v2!("/ftp/{ftp_uuid}");
const LEGACY_FTP_ACCOUNT: &str = "/api/v1/stook/{organization_uuid}/ftp/{ftp_uuid}";

/// The operation that needs no token.
pub(crate) const LOGIN: &str = "stook.auth.login";

pub(crate) static ROUTES: [Route<Handler>; 20] = [
    Route::new(LOGIN, "POST", "/api/v1/auth/login/token", Store::log_in),
    Route::new("stook.organizations.list", "GET", "/api/v1/organizations", |store, _| Ok(store.list_organizations())),
    Route::new("stook.buckets.list", "GET", BUCKETS, |store, request| Ok(store.list_buckets(request))),
    Route::new("stook.buckets.get", "GET", BUCKET, |store, request| store.get_bucket(request)),
    Route::new("stook.buckets.create", "POST", BUCKETS, Store::create_bucket),
    Route::new("stook.buckets.update", "PUT", BUCKET, Store::update_bucket),
    Route::new("stook.buckets.delete", "DELETE", BUCKET, Store::delete_bucket),
    Route::new("stook.credentials.list", "GET", CREDENTIALS, |store, request| Ok(store.list_credentials(request))),
    Route::new("stook.credentials.get", "GET", CREDENTIAL, |store, request| store.get_credential(request)),
    Route::new("stook.credentials.create", "POST", NEW_CREDENTIALS, Store::create_credential),
    Route::new("stook.credentials.update", "PUT", CREDENTIAL, Store::update_credential),
    Route::new("stook.credentials.delete", "DELETE", CREDENTIAL, Store::delete_credential),
    Route::new("stook.ftp_accounts.list", "GET", FTP_ACCOUNTS, |store, request| Ok(store.list_ftp_accounts(request))),
    Route::new("stook.ftp_accounts.get", "GET", FTP_ACCOUNT, |store, request| store.get_ftp_account(request)),
    Route::new("stook.ftp_accounts.create", "POST", FTP_ACCOUNTS, Store::create_ftp_account),
    Route::new("stook.ftp_accounts.update", "PUT", FTP_ACCOUNT, Store::update_ftp_account),
    Route::new("stook.ftp_accounts.delete", "DELETE", FTP_ACCOUNT, Store::delete_ftp_account),
    Route::new("stook.legacy_v1.ftp_accounts.get", "GET", LEGACY_FTP_ACCOUNT, |store, request| {
        store.get_legacy_ftp_account(request)
    }),
    Route::new("stook.legacy_v1.ftp_accounts.update", "PUT", LEGACY_FTP_ACCOUNT, Store::replace_legacy_ftp_account),
    Route::new("stook.legacy_v1.ftp_accounts.delete", "DELETE", LEGACY_FTP_ACCOUNT, Store::delete_ftp_account),
];

pub(crate) static OPERATIONS: &[Operation] = &operations(&ROUTES);
