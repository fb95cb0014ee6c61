//! Input arrives unchanged, or it is rejected before any request is sent.

use std::collections::BTreeSet;

use mft_simulator::usebuckets::{NextUri, Simulator};
use mft_tests::round_trip::EDGE_CASES;
use mft_tests::round_trip::{check, edge_case, failed, ids_are_one_segment, is_invalid_segment};
use mft_tests::{ClientOptions, Provider, Usebuckets};
use proptest::prelude::*;
use tokio::runtime::Runtime;
use usebuckets::{BucketUpdate, NewBucket, NewUser, Permission, Permissions, UserUpdate};

#[test]
fn ids_are_encoded_as_one_path_segment() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Usebuckets::start());
    let client = provider.client(ClientOptions::default());
    let state = provider.simulator.state();
    ids_are_one_segment(&provider, |id| {
        let bucket = state.add_bucket(|bucket| bucket.id = id.into());
        let updated =
            runtime.block_on(client.buckets().update(&id.into(), BucketUpdate::new().name("found")).into_future());
        state.remove_bucket(&bucket.id);
        updated.map(|updated| updated.id.to_string())
    });
}

#[test]
fn bucket_id_is_sent_with_every_page() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Usebuckets::start());
    let client = provider.client(ClientOptions::default());
    let state = provider.simulator.state();
    check(24, &edge_case(), |id| {
        if is_invalid_segment(&id) {
            return Ok(());
        }
        let bucket = state.add_bucket(|bucket| bucket.id.clone_from(&id));
        let users: Vec<_> = (0..3).map(|_| state.add_user(&bucket.id, |_| {}).id).collect();
        let list = client.users().list(&id.as_str().into()).page_size(1);
        let entries = runtime.block_on(list.try_collect_vec()).map_err(|error| failed(&error))?;
        state.remove_bucket(&bucket.id);
        prop_assert_eq!(entries.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), users);
        Ok(())
    });
}

/// Every id works as a cursor.
#[tokio::test]
async fn edge_case_ids_work_as_cursors() {
    for form in [NextUri::Documented, NextUri::Absent, NextUri::OtherHost, NextUri::Placeholder] {
        let provider = Usebuckets::start_with(Simulator::builder().next_uri(form)).await;
        let state = provider.simulator.state();
        for id in EDGE_CASES {
            let _ = state.add_bucket(|bucket| bucket.id = (*id).into());
        }
        let client = provider.client(ClientOptions::default());
        let all = client.buckets().list().page_size(1).try_collect_vec().await.unwrap_or_else(|error| {
            panic!("{form:?}: {error} after {:?}", provider.journal().last().map(|exchange| exchange.query.clone()))
        });
        let ids: BTreeSet<_> = all.iter().map(|bucket| bucket.id.as_str()).collect();
        let stored = state.buckets();
        assert_eq!(ids, stored.iter().map(|bucket| bucket.id.as_str()).collect(), "{form:?}");
        assert_eq!(all.len(), stored.len(), "{form:?}");
    }
}

#[test]
fn body_text_round_trips() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Usebuckets::start());
    let client = provider.client(ClientOptions::default());
    let state = provider.simulator.state();
    let texts = prop_oneof![edge_case(), any::<String>()].prop_filter("refused", |text| !text.trim().is_empty());
    check(48, &(texts.boxed(), "\\PC{1,20}"), |(text, password)| {
        runtime.block_on(async {
            let (buckets, users) = (client.buckets(), client.users());
            let bucket = buckets.create(NewBucket::new(&text)).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(bucket.name.as_ref(), Some(&text));
            let twice = format!("{text}{text}");
            let changed =
                buckets.update(&bucket.id, BucketUpdate::new().name(&twice)).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.name, Some(twice.clone()));

            let permissions = Permissions::on(&text, Permission::Read).and(format!("/{text}/*"), text.as_str().into());
            let new = NewUser::new(&bucket.id, &text, password.as_str().into()).permissions(permissions.clone());
            let user = users.create(new).await.map_err(|error| failed(&error))?;
            prop_assert_eq!((user.username.as_ref(), user.permissions), (Some(&text), Some(permissions)));
            let stored = state.user(user.id.as_str()).expect("a stored object");
            prop_assert_eq!((&stored.username, &stored.password), (&text, &password));
            let update = UserUpdate::new().password(format!("{password}!")).username(&twice);
            let changed = users.update(&user.id, update).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.username, Some(twice));
            let stored = state.user(user.id.as_str()).expect("a stored object");
            prop_assert_eq!(stored.password, format!("{password}!"));
            buckets.delete(&bucket.id).await.map_err(|error| failed(&error))
        })
    });
}
