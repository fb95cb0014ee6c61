//! Whatever the caller puts in arrives as it was, or is refused before anything is sent.

use mft_tests::round_trip::{awkward, check, every_id_is_one_segment, failed};
use mft_tests::{Provider, Stook, Tweaks};
use proptest::prelude::*;
use stook::{
    BucketUpdate, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount, Tag, WrapAddress,
    WrapRule,
};
use tokio::runtime::Runtime;

#[test]
fn ids_arrive_as_one_segment_with_every_character() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Stook::start());
    let client = provider.client(Tweaks::default());
    let state = provider.simulator.state();
    let bucket = state.bucket(provider.bucket.as_str()).unwrap();
    every_id_is_one_segment(&provider, |id| {
        let made = state.add_ftp_account(&bucket, |account| account.uuid = id.into());
        let found = runtime.block_on(async {
            client.legacy_v1().ftp_accounts().get(&id.into()).await?;
            client.ftp_accounts().get(&id.into()).await
        });
        state.remove_ftp_account(&made.uuid);
        found.map(|found| found.uuid.to_string())
    });
}

#[test]
fn texts_in_bodies_arrive_and_come_back_as_they_were() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Stook::start());
    let client = provider.client(Tweaks::default());
    let state = provider.simulator.state();
    let texts = prop_oneof![awkward(), any::<String>()];
    check(48, &(texts.boxed(), "[A-Z][a-z][-!]\\PC{0,20}"), |(text, password)| {
        runtime.block_on(async {
            let accounts = client.ftp_accounts();
            // A slash at the front is a habit and no part of the path.
            let folder = format!("in/{text}");
            let stored_path = format!("target-bucket/{folder}");
            let name = format!("x{text}");
            let rules = [WrapRule::deny([WrapAddress::unchecked(&name)])];
            let new = NewFtpAccount::new(&name, password.as_str(), &provider.bucket, &folder).wrap_rules(rules.clone());
            let made = accounts.create(new).await.map_err(|error| failed(&error))?;
            prop_assert!(made.has_wrap_rules(&rules));
            prop_assert_eq!(made.wrap_rules.as_deref(), Some(&rules[..]));
            let stored = state.ftp_account(made.uuid.as_str()).expect("it was stored");
            prop_assert!(stored.name.starts_with(&name) && made.name.as_ref() == Some(&stored.name));
            prop_assert_eq!((&stored.password, &stored.path), (&password, &stored_path));
            let update = FtpAccountUpdate::new().path(format!("{folder}{text}")).password(format!("{password}{text}"));
            let changed = accounts.update(&made.uuid, update).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.path, Some(format!("{stored_path}{text}")));
            let legacy = LegacyFtpAccountUpdate::new(password.as_str(), true, &folder);
            let changed = client.legacy_v1().ftp_accounts().update(&made.uuid, legacy).await;
            prop_assert_eq!(changed.map_err(|error| failed(&error))?.path, Some(stored_path));
            prop_assert_eq!(state.ftp_account(made.uuid.as_str()).expect("it is stored").password, password);
            accounts.delete(&made.uuid).await.map_err(|error| failed(&error))?;

            let new = NewBucket::new(&name).tags([Tag::new("key", &text)]);
            let bucket = client.buckets().create(new).await.map_err(|error| failed(&error))?;
            prop_assert_eq!((bucket.name.as_ref(), bucket.tags), (Some(&name), Some(vec![Tag::new("key", &text)])));
            let update = BucketUpdate::tags([Tag::new(&text, "label")]);
            let changed = client.buckets().update(&bucket.uuid, update).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.tags, Some(vec![Tag::new(&text, "label")]));
            let new = NewCredential::new(&name, [bucket.uuid.clone()]).subfolder(&folder);
            let credential = client.credentials().create(new).await.map_err(|error| failed(&error))?;
            let credential = client.credentials().get(&credential.uuid).await.map_err(|error| failed(&error))?;
            prop_assert_eq!((credential.name, credential.subfolder), (Some(name), Some(folder)));
            client.credentials().delete(&credential.uuid).await.map_err(|error| failed(&error))?;
            client.buckets().delete(&bucket.uuid).await.map_err(|error| failed(&error))?;
            Ok(())
        })
    });
}

#[test]
fn the_organization_is_a_segment_like_any_other() {
    let runtime = Runtime::new().unwrap();
    for organization in ["a/b", "a b?c#d", "100%", "../x", "ü'{}"] {
        let builder = mft_simulator::stook::Simulator::builder().organization_uuid(organization);
        let provider = runtime.block_on(Stook::start_with(builder));
        let client = provider.client(Tweaks::default());
        runtime.block_on(client.ftp_accounts().get(&provider.target).into_future()).unwrap();
    }
}
