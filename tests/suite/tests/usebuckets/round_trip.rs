//! Whatever the caller puts in arrives as it was, or is refused before anything is sent.

use std::collections::BTreeSet;

use mft_simulator::usebuckets::{NextUri, Simulator};
use mft_tests::round_trip::{awkward, check, every_id_is_one_segment, failed, is_no_segment};
use mft_tests::support::AWKWARD;
use mft_tests::{Provider, Tweaks, Usebuckets};
use proptest::prelude::*;
use tokio::runtime::Runtime;
use usebuckets::{BucketUpdate, NewBucket, NewUser, Permission, Permissions, UserUpdate};

#[test]
fn ids_arrive_as_one_segment_with_every_character() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Usebuckets::start());
    let client = provider.client(Tweaks::default());
    let state = provider.simulator.state();
    every_id_is_one_segment(&provider, |id| {
        let made = state.add_bucket(|bucket| bucket.id = id.into());
        let found =
            runtime.block_on(client.buckets().update(&id.into(), BucketUpdate::new().name("found")).into_future());
        state.remove_bucket(&made.id);
        found.map(|found| found.id.to_string())
    });
}

#[test]
fn the_bucket_of_a_list_arrives_on_every_page() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Usebuckets::start());
    let client = provider.client(Tweaks::default());
    let state = provider.simulator.state();
    check(24, &awkward(), |id| {
        if is_no_segment(&id) {
            return Ok(());
        }
        let made = state.add_bucket(|bucket| bucket.id.clone_from(&id));
        let users: Vec<_> = (0..3).map(|_| state.add_user(&made.id, |_| {}).id).collect();
        let list = client.users().list(&id.as_str().into()).page_size(1);
        let listed = runtime.block_on(list.try_collect_vec()).map_err(|error| failed(&error))?;
        state.remove_bucket(&made.id);
        prop_assert_eq!(listed.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), users);
        Ok(())
    });
}

/// An id of any form is a cursor of any form.
#[tokio::test]
async fn awkward_ids_are_cursors_too() {
    for form in [NextUri::Documented, NextUri::Absent, NextUri::OtherHost, NextUri::Placeholder] {
        let provider = Usebuckets::start_with(Simulator::builder().next_uri(form)).await;
        let state = provider.simulator.state();
        for id in AWKWARD {
            let _ = state.add_bucket(|bucket| bucket.id = (*id).into());
        }
        let client = provider.client(Tweaks::default());
        let all = client.buckets().list().page_size(1).try_collect_vec().await.unwrap_or_else(|error| {
            panic!("{form:?}: {error} after {:?}", provider.journal().last().map(|exchange| exchange.query.clone()))
        });
        let seen: BTreeSet<_> = all.iter().map(|bucket| bucket.id.as_str()).collect();
        let stored = state.buckets();
        assert_eq!(seen, stored.iter().map(|bucket| bucket.id.as_str()).collect(), "{form:?}");
        assert_eq!(all.len(), stored.len(), "{form:?}");
    }
}

#[test]
fn texts_in_bodies_arrive_and_come_back_as_they_were() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Usebuckets::start());
    let client = provider.client(Tweaks::default());
    let state = provider.simulator.state();
    let texts = prop_oneof![awkward(), any::<String>()].prop_filter("refused", |text| !text.trim().is_empty());
    check(48, &(texts.boxed(), "\\PC{1,20}"), |(text, password)| {
        runtime.block_on(async {
            let (buckets, users) = (client.buckets(), client.users());
            let made = buckets.create(NewBucket::new(&text)).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(made.name.as_ref(), Some(&text));
            let twice = format!("{text}{text}");
            let changed =
                buckets.update(&made.id, BucketUpdate::new().name(&twice)).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.name, Some(twice.clone()));

            let permissions = Permissions::on(&text, Permission::Read).and(format!("/{text}/*"), text.as_str().into());
            let new = NewUser::new(&made.id, &text, password.as_str().into()).permissions(permissions.clone());
            let user = users.create(new).await.map_err(|error| failed(&error))?;
            prop_assert_eq!((user.username.as_ref(), user.permissions), (Some(&text), Some(permissions)));
            let stored = state.user(user.id.as_str()).expect("it was stored");
            prop_assert_eq!((&stored.username, &stored.password), (&text, &password));
            let update = UserUpdate::new().password(format!("{password}!")).username(&twice);
            let changed = users.update(&user.id, update).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.username, Some(twice));
            let stored = state.user(user.id.as_str()).expect("it was stored");
            prop_assert_eq!(stored.password, format!("{password}!"));
            buckets.delete(&made.id).await.map_err(|error| failed(&error))
        })
    });
}
