//! Users: requests in both formats, and every documented response with its variants.

use crate::support::{NOTHING, SESSION, Service, both_formats, delete, either, fixture, get, post, put};
use brickftp::{
    Authentication, AuthenticationMethod, ErrorKind, Format, GrantedPermission, GroupId, IdList, NewUser,
    SslRequirement, User, UserId, UserUpdate,
};
use serde_json::{Value, json};

fn ada() -> UserId {
    UserId::new(41)
}

/// Returns the decoded value in wire form.
fn to_wire(user: &User) -> Value {
    let moment = |moment: &Option<brickftp::OffsetDateTime>| moment.as_ref().map(|moment| moment.as_str().to_owned());
    let mut value = json!({
        "id": user.id, "username": user.username, "authentication_method": user.authentication_method,
        "last_login_at": moment(&user.last_login_at), "authenticate_until": moment(&user.authenticate_until),
        "name": user.name, "email": user.email, "notes": user.notes, "group_ids": user.group_ids,
        "ftp_permission": user.ftp_permission, "sftp_permission": user.sftp_permission,
        "dav_permission": user.dav_permission, "restapi_permission": user.restapi_permission,
        "attachments_permission": user.attachments_permission, "self_managed": user.self_managed,
        "require_password_change": user.require_password_change, "allowed_ips": user.allowed_ips,
        "user_root": user.user_root, "time_zone": user.time_zone, "language": user.language,
        "ssl_required": user.ssl_required, "site_admin": user.site_admin,
        "receive_admin_alerts": user.receive_admin_alerts, "subscribe_to_newsletter": user.subscribe_to_newsletter,
        "can_create_new_users": user.can_create_new_users, "last_protocol_cipher": user.last_protocol_cipher,
        "lockout_expires": moment(&user.lockout_expires),
        "admin_group_ids": user.admin_group_ids.as_ref().map(|ids| ids.iter().collect::<Vec<_>>()),
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

/// Returns the JSON of a fixture without `null`s, which mean absent values.
fn documented(name: &str) -> Value {
    fn without_nulls(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(without_nulls),
            Value::Object(fields) => fields.retain(|_, value| !value.is_null()),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(&fixture(name, Format::Json)).unwrap();
    without_nulls(&mut value);
    value
}

async fn list(format: Format) {
    let service = Service::answering(format, get("/users"), 200, fixture("users", format)).await;
    let users = service.client.users().list().try_collect_vec().await.unwrap();
    assert_eq!(users.iter().map(to_wire).collect::<Value>(), documented("users"));
    let empty = Service::answering(format, get("/users"), 200, either(format, NOTHING)).await;
    assert!(empty.client.users().list().try_next().await.unwrap().is_none());
}

async fn count(format: Format) {
    let counting = get("/users").query("action=count");
    let service = Service::answering(format, counting, 200, fixture("users_count", format)).await;
    assert_eq!(service.client.users().count().await.unwrap(), 12);
}

async fn find(format: Format) {
    for (name, reply, found) in [
        ("ada", fixture("user", format), Some(41)),
        ("ADA", fixture("user", format), Some(41)),
        ("root", fixture("users", format), Some(42)),
        // A service that ignores the query.
        ("bo", fixture("users", format), None),
        ("bo", either(format, NOTHING).to_owned(), None),
        ("bo", either(format, ["{}", r#"<users type="array"/>"#]).to_owned(), None),
    ] {
        let finding = get("/users").query(&format!("q%5Busername%5D={name}"));
        let service = Service::answering(format, finding, 200, reply).await;
        let user = service.client.users().find(name).await.unwrap();
        assert_eq!(user.map(|user| user.id.get()), found, "{name}");
    }
}

async fn show(format: Format) {
    let service = Service::answering(format, get("/users/41"), 200, fixture("user", format)).await;
    let user = service.client.users().get(ada()).await.unwrap();
    assert_eq!(to_wire(&user), documented("user"));
    assert_eq!(user.group_ids, Some(IdList::from([GroupId::new(7), GroupId::new(8)])));
    assert_eq!(user.last_login_at.unwrap().offset_seconds(), -5 * 3600);
    let missing = Service::answering(format, get("/users/41"), 200, either(format, NOTHING)).await;
    let error = missing.client.users().get(ada()).await.unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("response is empty"), "{error}");
}

async fn create(format: Format) {
    let least = post("/users").body(json!({ "username": "ada" }), "<user><username>ada</username></user>");
    let service = Service::answering(format, least, 201, fixture("user", format)).await;
    assert_eq!(service.client.users().create(NewUser::new("ada")).await.unwrap().id, ada());

    let everything = post("/users").body(
        json!({
            "username": "ada", "authentication_method": "ldap", "password": "p<&>w", "password_confirmation": "p<&>w",
            "authenticate_until": "2030-01-01T00:00:00-05:00", "name": "Ada", "email": "ada@acme.example", "notes": "n",
            "group_ids": "7,8", "admin_group_ids": "8", "ftp_permission": false, "sftp_permission": true,
            "dav_permission": false, "restapi_permission": true, "attachments_permission": true, "self_managed": false,
            "require_password_change": true, "allowed_ips": "192.0.2.0/24\n198.51.100.7", "user_root": "Staff/ada/",
            "time_zone": "Eastern Time (US & Canada)", "language": "en", "grant_permission": "preview+write",
            "ssl_required": "always_require", "site_admin": true, "receive_admin_alerts": true,
            "subscribe_to_newsletter": false, "can_create_new_users": true,
        }),
        "<user><username>ada</username><authentication_method>ldap</authentication_method>\
         <password>p&lt;&amp;&gt;w</password><password_confirmation>p&lt;&amp;&gt;w</password_confirmation>\
         <authenticate_until>2030-01-01T00:00:00-05:00</authenticate_until><name>Ada</name>\
         <email>ada@acme.example</email><notes>n</notes><group_ids>7,8</group_ids><admin_group_ids>8</admin_group_ids>\
         <ftp_permission>false</ftp_permission><sftp_permission>true</sftp_permission>\
         <dav_permission>false</dav_permission><restapi_permission>true</restapi_permission>\
         <attachments_permission>true</attachments_permission><self_managed>false</self_managed>\
         <require_password_change>true</require_password_change><allowed_ips>192.0.2.0/24\n198.51.100.7</allowed_ips>\
         <user_root>Staff/ada/</user_root><time_zone>Eastern Time (US &amp; Canada)</time_zone>\
         <language>en</language><grant_permission>preview+write</grant_permission>\
         <ssl_required>always_require</ssl_required><site_admin>true</site_admin>\
         <receive_admin_alerts>true</receive_admin_alerts><subscribe_to_newsletter>false</subscribe_to_newsletter>\
         <can_create_new_users>true</can_create_new_users></user>",
    );
    let service = Service::answering(format, everything, 201, fixture("user", format)).await;
    let new = NewUser::new("ada")
        .authentication_method(AuthenticationMethod::Ldap)
        .password("p<&>w")
        .password_confirmation("p<&>w")
        .authenticate_until("2030-01-01T00:00:00-05:00".parse().unwrap())
        .name("Ada")
        .email("ada@acme.example")
        .notes("n")
        .group_ids([GroupId::new(7), GroupId::new(8)])
        .admin_group_ids([GroupId::new(8)])
        .ftp_permission(false)
        .sftp_permission(true)
        .dav_permission(false)
        .restapi_permission(true)
        .attachments_permission(true)
        .self_managed(false)
        .require_password_change(true)
        .allowed_ips("192.0.2.0/24\n198.51.100.7")
        .user_root("Staff/ada/")
        .time_zone("Eastern Time (US & Canada)")
        .language("en")
        .grant_permission(GrantedPermission::PreviewWrite)
        .ssl_required(SslRequirement::AlwaysRequire)
        .site_admin(true)
        .receive_admin_alerts(true)
        .subscribe_to_newsletter(false)
        .can_create_new_users(true);
    assert_eq!(to_wire(&service.client.users().create(new).await.unwrap()), documented("user"));
}

async fn update(format: Format) {
    let change = put("/users/41").body(
        json!({ "username": "ada2", "authenticate_until": null, "notes": "", "group_ids": "" }),
        r#"<user><username>ada2</username><authenticate_until nil="true"/><notes></notes><group_ids></group_ids></user>"#,
    );
    let service = Service::answering(format, change, 200, fixture("user", format)).await;
    let update = UserUpdate::new().username("ada2").clear_authenticate_until().notes("").group_ids(IdList::default());
    assert_eq!(to_wire(&service.client.users().update(ada(), update).await.unwrap()), documented("user"));

    let until = "2030-01-01T00:00:00-05:00";
    let until_then = put("/users/41").body(
        json!({ "authenticate_until": until }),
        "<user><authenticate_until>2030-01-01T00:00:00-05:00</authenticate_until></user>",
    );
    let service = Service::answering(format, until_then, 200, fixture("user", format)).await;
    let update = UserUpdate::new().authenticate_until(until.parse().unwrap());
    service.client.users().update(ada(), update).await.unwrap();
}

async fn remove(format: Format) {
    for reply in [either(format, NOTHING), either(format, ["{}", "<result/>"]), ""] {
        let service = Service::answering(format, delete("/users/41"), 200, reply).await;
        service.client.users().delete(ada()).await.unwrap();
    }
}

async fn unlock(format: Format) {
    let service = Service::answering(format, post("/users/41/unlock"), 200, fixture("user", format)).await;
    assert_eq!(to_wire(&service.client.users().unlock(ada()).await.unwrap()), documented("user"));
}

#[tokio::test]
async fn a_full_page_is_followed_by_the_next_until_one_is_not_full() {
    for format in [Format::Json, Format::Xml] {
        let page = |ids: std::ops::Range<u64>| {
            let item = |id: u64| match format {
                Format::Json => format!(r#"{{"id":{id}}}"#),
                Format::Xml => format!(r#"<user><id type="integer">{id}</id></user>"#),
            };
            let items = ids.map(item).collect::<Vec<_>>().join(either(format, [",", ""]));
            either(format, [format!("[{items}]"), format!(r#"<users type="array">{items}</users>"#)])
        };
        let service = Service::start(format).await;
        service.answers(get("/users"), 200, page(0..1000)).await;
        service.answers(get("/users").query("page=2"), 200, page(1000..2000)).await;
        service.answers(get("/users").query("page=3"), 200, either(format, NOTHING)).await;
        assert_eq!(service.client.users().list().try_collect_vec().await.unwrap().len(), 2000);

        let service = Service::start(format).await;
        service.answers(get("/users").query("per_page=2"), 200, page(0..2)).await;
        service.answers(get("/users").query("page=2&per_page=2"), 200, page(2..3)).await;
        assert_eq!(service.client.users().list().page_size(2).try_collect_vec().await.unwrap().len(), 3);

        let service = Service::start(format).await;
        service.answers(get("/users").query("per_page=2"), 200, page(0..2)).await;
        service.answers(get("/users").query("page=2&per_page=2"), 200, page(0..2)).await;
        let error = service.client.users().list().page_size(2).try_collect_vec().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "a service that ignores the page: {error}");
    }
}

/// Reauthentication is sent with the operations that require it only.
#[tokio::test]
async fn reauthentication_is_sent_with_the_calls_that_require_it() {
    const HEADER: &str = "x-brick-reauthentication";
    let service = Service::start_for(Format::Json, Authentication::session(SESSION)).await;
    let user = fixture("user", Format::Json);
    let reauthenticated = service.client.with_reauthentication("p:w x");
    let deleting = delete("/users/41").by_session().header(HEADER, "password:p:w x");
    service.answers(deleting, 200, "[]").await;
    reauthenticated.users().delete(ada()).await.unwrap();
    let changing = put("/users/41").by_session().header(HEADER, "password:p:w x");
    service.answers(changing.body(json!({ "password": "new" }), ""), 200, &user).await;
    reauthenticated.users().update(ada(), UserUpdate::new().password("new")).await.unwrap();
    let naming = put("/users/41").by_session().body(json!({ "name": "A" }), "");
    service.answers(naming, 200, &user).await;
    reauthenticated.users().update(ada(), UserUpdate::new().name("A")).await.unwrap();
    service.answers(get("/users/41").by_session(), 200, &user).await;
    reauthenticated.users().get(ada()).await.unwrap();
    assert_eq!(service.requests().await, 4);

    let always = service.client.with_reauthentication(brickftp::Reauthentication::new("p").on_every_call());
    service.answers(get("/users/42").by_session().header(HEADER, "password:p"), 200, &user).await;
    always.users().get(UserId::new(42)).await.unwrap();

    // An API key never requires it.
    let service = Service::answering(Format::Json, delete("/users/41"), 200, "[]").await;
    service.client.with_reauthentication("p").users().delete(ada()).await.unwrap();
}

#[test]
fn only_the_id_is_required_and_unknown_values_are_preserved() {
    let bare: User =
        serde_json::from_value(json!({ "id": "41", "password_set_at": "x", "web_permission": 1 })).unwrap();
    assert_eq!(to_wire(&bare), json!({ "id": 41 }));
    let odd = json!({
        "id": 41, "authentication_method": "saml", "ssl_required": "sometimes", "site_admin": "true", "ftp_permission": 0,
        "group_ids": [7, "8"], "admin_group_ids": "7, 8", "lockout_expires": "", "language": null,
    });
    let odd: User = serde_json::from_value(odd).unwrap();
    let expected = json!({
        "id": 41, "authentication_method": "saml", "ssl_required": "sometimes", "site_admin": true,
        "ftp_permission": false, "group_ids": "7,8", "admin_group_ids": [7, 8],
    });
    assert_eq!(to_wire(&odd), expected);
    for wrong in [json!({}), json!({ "id": -1 }), json!({ "id": "x" }), json!({ "id": 1, "group_ids": "7,x" })] {
        assert!(serde_json::from_value::<User>(wrong.clone()).is_err(), "{wrong}");
    }
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    count => fn count_json(), fn count_xml();
    find => fn find_json(), fn find_xml();
    show => fn get_json(), fn get_xml();
    create => fn create_json(), fn create_xml();
    update => fn update_json(), fn update_xml();
    remove => fn delete_json(), fn delete_xml();
    unlock => fn unlock_json(), fn unlock_xml();
}
