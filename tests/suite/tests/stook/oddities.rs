//! What is peculiar to Stook: failures inside of successes, names that it changes, rules that it rewrites, two versions.

use mft_simulator::stook::{Builder, Simulator};
use mft_tests::{Provider, Stook, Tweaks};
use stook::{
    Authentication, Client, ErrorKind, FtpAccount, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewFtpAccount,
    OrganizationId, Outcome, WrapAddress, WrapRule, WrapRuleType,
};

const PASSWORD: &str = "mrk-Chosen:Password@9%";

async fn start(builder: Builder) -> (Stook, Client) {
    let provider = Stook::start_with(builder).await;
    let client = provider.client(Tweaks::default());
    (provider, client)
}

#[tokio::test]
async fn a_failure_inside_a_success_says_the_same_as_one_with_a_status() {
    let (hard, hard_client) = start(Simulator::builder()).await;
    let (soft, soft_client) = start(Simulator::builder().soft_errors()).await;
    let nobody = "nobody".into();
    for (case, kind) in [
        ("get", ErrorKind::NotFound),
        ("delete", ErrorKind::NotFound),
        ("delete v1", ErrorKind::NotFound),
        ("weak password", ErrorKind::Rejected),
        ("no such bucket", ErrorKind::Rejected),
        ("taken bucket", ErrorKind::Conflict),
        ("unknown organization", ErrorKind::NotFound),
    ] {
        let attempt = async |provider: &Stook, client: &Client| {
            let accounts = client.ftp_accounts();
            let new = |password: &str, bucket: &str| NewFtpAccount::new("new", password, bucket, "new");
            match case {
                "get" => accounts.get(&nobody).await.map(|_| ()),
                "delete" => accounts.delete(&nobody).await,
                "delete v1" => client.legacy_v1().ftp_accounts().delete(&nobody).await,
                "weak password" => accounts.create(new("weak", provider.bucket.as_str())).await.map(|_| ()),
                "no such bucket" => accounts.create(new(PASSWORD, "nowhere")).await.map(|_| ()),
                "taken bucket" => client.buckets().create(NewBucket::new("target-bucket")).await.map(|_| ()),
                _ => {
                    let token = provider.simulator.state().issue_token();
                    let stranger = Client::builder(OrganizationId::from("another"), Authentication::token(token))
                        .base_url(provider.simulator.base_url());
                    let stranger = stranger.allow_http().no_proxy().build()?;
                    stranger.buckets().list().try_collect_vec().await.map(|_| ())
                }
            }
        };
        let told = attempt(&hard, &hard_client).await.expect_err(case);
        assert_eq!((told.kind(), told.outcome(), told.attempts()), (kind, Outcome::NotDone, 1), "{case}: {told}");
        let softly = attempt(&soft, &soft_client).await.expect_err(case);
        assert_eq!((softly.kind(), softly.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{case}: {softly}");
        assert_eq!((softly.attempts(), softly.status().map(|status| status.as_u16())), (1, Some(200)), "{case}");
        assert!(softly.message().is_some() && softly.message() == told.message(), "{case}: {softly} and {told}");
        if case == "weak password" {
            let message = told.message().unwrap_or_default();
            assert!(message.contains("; password: The password must contain"), "{message}");
        }
    }
    assert_eq!(hard.snapshot(), soft.snapshot(), "a failure changes nothing");
}

#[tokio::test]
async fn an_account_is_found_by_its_uuid_and_never_by_the_name_that_was_asked_for() {
    let (provider, client) = start(Simulator::builder()).await;
    let accounts = client.ftp_accounts();
    let new = || NewFtpAccount::new("camera1", PASSWORD, &provider.bucket, "cam1");
    let made = accounts.create(new()).await.unwrap();
    let stored = provider.simulator.state().ftp_account(made.uuid.as_str()).unwrap();
    assert_eq!((made.name.as_deref(), made.path.as_deref()), (Some(&*stored.name), Some("target-bucket/cam1")));
    let all = accounts.list().try_collect_vec().await.unwrap();
    let named = |account: &&FtpAccount| account.name.as_deref() == Some("camera1");
    assert_eq!(all.iter().filter(named).count(), 0);
    assert_eq!(all.iter().filter(|account| account.uuid == made.uuid).count(), 1);
    // The same name again is the same login.
    let error = accounts.create(new()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Conflict, Outcome::NotDone), "{error}");
    // What comes back can be sent back.
    let path = made.path.clone().unwrap();
    let updated = accounts.update(&made.uuid, FtpAccountUpdate::new().path(&path)).await.unwrap();
    assert_eq!(updated.path, Some(path));
}

#[tokio::test]
async fn rules_mean_the_same_after_the_service_has_rewritten_them() {
    let (provider, client) = start(Simulator::builder()).await;
    let accounts = client.ftp_accounts();
    let none: [&str; 0] = [];
    for sent in [
        vec![],
        vec![WrapRule::allow(none), WrapRule::deny(none)],
        vec![WrapRule::allow(["198.51.100.7"]), WrapRule::deny(none)],
        vec![WrapRule::allow(["198.51.100.7", "2001:db8::/32"])],
        vec![WrapRule::deny(["198.51.100.8"])],
        vec![WrapRule::deny([WrapAddress::all()])],
        vec![WrapRule::allow(["192.0.2.7"]), WrapRule::deny(["192.0.2.8"]), WrapRule::allow(["192.0.2.9"])],
        vec![WrapRule::allow([WrapAddress::unchecked("192.0.2.1-192.0.2.9")])],
    ] {
        let update = FtpAccountUpdate::new().wrap_rules(sent.clone());
        let updated = accounts.update(&provider.target, update).await.unwrap();
        assert!(updated.has_wrap_rules(&sent), "{sent:?} became {:?}", updated.wrap_rules);
        // Sent back as they came, they stay as they are.
        let mut known = updated.wrap_rules.clone().unwrap();
        let update = FtpAccountUpdate::new().wrap_rules(known.clone());
        let mut again = accounts.update(&provider.target, update).await.unwrap();
        assert_eq!(again.wrap_rules.as_ref(), Some(&known));
        // Without those that keep somebody out, they are no longer what was asked for.
        known.retain(|rule| rule.kind != WrapRuleType::Deny);
        if Some(&known) != again.wrap_rules.as_ref() {
            again.wrap_rules = Some(known);
            assert!(!again.has_wrap_rules(&sent), "{sent:?}");
        }
    }
}

#[tokio::test]
async fn lists_are_complete_in_one_piece_in_pages_and_as_a_lone_object() {
    for (entries, size, requests) in [(1, 0, 1), (1, 1, 1), (6, 1, 6), (6, 2, 3), (7, 2, 4), (7, 100, 1)] {
        let builder = Simulator::builder();
        let builder = if size == 0 { builder.lone_objects() } else { builder.paged_lists(size) };
        let (provider, client) = start(builder).await;
        let state = provider.simulator.state();
        let bucket = state.bucket(provider.bucket.as_str()).unwrap();
        for _ in 1..entries {
            state.add_ftp_account(&bucket, |_| {});
            state.add_bucket(|_| {});
            state.add_credential(|_| {});
        }
        let accounts = client.ftp_accounts().list().try_collect_vec().await.unwrap();
        let uuids: Vec<_> = accounts.iter().map(|account| account.uuid.to_string()).collect();
        let stored: Vec<_> = state.ftp_accounts().into_iter().map(|account| account.uuid).collect();
        assert_eq!((uuids.len(), &uuids), (entries, &stored), "in pages of {size}");
        assert_eq!(provider.journal().len(), requests, "{entries} in pages of {size}");
        assert_eq!(client.buckets().list().try_collect_vec().await.unwrap().len(), entries);
        assert_eq!(client.credentials().list().try_collect_vec().await.unwrap().len(), entries);
        assert_eq!(provider.journal().len(), 3 * requests, "{entries} in pages of {size}");
    }
    let (provider, client) = start(Simulator::builder()).await;
    for number in 0..24 {
        provider.simulator.state().add_organization(&format!("organization {number}"));
    }
    for size in [None, Some(1), Some(7), Some(100)] {
        let list = client.organizations().list();
        let list = if let Some(size) = size { list.page_size(size) } else { list };
        assert_eq!(list.try_collect_vec().await.unwrap().len(), 25, "{size:?}");
    }
}

#[tokio::test]
async fn version_1_replaces_what_version_2_leaves_alone() {
    let (provider, client) = start(Simulator::builder()).await;
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let changed = accounts.update(&provider.target, FtpAccountUpdate::new().login_allowed(false)).await.unwrap();
    let rules = [WrapRule::allow(["198.51.100.7"])];
    assert!(changed.has_wrap_rules(&rules));
    let update = LegacyFtpAccountUpdate::new(PASSWORD, true, "v1");
    let changed = legacy.update(&provider.target, update.clone()).await.unwrap();
    assert_eq!((changed.login_allowed, changed.is_readonly), (Some(false), Some(true)));
    assert!(changed.has_wrap_rules(&[]), "rules that are not sent are gone");
    let changed = legacy.update(&provider.target, update.wrap_rules(rules.clone())).await.unwrap();
    assert!(changed.has_wrap_rules(&rules));

    // Where version 1 tells no more than the UUID, nothing else is made up.
    let (provider, client) = start(Simulator::builder().bare_legacy_accounts()).await;
    let legacy = client.legacy_v1().ftp_accounts();
    let update = LegacyFtpAccountUpdate::new(PASSWORD, true, "v1");
    for account in [legacy.get(&provider.target).await.unwrap(), legacy.update(&provider.target, update).await.unwrap()]
    {
        assert_eq!((account.uuid, account.name, account.wrap_rules), (provider.target.clone(), None, None));
    }
    let stored = provider.simulator.state().ftp_account(provider.target.as_str()).unwrap();
    assert_eq!((stored.password.as_str(), stored.path.as_str()), (PASSWORD, "target-bucket/v1"));
}

#[tokio::test]
async fn the_doubled_prefix_of_the_examples_is_a_base_url_away() {
    for (doubled, works) in [(false, false), (true, true)] {
        let builder = if doubled { Simulator::builder().doubled_prefix() } else { Simulator::builder() };
        let provider = Stook::start_with(builder).await;
        let base_url = Some(format!("{}/api", provider.simulator.base_url()));
        let client = provider.login_builder(Tweaks { base_url, ..Tweaks::default() }).build().unwrap();
        let listed = client.ftp_accounts().list().try_collect_vec().await;
        assert_eq!(listed.is_ok(), works, "{listed:?}");
    }
}

#[tokio::test]
async fn another_organization_is_not_there_or_not_allowed() {
    for (builder, kind) in [
        (Simulator::builder(), ErrorKind::NotFound),
        (Simulator::builder().foreign_organizations_forbidden(), ErrorKind::PermissionDenied),
    ] {
        let provider = Stook::start_with(builder).await;
        let token = provider.simulator.state().issue_token();
        let stranger = Client::builder(OrganizationId::from("another"), Authentication::token(token))
            .base_url(provider.simulator.base_url());
        let stranger = stranger.allow_http().no_proxy().build().unwrap();
        let error = stranger.ftp_accounts().get(&provider.target).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{error}");
    }
}

#[tokio::test]
async fn a_bucket_takes_its_accounts_along() {
    let (provider, client) = start(Simulator::builder()).await;
    client.buckets().delete(&provider.bucket).await.unwrap();
    assert!(client.ftp_accounts().get(&provider.target).await.unwrap_err().is_not_found());
    let credential = client.credentials().get(&provider.credential).await.unwrap();
    assert_eq!(credential.buckets, Some(vec![]));
    let error = client.buckets().delete(&provider.bucket).await.unwrap_err();
    assert!(error.is_not_found() && error.attempts() == 1, "{error}");
}
