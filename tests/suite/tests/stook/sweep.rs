//! Every fault at every wire interaction of Stook's flows, logins included.

use mft_tests::sweep::{Flow, all_end_in_the_clean_result_or_in_a_true_error};
use mft_tests::{Stook, Tweaks, flows};
use stook::{
    BucketUpdate, CredentialUpdate, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount,
    Tag, WrapRule,
};

const PASSWORD: &str = "mrk-Chosen:Password@9%";

fn flows() -> Vec<Flow<Stook>> {
    flows! { Stook:
        "list accounts": |_sim, client| {
            let all = client.ftp_accounts().list().try_collect_vec().await?;
            Ok(all.into_iter().filter_map(|account| account.path).collect::<Vec<_>>().join(" "))
        },
        "log in and list": |sim, _client| let client = sim.login_builder(Tweaks::impatient()).build().expect("good settings"); {
            Ok(format!("{}", client.ftp_accounts().list().try_collect_vec().await?.len()))
        },
        "log in and create": |sim, _client|
            let client = sim.login_builder(Tweaks::impatient()).build().expect("good settings");
            let bucket = sim.bucket.clone();
        {
            let made = client.ftp_accounts().create(NewFtpAccount::new("new", PASSWORD, bucket, "new")).await?;
            Ok(format!("{:?}", made.path))
        },
        "create an account": |sim, client| let bucket = sim.bucket.clone(); {
            let rules = [WrapRule::allow(["203.0.113.7"])];
            let new = NewFtpAccount::new("new", PASSWORD, bucket, "new").read_only(true).wrap_rules(rules.clone());
            let made = client.ftp_accounts().create(new).await?;
            Ok(format!("{:?} {:?} {}", made.path, made.is_readonly, made.has_wrap_rules(&rules)))
        },
        "get and update": |sim, client| let id = sim.target.clone(); {
            let was = client.ftp_accounts().get(&id).await?;
            let update = FtpAccountUpdate::new().login_allowed(was.login_allowed == Some(false));
            Ok(format!("{:?}", client.ftp_accounts().update(&id, update).await?.login_allowed))
        },
        "delete an account": |sim, client| let id = sim.target.clone(); {
            client.ftp_accounts().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "get and update in version 1": |sim, client| let id = sim.target.clone(); {
            let accounts = client.legacy_v1().ftp_accounts();
            let rules = accounts.get(&id).await?.wrap_rules.unwrap_or_default();
            let update = LegacyFtpAccountUpdate::new(PASSWORD, true, "v1").wrap_rules(rules);
            // Nobody shows what comes back, so that nothing but the UUID is sure to.
            Ok(format!("{}", accounts.update(&id, update).await?.uuid == id))
        },
        "delete in version 1": |sim, client| let id = sim.target.clone(); {
            client.legacy_v1().ftp_accounts().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "list and create buckets": |_sim, client| {
            let before = client.buckets().list().try_collect_vec().await?.len();
            let made = client.buckets().create(NewBucket::new("new-bucket").tags([Tag::new("a", "b")])).await?;
            Ok(format!("{before} {:?} {:?}", made.name, made.tags.map(|tags| tags.len())))
        },
        "get and update a bucket": |sim, client| let id = sim.bucket.clone(); {
            let name = client.buckets().get(&id).await?.name.unwrap_or_default();
            let update = BucketUpdate::tags([Tag::new("was", name)]);
            Ok(format!("{:?}", client.buckets().update(&id, update).await?.tags))
        },
        "delete a bucket": |sim, client| let id = sim.bucket.clone(); {
            client.buckets().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "list and create credentials": |sim, client| let bucket = sim.bucket.clone(); {
            let before = client.credentials().list().try_collect_vec().await?.len();
            let made = client.credentials().create(NewCredential::new("new", [bucket]).subfolder("in")).await?;
            Ok(format!("{before} {:?}", made.name))
        },
        "get and update a credential": |sim, client| let id = sim.credential.clone(); {
            let was = client.credentials().get(&id).await?.name.unwrap_or_default();
            let update = CredentialUpdate::new(format!("{was} no more"), true);
            Ok(format!("{:?}", client.credentials().update(&id, update).await?.name))
        },
        "delete a credential": |sim, client| let id = sim.credential.clone(); {
            client.credentials().delete(&id).await.map(|()| "deleted".to_owned())
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_interaction_ends_in_the_clean_result_or_in_a_true_error() {
    all_end_in_the_clean_result_or_in_a_true_error(&flows()).await;
}
