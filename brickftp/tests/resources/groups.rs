//! Groups and memberships: requests in both formats, and the documented responses.

use crate::support::{NOTHING, Service, both_formats, delete, either, fixture, get, patch, post, put};
use brickftp::{Format, Group, GroupId, GroupUpdate, IdList, Membership, NewGroup, NewGroupUser, UserId};
use serde_json::json;

fn operators() -> GroupId {
    GroupId::new(7)
}

fn ada() -> UserId {
    UserId::new(41)
}

#[track_caller]
fn is_documented(group: &Group) {
    assert_eq!((group.id, group.name.as_deref(), group.notes.as_deref()), (operators(), Some("Ops"), Some("")));
    assert_eq!(group.user_ids, Some(IdList::from([ada(), UserId::new(43)])));
    assert_eq!((group.usernames.as_deref(), &group.admin_ids), (Some("ada,bo"), &Some(IdList::default())));
}

#[track_caller]
fn is_documented_membership(membership: &Membership) {
    assert_eq!(membership.id.map(brickftp::MembershipId::get), Some(9001));
    assert_eq!((membership.group_id, membership.user_id, membership.admin), (operators(), ada(), Some(true)));
}

async fn list(format: Format) {
    let service = Service::answering(format, get("/groups"), 200, fixture("groups", format)).await;
    let groups = service.client.groups().list().try_collect_vec().await.unwrap();
    is_documented(&groups[0]);
    let empty = (groups[1].notes.as_deref(), &groups[1].user_ids, &groups[1].admin_ids);
    assert_eq!(empty, (None, &Some(IdList::default()), &Some(IdList::from([ada()]))));
    let none = Service::answering(format, get("/groups"), 200, either(format, NOTHING)).await;
    assert!(none.client.groups().list().try_next().await.unwrap().is_none());
}

async fn show(format: Format) {
    let service = Service::answering(format, get("/groups/7"), 200, fixture("group", format)).await;
    is_documented(&service.client.groups().get(operators()).await.unwrap());
}

async fn create(format: Format) {
    let making = post("/groups").body(
        json!({ "name": "Ops", "notes": "", "user_ids": "41,43", "admin_ids": "41" }),
        "<group><name>Ops</name><notes></notes><user_ids>41,43</user_ids><admin_ids>41</admin_ids></group>",
    );
    let service = Service::answering(format, making, 201, fixture("group", format)).await;
    let new = NewGroup::new("Ops").notes("").user_ids([ada(), UserId::new(43)]).admin_ids([ada()]);
    is_documented(&service.client.groups().create(new).await.unwrap());
}

async fn update(format: Format) {
    let change = put("/groups/7")
        .body(json!({ "name": "Ops", "user_ids": "" }), "<group><name>Ops</name><user_ids></user_ids></group>");
    let service = Service::answering(format, change, 200, fixture("group", format)).await;
    let update = GroupUpdate::new().name("Ops").user_ids([]);
    is_documented(&service.client.groups().update(operators(), update).await.unwrap());
}

async fn remove(format: Format) {
    let service = Service::answering(format, delete("/groups/7"), 200, either(format, NOTHING)).await;
    service.client.groups().delete(operators()).await.unwrap();
}

async fn create_user(format: Format) {
    let making = post("/groups/7/users").body(
        json!({ "user": {
            "username": "bo", "password": "pw", "authenticate_until": "2030-01-01T00:00:00Z", "name": "Bo",
            "email": "bo@acme.example", "notes": "n", "group_ids": "7,8", "require_password_change": true,
            "user_root": "Staff/", "time_zone": "UTC", "language": "en",
        } }),
        "<user><username>bo</username><password>pw</password><authenticate_until>2030-01-01T00:00:00Z</authenticate_until>\
         <name>Bo</name><email>bo@acme.example</email><notes>n</notes><group_ids>7,8</group_ids>\
         <require_password_change>true</require_password_change><user_root>Staff/</user_root>\
         <time_zone>UTC</time_zone><language>en</language></user>",
    );
    let service = Service::answering(format, making, 201, fixture("user", format)).await;
    let new = NewGroupUser::new("bo")
        .password("pw")
        .authenticate_until("2030-01-01T00:00:00Z".parse().unwrap())
        .name("Bo")
        .email("bo@acme.example")
        .notes("n")
        .group_ids([operators(), GroupId::new(8)])
        .require_password_change(true)
        .user_root("Staff/")
        .time_zone("UTC")
        .language("en");
    let user = service.client.groups().create_user(operators(), new).await.unwrap();
    assert_eq!(user.group_ids, Some(IdList::from([operators(), GroupId::new(8)])));
}

const MEMBERSHIP: &str = "/groups/7/memberships/41";

async fn add_member(format: Format) {
    for (administers, word) in [(true, "true"), (false, "false")] {
        let xml = format!("<membership><admin>{word}</admin></membership>");
        let adding = put(MEMBERSHIP).body(json!({ "membership": { "admin": word } }), &xml);
        let service = Service::answering(format, adding, 200, fixture("membership", format)).await;
        let membership = service.client.groups().add_member(operators(), ada(), administers).await.unwrap();
        is_documented_membership(&membership);
    }
}

async fn update_member(format: Format) {
    let changing = || {
        let xml = "<membership><admin>true</admin></membership>";
        patch(MEMBERSHIP).body(json!({ "membership": { "admin": "true" } }), xml)
    };
    let service = Service::answering(format, changing(), 200, fixture("membership", format)).await;
    let membership = service.client.groups().update_member(operators(), ada(), true).await.unwrap();
    is_documented_membership(&membership.unwrap());
    for (status, reply) in [(200, either(format, NOTHING)), (204, "")] {
        let service = Service::answering(format, changing(), status, reply).await;
        assert_eq!(service.client.groups().update_member(operators(), ada(), true).await.unwrap(), None);
    }
}

async fn remove_member(format: Format) {
    let service = Service::answering(format, delete(MEMBERSHIP), 200, either(format, NOTHING)).await;
    service.client.groups().remove_member(operators(), ada()).await.unwrap();
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    show => fn get_json(), fn get_xml();
    create => fn create_json(), fn create_xml();
    update => fn update_json(), fn update_xml();
    remove => fn delete_json(), fn delete_xml();
    create_user => fn create_user_json(), fn create_user_xml();
    add_member => fn add_member_json(), fn add_member_xml();
    update_member => fn update_member_json(), fn update_member_xml();
    remove_member => fn remove_member_json(), fn remove_member_xml();
}
