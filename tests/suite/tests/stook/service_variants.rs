//! Peculiarities of Stook: failures with a success status, changed names, rewritten rules, and two API versions.

use mft_simulator::stook::{Builder, Simulator};
use mft_tests::{ClientOptions, Provider, Stook};
use stook::{
    Authentication, Client, ErrorKind, FtpAccount, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewFtpAccount,
    OrganizationId, Outcome, WrapAddress, WrapRule, WrapRuleType,
};

const PASSWORD: &str = "mrk-Chosen:Password@9%";

async fn start(builder: Builder) -> (Stook, Client) {
    let provider = Stook::start_with(builder).await;
    let client = provider.client(ClientOptions::default());
    (provider, client)
}

#[tokio::test]
async fn soft_errors_match_hard_errors() {
    let (hard, hard_client) = start(Simulator::builder()).await;
    let (soft, soft_client) = start(Simulator::builder().soft_errors()).await;
    let missing = "nobody".into();
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
                "get" => accounts.get(&missing).await.map(|_| ()),
                "delete" => accounts.delete(&missing).await,
                "delete v1" => client.legacy_v1().ftp_accounts().delete(&missing).await,
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
        let hard_error = attempt(&hard, &hard_client).await.expect_err(case);
        assert_eq!(
            (hard_error.kind(), hard_error.outcome(), hard_error.attempts()),
            (kind, Outcome::NotDone, 1),
            "{case}: {hard_error}"
        );
        let soft_error = attempt(&soft, &soft_client).await.expect_err(case);
        assert_eq!(
            (soft_error.kind(), soft_error.outcome()),
            (ErrorKind::Rejected, Outcome::NotDone),
            "{case}: {soft_error}"
        );
        assert_eq!(
            (soft_error.attempts(), soft_error.status().map(|status| status.as_u16())),
            (1, Some(200)),
            "{case}"
        );
        assert!(
            soft_error.message().is_some() && soft_error.message() == hard_error.message(),
            "{case}: {soft_error} and {hard_error}"
        );
        if case == "weak password" {
            let message = hard_error.message().unwrap_or_default();
            assert!(message.contains("; password: The password must contain"), "{message}");
        }
    }
    assert_eq!(hard.snapshot(), soft.snapshot(), "a failure changes nothing");
}

#[tokio::test]
async fn accounts_are_identified_by_uuid_not_by_requested_name() {
    let (provider, client) = start(Simulator::builder()).await;
    let accounts = client.ftp_accounts();
    let new = || NewFtpAccount::new("camera1", PASSWORD, &provider.bucket, "cam1");
    let created = accounts.create(new()).await.unwrap();
    let stored = provider.simulator.state().ftp_account(created.uuid.as_str()).unwrap();
    assert_eq!((created.name.as_deref(), created.path.as_deref()), (Some(&*stored.name), Some("target-bucket/cam1")));
    let all = accounts.list().try_collect_vec().await.unwrap();
    let has_name = |account: &&FtpAccount| account.name.as_deref() == Some("camera1");
    assert_eq!(all.iter().filter(has_name).count(), 0);
    assert_eq!(all.iter().filter(|account| account.uuid == created.uuid).count(), 1);
    // The same requested name is the same login name.
    let error = accounts.create(new()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Conflict, Outcome::NotDone), "{error}");
    // A returned path can be sent back.
    let path = created.path.clone().unwrap();
    let updated = accounts.update(&created.uuid, FtpAccountUpdate::new().path(&path)).await.unwrap();
    assert_eq!(updated.path, Some(path));
}

#[tokio::test]
async fn rewritten_wrap_rules_are_equivalent() {
    let (provider, client) = start(Simulator::builder()).await;
    let accounts = client.ftp_accounts();
    let none: [&str; 0] = [];
    for rules in [
        vec![],
        vec![WrapRule::allow(none), WrapRule::deny(none)],
        vec![WrapRule::allow(["198.51.100.7"]), WrapRule::deny(none)],
        vec![WrapRule::allow(["198.51.100.7", "2001:db8::/32"])],
        vec![WrapRule::deny(["198.51.100.8"])],
        vec![WrapRule::deny([WrapAddress::all()])],
        vec![WrapRule::allow(["192.0.2.7"]), WrapRule::deny(["192.0.2.8"]), WrapRule::allow(["192.0.2.9"])],
        vec![WrapRule::allow([WrapAddress::unchecked("192.0.2.1-192.0.2.9")])],
    ] {
        let update = FtpAccountUpdate::new().wrap_rules(rules.clone());
        let updated = accounts.update(&provider.target, update).await.unwrap();
        assert!(updated.has_wrap_rules(&rules), "{rules:?} became {:?}", updated.wrap_rules);
        // Rules that are sent back as returned stay unchanged.
        let mut returned = updated.wrap_rules.clone().unwrap();
        let update = FtpAccountUpdate::new().wrap_rules(returned.clone());
        let mut repeated = accounts.update(&provider.target, update).await.unwrap();
        assert_eq!(repeated.wrap_rules.as_ref(), Some(&returned));
        // Without the deny rules, the rules no longer match the requested ones.
        returned.retain(|rule| rule.kind != WrapRuleType::Deny);
        if Some(&returned) != repeated.wrap_rules.as_ref() {
            repeated.wrap_rules = Some(returned);
            assert!(!repeated.has_wrap_rules(&rules), "{rules:?}");
        }
    }
}

#[tokio::test]
async fn lists_are_complete_in_every_response_shape() {
    for (entries, size, requests) in [(1, 0, 1), (1, 1, 1), (6, 1, 6), (6, 2, 3), (7, 2, 4), (7, 100, 1)] {
        let builder = Simulator::builder();
        let builder = if size == 0 { builder.unwrapped_single_items() } else { builder.paged_lists(size) };
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
async fn v1_update_replaces_fields_that_v2_leaves_unchanged() {
    let (provider, client) = start(Simulator::builder()).await;
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let changed = accounts.update(&provider.target, FtpAccountUpdate::new().login_allowed(false)).await.unwrap();
    let rules = [WrapRule::allow(["198.51.100.7"])];
    assert!(changed.has_wrap_rules(&rules));
    let update = LegacyFtpAccountUpdate::new(PASSWORD, true, "v1");
    let changed = legacy.update(&provider.target, update.clone()).await.unwrap();
    assert_eq!((changed.login_allowed, changed.is_readonly), (Some(false), Some(true)));
    assert!(changed.has_wrap_rules(&[]), "rules that are not sent are removed");
    let changed = legacy.update(&provider.target, update.wrap_rules(rules.clone())).await.unwrap();
    assert!(changed.has_wrap_rules(&rules));

    // If version 1 returns only the UUID, the other fields are `None`.
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
async fn base_url_can_contain_the_doubled_prefix() {
    for (doubled, works) in [(false, false), (true, true)] {
        let builder = if doubled { Simulator::builder().doubled_prefix() } else { Simulator::builder() };
        let provider = Stook::start_with(builder).await;
        let base_url = Some(format!("{}/api", provider.simulator.base_url()));
        let client = provider.login_builder(ClientOptions { base_url, ..ClientOptions::default() }).build().unwrap();
        let result = client.ftp_accounts().list().try_collect_vec().await;
        assert_eq!(result.is_ok(), works, "{result:?}");
    }
}

#[tokio::test]
async fn foreign_organization_is_not_found_or_forbidden() {
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
async fn deleting_a_bucket_deletes_its_accounts() {
    let (provider, client) = start(Simulator::builder()).await;
    client.buckets().delete(&provider.bucket).await.unwrap();
    assert!(client.ftp_accounts().get(&provider.target).await.unwrap_err().is_not_found());
    let credential = client.credentials().get(&provider.credential).await.unwrap();
    assert_eq!(credential.buckets, Some(vec![]));
    let error = client.buckets().delete(&provider.bucket).await.unwrap_err();
    assert!(error.is_not_found() && error.attempts() == 1, "{error}");
}
