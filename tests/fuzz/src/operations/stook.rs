//! Stook.

use stook::raw::Method;
use stook::{
    ApiKey, ApiSecret, Authentication, BucketUpdate, Client, CredentialUpdate, FtpAccountId, FtpAccountUpdate,
    LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount, OrganizationId, Tag, WrapRule,
};

use super::{Ended, Options, listed, told};
use crate::checks::{KEY, PASSWORD, SECRET_KEY};
use crate::server::Server;

pub(super) async fn perform(server: &Server, operation: u8, options: Options) -> Ended {
    let authentication = if options.other() {
        Authentication::login(ApiKey::new(KEY), ApiSecret::new(SECRET_KEY))
    } else {
        Authentication::token(KEY)
    };
    let builder =
        Client::builder(OrganizationId::from("org"), authentication).transport(server.clone()).retry(options.retry());
    let client = builder.build().expect("a client");
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let (buckets, credentials) = (client.buckets(), client.credentials());
    let id = FtpAccountId::from("9a41");
    let update = FtpAccountUpdate::new().password(PASSWORD).wrap_rules([WrapRule::allow(["203.0.113.0/24"])]);
    match operation % 21 {
        0 => listed(accounts.list(), options).await,
        1 => told(accounts.get(&id)).await,
        2 => told(accounts.create(NewFtpAccount::new("camera1", PASSWORD, "b", "cam1"))).await,
        3 => told(accounts.update(&id, update)).await,
        4 => told(accounts.delete(&id)).await,
        5 => told(legacy.get(&id)).await,
        6 => told(legacy.update(&id, LegacyFtpAccountUpdate::new(PASSWORD, true, "cam1"))).await,
        7 => told(legacy.delete(&id)).await,
        8 => listed(buckets.list(), options).await,
        9 => told(buckets.get(&"1".into())).await,
        10 => told(buckets.create(NewBucket::new("a").tags([Tag::new("k", "l")]))).await,
        11 => told(buckets.update(&"1".into(), BucketUpdate::tags([]))).await,
        12 => told(buckets.delete(&"1".into())).await,
        13 => listed(credentials.list(), options).await,
        14 => told(credentials.get(&"1".into())).await,
        15 => told(credentials.create(NewCredential::new("a", ["1".into()]))).await,
        16 => told(credentials.update(&"1".into(), CredentialUpdate::new("a", true))).await,
        17 => told(credentials.delete(&"1".into())).await,
        18 => listed(client.organizations().list(), options).await,
        19 => told(client.auth().login()).await,
        _ => told(client.raw(Method::GET, "/new").into_call()).await,
    }
}
