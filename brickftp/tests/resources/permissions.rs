//! Permissions: requests in both formats, and the documented responses.

use crate::support::{NOTHING, Service, both_formats, delete, either, fixture, get, post};
use brickftp::{
    Format, Grantee, GroupId, NewPermission, Permission, PermissionId, PermissionKind, Permissions, UserId,
};
use serde_json::{Value, json};

#[track_caller]
fn is_documented(permission: &Permission) {
    assert_eq!((permission.id.get(), permission.user_id), (61, Some(UserId::new(41))));
    assert_eq!((permission.username.as_deref(), permission.path.as_deref()), (Some("ada"), Some("Staff/in")));
    assert_eq!((permission.group_id, permission.group_name.as_deref()), (None, None));
    assert_eq!((&permission.permission, permission.recursive), (&Some(PermissionKind::WriteOnly), Some(true)));
}

async fn list(format: Format) {
    let list = async |permissions: Permissions<'_>, path: Option<&str>| {
        let list = path.map_or_else(|| permissions.list(), |path| permissions.list_for_path(path));
        list.try_collect_vec().await.unwrap()
    };
    for (path, query) in
        [(None, None), (Some("/Staff/in & out"), Some("path=Staff%2Fin%20%26%20out")), (Some(""), Some("path="))]
    {
        let exchange = || query.iter().fold(get("/permissions"), |exchange, query| exchange.query(query));
        let service = Service::answering(format, exchange(), 200, fixture("permissions", format)).await;
        let permissions = list(service.client.permissions(), path).await;
        is_documented(&permissions[0]);
        let second = &permissions[1];
        assert_eq!((second.user_id, second.group_id, second.path.as_deref()), (None, Some(GroupId::new(7)), Some("")));
        assert_eq!((&second.permission, second.recursive), (&Some(PermissionKind::History), Some(false)));
        let service = Service::answering(format, exchange(), 200, either(format, NOTHING)).await;
        assert_eq!(list(service.client.permissions(), path).await, []);
    }
}

async fn create(format: Format) {
    let grantees: [(Grantee, Value, &str); 3] = [
        (UserId::new(41).into(), json!({ "user_id": 41 }), "<user_id>41</user_id>"),
        (Grantee::username("ada"), json!({ "username": "ada" }), "<username>ada</username>"),
        (GroupId::new(7).into(), json!({ "group_id": 7 }), "<group_id>7</group_id>"),
    ];
    for (grantee, mut json, xml) in grantees {
        for recursive in [None, Some(false)] {
            json["path"] = "Staff/in".into();
            json["permission"] = "writeonly".into();
            let mut fields = String::from("<path>Staff/in</path><permission>writeonly</permission>");
            let mut new = NewPermission::new("/Staff/in", grantee.clone(), PermissionKind::WriteOnly);
            if let Some(recursive) = recursive {
                json["recursive"] = recursive.into();
                fields.push_str("<recursive>false</recursive>");
                new = new.recursive(recursive);
            }
            let making = post("/permissions").body(json.clone(), &format!("<permission>{xml}{fields}</permission>"));
            let service = Service::answering(format, making, 201, fixture("permission", format)).await;
            is_documented(&service.client.permissions().create(new).await.unwrap());
        }
    }
}

async fn remove(format: Format) {
    let service = Service::answering(format, delete("/permissions/61"), 200, either(format, NOTHING)).await;
    service.client.permissions().delete(PermissionId::new(61)).await.unwrap();
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    create => fn create_json(), fn create_xml();
    remove => fn delete_json(), fn delete_xml();
}
