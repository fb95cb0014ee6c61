//! Whatever the caller puts in arrives as it was, or is refused before anything is sent.

use mft_tests::round_trip::{awkward, check, every_id_is_one_segment, failed, is_no_segment};
use mft_tests::{Provider, Sftptogo, Tweaks};
use proptest::prelude::*;
use sftptogo::{CredentialUpdate, InboundRule, NewCredential, NewShareLink, ShareLinkUpdate, SharePermission};
use tokio::runtime::Runtime;

#[test]
fn ids_arrive_as_one_segment_with_every_character() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Sftptogo::start());
    let client = provider.client(Tweaks::default());
    let state = provider.simulator.state();
    every_id_is_one_segment(&provider, |id| {
        let made = state.add_credential(|credential| credential.id = id.into());
        let found = runtime.block_on(client.credentials().get(&id.into()).into_future());
        state.remove_credential(&made.id);
        found.map(|found| found.id.to_string())
    });
}

#[test]
fn the_second_id_of_a_path_arrives_as_well() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Sftptogo::start());
    let client = provider.client(Tweaks::default());
    check(24, &(awkward(), awkward()), |(user, key)| {
        if [&user, &key].into_iter().any(|id| is_no_segment(id)) {
            return Ok(());
        }
        let refused =
            runtime.block_on(client.ssh_keys().remove(&user.as_str().into(), &key.as_str().into()).into_future());
        prop_assert!(refused.is_err_and(|error| error.is_not_found()));
        let journal = provider.journal();
        let path = journal.last().map(|exchange| exchange.path.clone()).unwrap_or_default();
        let segments: Vec<_> = path.split('/').map(|text| percent_encoding::percent_decode_str(text)).collect();
        prop_assert_eq!(segments.len(), 7, "{}", path);
        prop_assert_eq!(segments[4].clone().decode_utf8_lossy(), user);
        prop_assert_eq!(segments[6].clone().decode_utf8_lossy(), key);
        Ok(())
    });
}

#[test]
fn texts_in_bodies_arrive_and_come_back_as_they_were() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Sftptogo::start());
    let client = provider.client(Tweaks::default());
    let state = provider.simulator.state();
    let texts = prop_oneof![awkward(), any::<String>()];
    check(48, &(texts.boxed(), "[A-Z][a-z][0-9]\\PC{7,20}"), |(text, password)| {
        runtime.block_on(async {
            let folder = format!("/{text}/");
            let new = NewShareLink::folder(&folder, SharePermission::ReadOnly).notes(&text).password(password.as_str());
            let link = client.share_links().create(new).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(link.path.as_ref(), Some(&folder));
            let stored = state.share_link(link.id.as_str()).expect("it was stored");
            prop_assert_eq!((&stored.path, stored.notes.as_ref()), (&folder, Some(&text)));
            prop_assert_eq!(stored.password.as_ref(), Some(&password));
            let change = ShareLinkUpdate::new().notes(format!("{text}{text}"));
            client.share_links().update(&link.id, change).await.map_err(|error| failed(&error))?;
            let notes = client.share_links().get(&link.id).await.map_err(|error| failed(&error))?.notes;
            prop_assert_eq!(notes, Some(format!("{text}{text}")));
            client.share_links().delete(&link.id).await.map_err(|error| failed(&error))?;

            let new = NewCredential::new().alias(&text).home_directory(&folder).password(password.as_str());
            let made = client.credentials().create(new).await.map_err(|error| failed(&error))?;
            let stored = state.credential(made.id.as_str()).expect("it was stored");
            prop_assert_eq!((&stored.alias, &stored.home_directory), (&text, &folder));
            prop_assert_eq!(made.password.map(|password| password.expose().to_owned()), Some(password));
            let change = CredentialUpdate::new().chroot_directory(&folder);
            let changed = client.credentials().update(&made.id, change).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.chroot_directory, Some(folder));
            let rule = InboundRule::allow("2001:db8::/32").description(&text).id("rule 1");
            client.credentials().add_inbound_rule(&made.id, rule).await.map_err(|error| failed(&error))?;
            let rules = state.credential(made.id.as_str()).expect("it was stored").inbound_rules;
            prop_assert_eq!(rules.last().map(|rule| (&*rule.description, &*rule.id)), Some((&*text, "rule 1")));
            let _ = client.credentials().delete(&made.id).await.map_err(|error| failed(&error))?;
            Ok(())
        })
    });
}

#[test]
fn the_organization_is_a_segment_like_any_other() {
    let runtime = Runtime::new().unwrap();
    for organization in ["a/b", "a b?c#d", "100%", "../x", "ü'{}"] {
        let builder = mft_simulator::sftptogo::Simulator::builder().organization_id(organization);
        let provider = runtime.block_on(Sftptogo::start_with(builder));
        let client = provider.client(Tweaks::default());
        runtime.block_on(client.credentials().get(&provider.target).into_future()).unwrap();
    }
}
