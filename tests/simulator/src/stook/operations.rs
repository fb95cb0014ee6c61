use crate::Operation;

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

pub(crate) static OPERATIONS: &[Operation] = &[
    Operation::new("stook.auth.login", "POST", "/api/v1/auth/login/token"),
    Operation::new("stook.organizations.list", "GET", "/api/v1/organizations"),
    Operation::new("stook.buckets.list", "GET", BUCKETS),
    Operation::new("stook.buckets.get", "GET", BUCKET),
    Operation::new("stook.buckets.create", "POST", BUCKETS),
    Operation::new("stook.buckets.update", "PUT", BUCKET),
    Operation::new("stook.buckets.delete", "DELETE", BUCKET),
    Operation::new("stook.credentials.list", "GET", CREDENTIALS),
    Operation::new("stook.credentials.get", "GET", CREDENTIAL),
    Operation::new("stook.credentials.create", "POST", NEW_CREDENTIALS),
    Operation::new("stook.credentials.update", "PUT", CREDENTIAL),
    Operation::new("stook.credentials.delete", "DELETE", CREDENTIAL),
    Operation::new("stook.ftp_accounts.list", "GET", FTP_ACCOUNTS),
    Operation::new("stook.ftp_accounts.get", "GET", FTP_ACCOUNT),
    Operation::new("stook.ftp_accounts.create", "POST", FTP_ACCOUNTS),
    Operation::new("stook.ftp_accounts.update", "PUT", FTP_ACCOUNT),
    Operation::new("stook.ftp_accounts.delete", "DELETE", FTP_ACCOUNT),
    Operation::new("stook.legacy_v1.ftp_accounts.get", "GET", LEGACY_FTP_ACCOUNT),
    Operation::new("stook.legacy_v1.ftp_accounts.update", "PUT", LEGACY_FTP_ACCOUNT),
    Operation::new("stook.legacy_v1.ftp_accounts.delete", "DELETE", LEGACY_FTP_ACCOUNT),
];
