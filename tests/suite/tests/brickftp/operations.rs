//! All operations of BrickFTP in both formats, and the operation table of the README.

use std::collections::BTreeSet;

use brickftp::transfer::Source;
use brickftp::{
    ApiKeyId, BehaviorUpdate, BundleAccess, Client, Destination, Format, GroupUpdate, HistoryAction, ListFolder,
    NewApiKey, NewBehavior, NewBundle, NewGroup, NewGroupUser, NewNotification, NewPermission, NewPublicKey, NewUser,
    PermissionKind, Result, SendInterval, SortBy, SortOrder, UserId, UserUpdate,
};
use mft_simulator::brickftp::Simulator;
use mft_simulator::pattern;
use mft_tests::operation_table::{self, OperationTable};
use mft_tests::{Brickftp, ClientOptions, Provider, SMALL_PART};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@suite";
/// Text that XML must escape and that must not be trimmed.
const NOTES: &str = " <a> & \"b\" ]]>\n\u{e9} ";

/// Runs all operations in dependency order. The last ones clean up.
async fn run_all(provider: &Brickftp, client: &Client) -> Result<()> {
    let ada = users(provider, client).await?;
    keys(provider, client, ada).await?;
    groups(provider, client, ada).await?;
    rights(provider, client, ada).await?;
    files(provider, client).await?;
    sharing(provider, client).await?;
    history(client, ada).await?;
    client.files().delete_recursive("in").await?;
    client.users().delete(ada).await
}

async fn users(provider: &Brickftp, client: &Client) -> Result<UserId> {
    let (simulator, state) = (&provider.simulator, provider.simulator.state());
    let session =
        client.sessions().login_guarded(simulator.admin_username(), simulator.admin_password().into()).await?;
    assert_eq!(session.users().count().await?, 2);
    session.logout().await?;
    assert_eq!(state.sessions(), []);

    let users = client.users();
    let ada = users.create(NewUser::new("ada").password("N3w-example-Pw-0001").notes(NOTES).site_admin(false)).await?;
    let stored = state.user(ada.id.get()).expect("a user");
    assert_eq!((stored.username.as_str(), stored.notes.as_deref()), ("ada", Some(NOTES)));
    assert_eq!((stored.password.as_str(), ada.notes.as_deref()), ("N3w-example-Pw-0001", Some(NOTES)));
    assert_eq!(users.list().try_collect_vec().await?.len(), 3);
    assert_eq!(users.count().await?, 3);
    assert_eq!(users.find("ada").await?.map(|user| user.id), Some(ada.id));
    assert_eq!(users.find("nobody").await?, None);
    assert_eq!(users.get(ada.id).await?, ada);
    users.update(ada.id, UserUpdate::new().name("Ada").ftp_permission(false)).await?;
    state.lock_out(ada.id.get(), i64::MAX / 2);
    assert_eq!(users.unlock(ada.id).await?.lockout_expires, None);
    let stored = state.user(ada.id.get()).expect("a user");
    assert_eq!((stored.name.as_deref(), stored.ftp_permission, stored.lockout_expires_ms), (Some("Ada"), false, None));
    Ok(ada.id)
}

async fn keys(provider: &Brickftp, client: &Client, ada: UserId) -> Result<()> {
    let state = provider.simulator.state();
    let (keys, public) = (client.api_keys(), client.public_keys());
    let key = keys.create(ada, NewApiKey::new("nightly")).await?;
    let id: ApiKeyId = key.id;
    assert_eq!(state.api_key(id.get()).map(|key| key.key), key.key.map(|key| key.expose().to_owned()));
    assert_eq!(keys.list(ada).try_collect_vec().await?.len(), 1);
    assert_eq!(keys.get(id).await?.name.as_deref(), Some("nightly"));
    keys.delete(id).await?;
    assert_eq!(state.api_keys(), []);

    let key = public.create(ada, NewPublicKey::new("laptop").openssh(KEY)).await?;
    assert_eq!(public.list(ada).try_collect_vec().await?, std::slice::from_ref(&key));
    assert_eq!(public.get(key.id).await?, key);
    assert_eq!(state.public_keys()[0].title, "laptop");
    public.delete(key.id).await?;
    assert_eq!(state.public_keys(), []);
    Ok(())
}

async fn groups(provider: &Brickftp, client: &Client, ada: UserId) -> Result<()> {
    let (state, groups) = (provider.simulator.state(), client.groups());
    let group = groups.create(NewGroup::new("Ops").notes(NOTES).user_ids([ada])).await?;
    assert_eq!(group.user_ids.as_ref().map(|ids| ids.iter().copied().collect::<Vec<_>>()), Some(vec![ada]));
    let bea = groups.create_user(group.id, NewGroupUser::new("bea").password("N3w-example-Pw-0002")).await?;
    groups.update_member(group.id, bea.id, true).await?;
    groups.remove_member(group.id, ada).await?;
    let members = || state.memberships().iter().map(|one| (one.user_id, one.admin)).collect::<BTreeSet<_>>();
    assert_eq!(members(), [(bea.id.get(), true)].into());
    assert_eq!(groups.add_member(group.id, ada, false).await?.user_id, ada);
    assert_eq!(members(), [(ada.get(), false), (bea.id.get(), true)].into());
    groups.update(group.id, GroupUpdate::new().name("Operations")).await?;
    assert_eq!(groups.get(group.id).await?.name.as_deref(), Some("Operations"));
    assert_eq!(groups.list().try_collect_vec().await?.len(), 1);
    assert_eq!(state.groups()[0].notes, NOTES);
    groups.delete(group.id).await?;
    client.users().delete(bea.id).await?;
    assert_eq!((state.groups().len(), state.memberships().len()), (0, 0));
    Ok(())
}

async fn rights(provider: &Brickftp, client: &Client, ada: UserId) -> Result<()> {
    let state = provider.simulator.state();
    client.folders().create("in").await?;
    let created = client.permissions().create(NewPermission::new("in", ada, PermissionKind::ReadOnly)).await?;
    assert_eq!(client.permissions().list().try_collect_vec().await?, std::slice::from_ref(&created));
    let stored = &state.permissions()[0];
    assert_eq!((stored.path.as_str(), stored.user_id, stored.permission.as_str()), ("in", Some(ada.get()), "readonly"));
    client.permissions().delete(created.id).await?;

    let new = NewNotification::new("in", ada).send_interval(SendInterval::Daily);
    let created = client.notifications().create(new).await?;
    assert_eq!(client.notifications().list().try_collect_vec().await?.len(), 1);
    assert_eq!(state.notifications()[0].send_interval, "daily");
    client.notifications().delete(created.id).await?;
    assert_eq!((state.permissions().len(), state.notifications().len()), (0, 0));
    Ok(())
}

async fn files(provider: &Brickftp, client: &Client) -> Result<()> {
    let state = provider.simulator.state();
    let (files, folders) = (client.files(), client.folders());
    let content = pattern(0, 0, 3 * SMALL_PART - 7);
    let created = files.upload("in/q 3.txt", Source::bytes(content.clone())).await?;
    assert_eq!((created.path.as_str(), created.size), ("in/q 3.txt", Some(content.len() as u64)));
    assert_eq!(state.content("in/q 3.txt").as_deref(), Some(content.as_slice()));
    assert_eq!(files.stat("in/q 3.txt").await?.download_uri, None);
    assert!(files.download_url("in/q 3.txt").await?.download_uri.is_some());
    assert_eq!(files.download("in/q 3.txt").bytes(1 << 20).await?, content);

    files.copy("in/q 3.txt", Destination::new("in/copy.txt")).await?;
    files.rename("in/q 3.txt", Destination::new("in/moved.txt")).await?;
    folders.create("in/below").await?;
    assert_eq!(state.file_paths(), ["in/copy.txt", "in/moved.txt"]);
    let by_path = ListFolder::new().sort_by(SortBy::Path, SortOrder::Descending);
    let entries = folders.list_with("in", by_path).try_collect_vec().await?;
    let entries: BTreeSet<_> = entries.into_iter().map(|file| file.path).collect();
    assert_eq!(entries, ["in/below", "in/copy.txt", "in/moved.txt"].map(str::to_owned).into());
    assert_eq!(folders.count("in").await?, 3);
    let direct = folders.count_direct("in").await?;
    assert_eq!((direct.files, direct.folders), (2, 1));
    assert_eq!(folders.size("in").await?, 2 * content.len() as u64);
    files.delete("in/copy.txt").await?;
    assert_eq!(state.file_paths(), ["in/moved.txt"]);
    Ok(())
}

async fn sharing(provider: &Brickftp, client: &Client) -> Result<()> {
    let state = provider.simulator.state();
    let (bundles, behaviors) = (client.bundles(), client.behaviors());
    let created = bundles.create(NewBundle::new(["in"]).password("mrk-Bundle:Word-4")).await?;
    assert_eq!(bundles.get(created.id).await?.paths, ["in"]);
    assert_eq!(bundles.list().try_collect_vec().await?.len(), 1);
    let access = BundleAccess::new(created.code.as_deref().unwrap_or_default()).password("mrk-Bundle:Word-4");
    let root = bundles.contents(&access, "").try_collect_vec().await?;
    assert_eq!(root.iter().map(|entry| (entry.path.as_str(), entry.is_folder())).collect::<Vec<_>>(), [("in", true)]);
    assert_eq!(bundles.contents(&access, "in").try_collect_vec().await?.len(), 2);
    let urls = bundles.download_urls(&access, ["in/moved.txt"]).await?;
    assert!(urls.len() == 1 && urls[0].download_uri.is_some());
    bundles.delete(created.id).await?;
    assert_eq!(state.bundles().len(), 0);

    let created = behaviors.create(NewBehavior::webhook("in", ["https://example.net/hook?a=1&b=2"])).await?;
    let id = created.id.expect("an id");
    assert_eq!(behaviors.get(id).await?.webhook_urls(), ["https://example.net/hook?a=1&b=2"]);
    assert_eq!(behaviors.list().try_collect_vec().await?.len(), 1);
    assert_eq!(behaviors.list_for_folder("in").try_collect_vec().await?.len(), 1);
    behaviors.update(id, BehaviorUpdate::new().webhook_urls(["https://example.net/other"])).await?;
    assert!(state.behaviors()[0].value.to_string().contains("https://example.net/other"), "{:?}", state.behaviors());
    behaviors.delete(id).await?;
    assert_eq!(state.behaviors(), []);
    Ok(())
}

async fn history(client: &Client, ada: UserId) -> Result<()> {
    let all = client.history().site().try_collect_vec().await?;
    for action in [HistoryAction::Move, HistoryAction::Copy, HistoryAction::Destroy, HistoryAction::UserCreate] {
        assert!(all.iter().any(|event| event.action.as_ref() == Some(&action)), "{action:?} in {all:?}");
    }
    let logins = client.history().logins().try_collect_vec().await?;
    assert_eq!(logins.len(), 1);
    assert_eq!(client.history().user(ada).try_collect_vec().await?, []);
    assert!(client.history().folder("in").try_collect_vec().await?.len() > 1);
    assert!(!client.history().file("in/moved.txt").try_collect_vec().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn all_operations_work_in_every_format_combination() {
    for (request, response) in [
        (Format::Json, Format::Json),
        (Format::Xml, Format::Xml),
        (Format::Json, Format::Xml),
        (Format::Xml, Format::Json),
    ] {
        let case = format!("{request:?} with responses in {response:?}");
        let provider: Brickftp = Brickftp::start().await;
        let before = provider.snapshot();
        let client = provider.builder(ClientOptions::default()).request_format(request).response_format(response);
        run_all(&provider, &client.build().unwrap()).await.unwrap_or_else(|error| panic!("{case}: {error}"));
        assert_eq!(provider.snapshot(), before, "{case}: the run left objects behind");
        let journal = provider.journal();
        assert!(journal.iter().all(|exchange| exchange.succeeded() && exchange.fault.is_none()), "{case}");
        for exchange in &journal {
            let name = exchange.operation.unwrap_or_default();
            let type_of = |header: &str| exchange.header(header).unwrap_or_default().to_owned();
            if name.starts_with("brickftp.storage.") {
                continue;
            }
            assert_eq!(type_of("accept"), media_type(response), "{case}: {exchange}");
            if !exchange.body.is_empty() {
                assert_eq!(type_of("content-type"), media_type(request), "{case}: {exchange}");
            }
        }
    }
}

fn media_type(format: Format) -> &'static str {
    if format == Format::Xml { "application/xml" } else { "application/json" }
}

#[tokio::test]
async fn operation_table_matches_journal_and_simulator() {
    let provider: Brickftp = Brickftp::start().await;
    run_all(&provider, &provider.client(ClientOptions::default())).await.unwrap();
    let mut expected = operation_table::simulator_operations(Simulator::operations(), "");
    // Excludes other transfer operations of the service: form uploads and HEAD.
    expected.retain(|(name, method, _)| !name.contains("storage") || matches!(method.as_str(), "PUT" | "GET"));
    assert_eq!(operation_table::journal_operations(&provider.journal(), ""), expected, "run and simulator");
    assert_eq!(OperationTable::of("brickftp", 66, 2).operations(), expected, "table and simulator");
}

#[test]
fn table_rows_name_existing_functions_and_tests() {
    OperationTable::of("brickftp", 66, 2).assert_functions_and_tests_exist();
}
