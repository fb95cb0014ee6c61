//! Fault sweep of Stook, including logins.

use mft_tests::sweep::{Scenario, assert_every_fault_is_handled};
use mft_tests::{ClientOptions, Stook, scenarios};
use stook::{
    BucketUpdate, CredentialUpdate, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount,
    Secret, Tag, WrapRule,
};

const PASSWORD: &str = "mrk-Chosen:Password@9%";

fn scenarios() -> Vec<Scenario<Stook>> {
    scenarios! { Stook:
        "list accounts": |_sim, client| {
            let all = client.ftp_accounts().list().try_collect_vec().await?;
            Ok(all.into_iter().filter_map(|account| account.path).collect::<Vec<_>>().join(" "))
        },
        "log in and list": |sim, _client| let client = sim.login_builder(ClientOptions::short_timeouts()).build().expect("valid settings"); {
            Ok(format!("{}", client.ftp_accounts().list().try_collect_vec().await?.len()))
        },
        "log in and create": |sim, _client|
            let client = sim.login_builder(ClientOptions::short_timeouts()).build().expect("valid settings");
            let bucket = sim.bucket.clone();
        {
            let created = client.ftp_accounts().create(NewFtpAccount::new("new", Secret::new(PASSWORD), bucket, "new")).await?;
            Ok(format!("{:?}", created.path))
        },
        "create an account": |sim, client| let bucket = sim.bucket.clone(); {
            let rules = [WrapRule::allow(["203.0.113.7"])];
            let new = NewFtpAccount::new("new", Secret::new(PASSWORD), bucket, "new").read_only(true).wrap_rules(rules.clone());
            let created = client.ftp_accounts().create(new).await?;
            Ok(format!("{:?} {:?} {}", created.path, created.is_readonly, created.has_wrap_rules(&rules)))
        },
        "get and update": |sim, client| let id = sim.target.clone(); {
            let before = client.ftp_accounts().get(&id).await?;
            let update = FtpAccountUpdate::new().login_allowed(before.login_allowed == Some(false));
            Ok(format!("{:?}", client.ftp_accounts().update(&id, update).await?.login_allowed))
        },
        "delete an account": |sim, client| let id = sim.target.clone(); {
            client.ftp_accounts().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "get and update in version 1": |sim, client| let id = sim.target.clone(); {
            let accounts = client.legacy_v1().ftp_accounts();
            let rules = accounts.get(&id).await?.wrap_rules.unwrap_or_default();
            let update = LegacyFtpAccountUpdate::new(Secret::new(PASSWORD), true, "v1").wrap_rules(rules);
            // The response is not documented, so only the UUID is certain.
            Ok(format!("{}", accounts.update(&id, update).await?.uuid == id))
        },
        "delete in version 1": |sim, client| let id = sim.target.clone(); {
            client.legacy_v1().ftp_accounts().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "list and create buckets": |_sim, client| {
            let before = client.buckets().list().try_collect_vec().await?.len();
            let created = client.buckets().create(NewBucket::new("new-bucket").tags([Tag::new("a").label("b")])).await?;
            Ok(format!("{before} {:?} {:?}", created.name, created.tags.map(|tags| tags.len())))
        },
        "get and update a bucket": |sim, client| let id = sim.bucket.clone(); {
            let name = client.buckets().get(&id).await?.name.unwrap_or_default();
            let update = BucketUpdate::new().tags([Tag::new("was").label(name)]);
            Ok(format!("{:?}", client.buckets().update(&id, update).await?.tags))
        },
        "delete a bucket": |sim, client| let id = sim.bucket.clone(); {
            client.buckets().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "list and create credentials": |sim, client| let bucket = sim.bucket.clone(); {
            let before = client.credentials().list().try_collect_vec().await?.len();
            let created = client.credentials().create(NewCredential::new("new", [bucket]).subfolder("in")).await?;
            Ok(format!("{before} {:?}", created.name))
        },
        "get and update a credential": |sim, client| let id = sim.credential.clone(); {
            let before = client.credentials().get(&id).await?.name.unwrap_or_default();
            let update = CredentialUpdate::new(format!("{before} no more"), true);
            Ok(format!("{:?}", client.credentials().update(&id, update).await?.name))
        },
        "delete a credential": |sim, client| let id = sim.credential.clone(); {
            client.credentials().delete(&id).await.map(|()| "deleted".to_owned())
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_yields_success_or_an_accurate_error() {
    assert_every_fault_is_handled(&scenarios()).await;
}
