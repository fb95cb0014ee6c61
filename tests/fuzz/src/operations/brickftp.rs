//! BrickFTP, except files and folders.

use brickftp::raw::Method;
use brickftp::{
    ApiKeyId, Authentication, BehaviorId, BehaviorUpdate, BundleAccess, BundleId, Client, Format, GroupId, GroupUpdate,
    NewApiKey, NewBehavior, NewBundle, NewGroup, NewGroupUser, NewNotification, NewPermission, NewPublicKey, NewUser,
    NotificationId, PermissionId, PermissionKind, PublicKeyId, UserId, UserUpdate,
};

use super::{CallResult, Options, boxed, collect_list, collect_paged};
use crate::checks::{KEY, PASSWORD};
use crate::transport::ScriptedTransport;

pub(super) fn client(transport: &ScriptedTransport, options: Options) -> Client {
    let (format, alternative) = (Format::Json, Format::Xml);
    let (format, alternative) = if options.alternative() { (alternative, format) } else { (format, alternative) };
    let authentication = if options.mixed() { Authentication::session(KEY) } else { Authentication::api_key(KEY) };
    let builder = Client::builder("acme", authentication).transport(transport.clone()).retry(options.retry());
    let builder = builder.format(format).response_format(if options.mixed() { alternative } else { format });
    builder.build().expect("a client")
}

pub(super) async fn perform(transport: &ScriptedTransport, operation: u8, options: Options) -> CallResult {
    let client = client(transport, options);
    match operation % 48 {
        operation @ 0..20 => people(&client, operation, options).await,
        operation @ 20..34 => groups(&client, operation, options).await,
        operation => sharing(&client, operation, options).await,
    }
}

async fn people(client: &Client, operation: u8, options: Options) -> CallResult {
    let (users, keys, public, ada) = (client.users(), client.api_keys(), client.public_keys(), UserId::new(41));
    match operation {
        0 => collect_paged(users.list(), options).await,
        1 => boxed(users.count()).await,
        2 => boxed(users.find("ada")).await,
        3 => boxed(users.get(ada)).await,
        4 => boxed(users.create(NewUser::new("ada").password(PASSWORD))).await,
        5 => boxed(users.update(ada, UserUpdate::new().password(PASSWORD))).await,
        6 => boxed(users.delete(ada)).await,
        7 => boxed(users.unlock(ada)).await,
        8 => collect_list(keys.list(ada), options).await,
        9 => boxed(keys.get(ApiKeyId::new(1))).await,
        10 => boxed(keys.create(ada, NewApiKey::new("ci"))).await,
        11 => boxed(keys.delete(ApiKeyId::new(1))).await,
        12 => collect_list(public.list(ada), options).await,
        13 => boxed(public.get(PublicKeyId::new(1))).await,
        14 => boxed(public.create(ada, NewPublicKey::new("laptop").openssh("ssh-rsa AAAA"))).await,
        15 => boxed(public.delete(PublicKeyId::new(1))).await,
        16 => boxed(client.sessions().login("ada", PASSWORD.into())).await,
        17 => boxed(client.sessions().login_guarded("ada", PASSWORD.into())).await,
        18 => boxed(client.sessions().logout()).await,
        _ => boxed(client.with_reauthentication(PASSWORD).users().delete(ada)).await,
    }
}

async fn groups(client: &Client, operation: u8, options: Options) -> CallResult {
    let (groups, permissions, notifications) = (client.groups(), client.permissions(), client.notifications());
    let (group, ada) = (GroupId::new(7), UserId::new(41));
    match operation {
        20 => collect_paged(groups.list(), options).await,
        21 => boxed(groups.get(group)).await,
        22 => boxed(groups.create(NewGroup::new("Ops"))).await,
        23 => boxed(groups.update(group, GroupUpdate::new().name("x"))).await,
        24 => boxed(groups.delete(group)).await,
        25 => boxed(groups.create_user(group, NewGroupUser::new("bo").password(PASSWORD))).await,
        26 => boxed(groups.add_member(group, ada, true)).await,
        27 => boxed(groups.update_member(group, ada, true)).await,
        28 => boxed(groups.remove_member(group, ada)).await,
        29 => collect_list(permissions.list(), options).await,
        30 => collect_list(permissions.list_for_path("in"), options).await,
        31 => boxed(permissions.create(NewPermission::new("in", ada, PermissionKind::Full))).await,
        32 => boxed(permissions.delete(PermissionId::new(1))).await,
        _ => match options.prefetch() {
            true => collect_list(notifications.list(), options).await,
            false if options.small_pages() => boxed(notifications.delete(NotificationId::new(1))).await,
            false => boxed(notifications.create(NewNotification::new("in", ada))).await,
        },
    }
}

async fn sharing(client: &Client, operation: u8, options: Options) -> CallResult {
    let (bundles, behaviors) = (client.bundles(), client.behaviors());
    let (bundle, behavior) = (BundleId::new(1), BehaviorId::new(1));
    let authentication = BundleAccess::new("a0b1c2d3e").password(PASSWORD);
    match operation {
        34 => collect_list(bundles.list(), options).await,
        35 => boxed(bundles.get(bundle)).await,
        36 => boxed(bundles.create(NewBundle::new(["in"]).password(PASSWORD))).await,
        37 => boxed(bundles.delete(bundle)).await,
        38 => collect_list(bundles.contents(&authentication, "in"), options).await,
        39 => boxed(bundles.download_urls(&authentication, ["in/a"])).await,
        40 => collect_list(behaviors.list(), options).await,
        41 => collect_list(behaviors.list_for_folder("in"), options).await,
        42 => boxed(behaviors.get(behavior)).await,
        43 => boxed(behaviors.create(NewBehavior::webhook("in", ["https://example.net/hook"]))).await,
        44 => boxed(behaviors.update(behavior, BehaviorUpdate::new().webhook_urls(["https://example.net/x"]))).await,
        45 => boxed(behaviors.delete(behavior)).await,
        46 => collect_paged(client.history().site(), options).await,
        _ => boxed(client.raw(Method::GET, "/new.json").into_call()).await,
    }
}
