//! Input arrives unchanged, or it is rejected before any request is sent.

use mft_tests::round_trip::{check, edge_case, failed, ids_are_one_segment, is_invalid_segment};
use mft_tests::{ClientOptions, Provider, Sftptogo};
use proptest::prelude::*;
use sftptogo::{CredentialUpdate, InboundRule, NewCredential, NewShareLink, ShareLinkUpdate, SharePermission};
use tokio::runtime::Runtime;

#[test]
fn ids_are_encoded_as_one_path_segment() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Sftptogo::start());
    let client = provider.client(ClientOptions::default());
    let state = provider.simulator.state();
    ids_are_one_segment(&provider, |id| {
        let credential = state.add_credential(|credential| credential.id = id.into());
        let fetched = runtime.block_on(client.credentials().get(&id.into()).into_future());
        state.remove_credential(&credential.id);
        fetched.map(|fetched| fetched.id.to_string())
    });
}

#[test]
fn second_id_is_encoded_as_one_path_segment() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Sftptogo::start());
    let client = provider.client(ClientOptions::default());
    check(24, &(edge_case(), edge_case()), |(user, key)| {
        if [&user, &key].into_iter().any(|id| is_invalid_segment(id)) {
            return Ok(());
        }
        let result =
            runtime.block_on(client.ssh_keys().remove(&user.as_str().into(), &key.as_str().into()).into_future());
        prop_assert!(result.is_err_and(|error| error.is_not_found()));
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
fn body_text_round_trips() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Sftptogo::start());
    let client = provider.client(ClientOptions::default());
    let state = provider.simulator.state();
    let texts = prop_oneof![edge_case(), any::<String>()];
    check(48, &(texts.boxed(), "[A-Z][a-z][0-9]\\PC{7,20}"), |(text, password)| {
        runtime.block_on(async {
            let folder = format!("/{text}/");
            let new = NewShareLink::folder(&folder, SharePermission::ReadOnly).notes(&text).password(password.as_str());
            let link = client.share_links().create(new).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(link.path.as_ref(), Some(&folder));
            let stored = state.share_link(link.id.as_str()).expect("a stored object");
            prop_assert_eq!((&stored.path, stored.notes.as_ref()), (&folder, Some(&text)));
            prop_assert_eq!(stored.password.as_ref(), Some(&password));
            let change = ShareLinkUpdate::new().notes(format!("{text}{text}"));
            client.share_links().update(&link.id, change).await.map_err(|error| failed(&error))?;
            let notes = client.share_links().get(&link.id).await.map_err(|error| failed(&error))?.notes;
            prop_assert_eq!(notes, Some(format!("{text}{text}")));
            client.share_links().delete(&link.id).await.map_err(|error| failed(&error))?;

            let new = NewCredential::new().alias(&text).home_directory(&folder).password(password.as_str());
            let credential = client.credentials().create(new).await.map_err(|error| failed(&error))?;
            let stored = state.credential(credential.id.as_str()).expect("a stored object");
            prop_assert_eq!((&stored.alias, &stored.home_directory), (&text, &folder));
            prop_assert_eq!(credential.password.map(|password| password.expose().to_owned()), Some(password));
            let change = CredentialUpdate::new().chroot_directory(&folder);
            let changed = client.credentials().update(&credential.id, change).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.chroot_directory, Some(folder));
            let rule = InboundRule::allow("2001:db8::/32").description(&text).id("rule 1");
            client.credentials().add_inbound_rule(&credential.id, rule).await.map_err(|error| failed(&error))?;
            let rules = state.credential(credential.id.as_str()).expect("a stored object").inbound_rules;
            prop_assert_eq!(rules.last().map(|rule| (&*rule.description, &*rule.id)), Some((&*text, "rule 1")));
            let _ = client.credentials().delete(&credential.id).await.map_err(|error| failed(&error))?;
            Ok(())
        })
    });
}

#[test]
fn organization_id_is_encoded_as_one_path_segment() {
    let runtime = Runtime::new().unwrap();
    for organization in ["a/b", "a b?c#d", "100%", "../x", "ü'{}"] {
        let builder = mft_simulator::sftptogo::Simulator::builder().organization_id(organization);
        let provider = runtime.block_on(Sftptogo::start_with(builder));
        let client = provider.client(ClientOptions::default());
        runtime.block_on(client.credentials().get(&provider.target).into_future()).unwrap();
    }
}
