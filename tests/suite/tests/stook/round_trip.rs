//! Input arrives unchanged, or it is rejected before any request is sent.

use mft_tests::round_trip::{check, edge_case, failed, ids_are_one_segment};
use mft_tests::{ClientOptions, Provider, Stook};
use proptest::prelude::*;
use stook::{
    BucketUpdate, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount, Secret, Tag,
    WrapAddress, WrapRule,
};
use tokio::runtime::Runtime;

#[test]
fn ids_are_encoded_as_one_path_segment() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Stook::start());
    let client = provider.client(ClientOptions::default());
    let state = provider.simulator.state();
    let bucket = state.bucket(provider.bucket.as_str()).unwrap();
    ids_are_one_segment(&provider, |id| {
        let account = state.add_ftp_account(&bucket, |account| account.uuid = id.into());
        let fetched = runtime.block_on(async {
            client.legacy_v1().ftp_accounts().get(&id.into()).await?;
            client.ftp_accounts().get(&id.into()).await
        });
        state.remove_ftp_account(&account.uuid);
        fetched.map(|fetched| fetched.uuid.to_string())
    });
}

#[test]
fn body_text_round_trips() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Stook::start());
    let client = provider.client(ClientOptions::default());
    let state = provider.simulator.state();
    let texts = prop_oneof![edge_case(), any::<String>()];
    check(48, &(texts.boxed(), "[A-Z][a-z][-!]\\PC{0,20}"), |(text, password)| {
        runtime.block_on(async {
            let accounts = client.ftp_accounts();
            // A leading slash is not part of the path.
            let folder = format!("in/{text}");
            let stored_path = format!("target-bucket/{folder}");
            let name = format!("x{text}");
            let rules = [WrapRule::deny([WrapAddress::unchecked(&name)])];
            let new = NewFtpAccount::new(&name, Secret::new(password.as_str()), provider.bucket.clone(), &folder)
                .wrap_rules(rules.clone());
            let account = accounts.create(new).await.map_err(|error| failed(&error))?;
            prop_assert!(account.has_wrap_rules(&rules));
            prop_assert_eq!(account.wrap_rules.as_deref(), Some(&rules[..]));
            let stored = state.ftp_account(account.uuid.as_str()).expect("a stored object");
            prop_assert!(stored.name.starts_with(&name) && account.name.as_ref() == Some(&stored.name));
            prop_assert_eq!((&stored.password, &stored.path), (&password, &stored_path));
            let update = FtpAccountUpdate::new().path(format!("{folder}{text}")).password(format!("{password}{text}"));
            let changed = accounts.update(&account.uuid, update).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.path, Some(format!("{stored_path}{text}")));
            let legacy = LegacyFtpAccountUpdate::new(Secret::new(password.as_str()), true, &folder);
            let changed = client.legacy_v1().ftp_accounts().update(&account.uuid, legacy).await;
            prop_assert_eq!(changed.map_err(|error| failed(&error))?.path, Some(stored_path));
            prop_assert_eq!(state.ftp_account(account.uuid.as_str()).expect("a stored object").password, password);
            accounts.delete(&account.uuid).await.map_err(|error| failed(&error))?;

            let new = NewBucket::new(&name).tags([Tag::new("key").label(&text)]);
            let bucket = client.buckets().create(new).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(
                (bucket.name.as_ref(), bucket.tags),
                (Some(&name), Some(vec![Tag::new("key").label(&text)]))
            );
            let update = BucketUpdate::new().tags([Tag::new(&text).label("label")]);
            let changed = client.buckets().update(&bucket.uuid, update).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.tags, Some(vec![Tag::new(&text).label("label")]));
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
fn organization_id_is_encoded_as_one_path_segment() {
    let runtime = Runtime::new().unwrap();
    for organization in ["a/b", "a b?c#d", "100%", "../x", "ü'{}"] {
        let builder = mft_simulator::stook::Simulator::builder().organization_uuid(organization);
        let provider = runtime.block_on(Stook::start_with(builder));
        let client = provider.client(ClientOptions::default());
        runtime.block_on(client.ftp_accounts().get(&provider.target).into_future()).unwrap();
    }
}
