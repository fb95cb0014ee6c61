//! Stook.

use stook::raw::Method;
use stook::{
    ApiKey, ApiSecret, Authentication, BucketId, BucketUpdate, Client, CredentialUpdate, FtpAccountId,
    FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount, OrganizationId, Secret, Tag,
    WrapRule,
};

use super::{CallResult, Options, boxed, collect_list};
use crate::checks::{KEY, PASSWORD, SECRET_KEY};
use crate::transport::ScriptedTransport;

pub(super) async fn perform(transport: &ScriptedTransport, operation: u8, options: Options) -> CallResult {
    let authentication = if options.alternative() {
        Authentication::login(ApiKey::new(KEY), ApiSecret::new(SECRET_KEY))
    } else {
        Authentication::token(KEY)
    };
    let builder = Client::builder(OrganizationId::from("org"), authentication)
        .transport(transport.clone())
        .retry(options.retry());
    let client = builder.build().expect("a client");
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let (buckets, credentials) = (client.buckets(), client.credentials());
    let id = FtpAccountId::from("9a41");
    let update = FtpAccountUpdate::new().password(PASSWORD).wrap_rules([WrapRule::allow(["203.0.113.0/24"])]);
    match operation % 21 {
        0 => collect_list(accounts.list(), options).await,
        1 => boxed(accounts.get(&id)).await,
        2 => {
            boxed(accounts.create(NewFtpAccount::new("camera1", Secret::new(PASSWORD), BucketId::from("b"), "cam1")))
                .await
        }
        3 => boxed(accounts.update(&id, update)).await,
        4 => boxed(accounts.delete(&id)).await,
        5 => boxed(legacy.get(&id)).await,
        6 => boxed(legacy.update(&id, LegacyFtpAccountUpdate::new(Secret::new(PASSWORD), true, "cam1"))).await,
        7 => boxed(legacy.delete(&id)).await,
        8 => collect_list(buckets.list(), options).await,
        9 => boxed(buckets.get(&"1".into())).await,
        10 => boxed(buckets.create(NewBucket::new("a").tags([Tag::new("k").label("l")]))).await,
        11 => boxed(buckets.update(&"1".into(), BucketUpdate::new().tags([]))).await,
        12 => boxed(buckets.delete(&"1".into())).await,
        13 => collect_list(credentials.list(), options).await,
        14 => boxed(credentials.get(&"1".into())).await,
        15 => boxed(credentials.create(NewCredential::new("a", ["1".into()]))).await,
        16 => boxed(credentials.update(&"1".into(), CredentialUpdate::new("a", true))).await,
        17 => boxed(credentials.delete(&"1".into())).await,
        18 => collect_list(client.organizations().list(), options).await,
        19 => boxed(client.auth().login()).await,
        _ => boxed(client.raw(Method::GET, "/new").into_call()).await,
    }
}
