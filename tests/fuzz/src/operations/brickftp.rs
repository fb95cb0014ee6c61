//! BrickFTP: whatever is no file.

use brickftp::raw::Method;
use brickftp::{
    ApiKeyId, Authentication, BehaviorId, BehaviorUpdate, BundleAccess, BundleId, Client, Format, GroupId, GroupUpdate,
    HistoryQuery, NewApiKey, NewBehavior, NewBundle, NewGroup, NewGroupUser, NewNotification, NewPermission,
    NewPublicKey, NewUser, NotificationId, PermissionId, PermissionKind, PublicKeyId, UserId, UserUpdate,
};

use super::{Ended, Options, listed, paged, told};
use crate::checks::{KEY, PASSWORD};
use crate::server::Server;

pub(super) fn client(server: &Server, options: Options) -> Client {
    let (wanted, other) = (Format::Json, Format::Xml);
    let (wanted, other) = if options.other() { (other, wanted) } else { (wanted, other) };
    let authentication = if options.mixed() { Authentication::session(KEY) } else { Authentication::api_key(KEY) };
    let builder = Client::builder("acme", authentication).transport(server.clone()).retry(options.retry());
    let builder = builder.format(wanted).response_format(if options.mixed() { other } else { wanted });
    builder.build().expect("a client")
}

pub(super) async fn perform(server: &Server, operation: u8, options: Options) -> Ended {
    let client = client(server, options);
    match operation % 48 {
        operation @ 0..20 => people(&client, operation, options).await,
        operation @ 20..34 => groups(&client, operation, options).await,
        operation => sharing(&client, operation, options).await,
    }
}

async fn people(client: &Client, operation: u8, options: Options) -> Ended {
    let (users, keys, public, ada) = (client.users(), client.api_keys(), client.public_keys(), UserId::new(41));
    match operation {
        0 => paged(users.list(), options).await,
        1 => told(users.count()).await,
        2 => told(users.find("ada")).await,
        3 => told(users.get(ada)).await,
        4 => told(users.create(NewUser::new("ada").password(PASSWORD))).await,
        5 => told(users.update(ada, UserUpdate::new().password(PASSWORD))).await,
        6 => told(users.delete(ada)).await,
        7 => told(users.unlock(ada)).await,
        8 => listed(keys.list(ada), options).await,
        9 => told(keys.get(ApiKeyId::new(1))).await,
        10 => told(keys.create(ada, NewApiKey::new("ci"))).await,
        11 => told(keys.delete(ApiKeyId::new(1))).await,
        12 => listed(public.list(ada), options).await,
        13 => told(public.get(PublicKeyId::new(1))).await,
        14 => told(public.create(ada, NewPublicKey::new("laptop", "ssh-rsa AAAA"))).await,
        15 => told(public.delete(PublicKeyId::new(1))).await,
        16 => told(client.sessions().login("ada", PASSWORD)).await,
        17 => told(client.sessions().login_guarded("ada", PASSWORD)).await,
        18 => told(client.sessions().logout()).await,
        _ => told(client.with_reauthentication(PASSWORD).users().delete(ada)).await,
    }
}

async fn groups(client: &Client, operation: u8, options: Options) -> Ended {
    let (groups, permissions, notifications) = (client.groups(), client.permissions(), client.notifications());
    let (group, ada) = (GroupId::new(7), UserId::new(41));
    match operation {
        20 => paged(groups.list(), options).await,
        21 => told(groups.get(group)).await,
        22 => told(groups.create(NewGroup::new("Ops"))).await,
        23 => told(groups.update(group, GroupUpdate::new().name("x"))).await,
        24 => told(groups.delete(group)).await,
        25 => told(groups.create_user(group, NewGroupUser::new("bo").password(PASSWORD))).await,
        26 => told(groups.add_member(group, ada, true)).await,
        27 => told(groups.update_member(group, ada, true)).await,
        28 => told(groups.remove_member(group, ada)).await,
        29 => listed(permissions.list(), options).await,
        30 => listed(permissions.list_for_path("in"), options).await,
        31 => told(permissions.create(NewPermission::new("in", ada, PermissionKind::Full))).await,
        32 => told(permissions.delete(PermissionId::new(1))).await,
        _ => match options.prefetch() {
            true => listed(notifications.list(), options).await,
            false if options.small_pages() => told(notifications.delete(NotificationId::new(1))).await,
            false => told(notifications.create(NewNotification::new("in", ada))).await,
        },
    }
}

async fn sharing(client: &Client, operation: u8, options: Options) -> Ended {
    let (bundles, behaviors) = (client.bundles(), client.behaviors());
    let (bundle, behavior) = (BundleId::new(1), BehaviorId::new(1));
    let authentication = BundleAccess::new("a0b1c2d3e").password(PASSWORD);
    match operation {
        34 => listed(bundles.list(), options).await,
        35 => told(bundles.get(bundle)).await,
        36 => told(bundles.create(NewBundle::new(["in"]).password(PASSWORD))).await,
        37 => told(bundles.delete(bundle)).await,
        38 => listed(bundles.contents(&access, "in"), options).await,
        39 => told(bundles.download_urls(&access, ["in/a"])).await,
        40 => listed(behaviors.list(), options).await,
        41 => listed(behaviors.list_for_folder("in"), options).await,
        42 => told(behaviors.get(behavior)).await,
        43 => told(behaviors.create(NewBehavior::webhook("in", ["https://example.net/hook"]))).await,
        44 => told(behaviors.update(behavior, BehaviorUpdate::new().webhook_urls(["https://example.net/x"]))).await,
        45 => told(behaviors.delete(behavior)).await,
        46 => paged(client.history().site(HistoryQuery::new()), options).await,
        _ => told(client.raw(Method::GET, "/new.json").into_call()).await,
    }
}
