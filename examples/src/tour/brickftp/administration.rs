//! Permissions, notifications and the history.

use brickftp::{
    ExportFormat, HistoryPage, HistoryScope, NewNotification, NewPermission, PermissionKind, SendInterval, UserId,
};

use super::{Round, stored};
use crate::tour::{Stop, Walk, holds, same};

pub(super) async fn permissions(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Permissions");
    let new = NewPermission::new("Tour/in", ada, PermissionKind::Full).recursive(true);
    let permission = walk
        .call("Grant the user a permission to a folder", client.permissions().create(new), |made| {
            let stored = stored("permission", state.permission(made.id.get()))?;
            same("the user", stored.user_id, Some(ada.get()))?;
            same("the path and kind", (&*stored.path, &*stored.permission), ("Tour/in", "full"))?;
            Ok(format!("{} at {:?}", stored.permission, stored.path))
        })
        .await?
        .id;
    walk.call("List the permissions", client.permissions().list().try_collect_vec(), |all| {
        same("the number of permissions", all.len(), state.permissions().len())?;
        holds(all.iter().any(|one| one.id == permission), "the new object is missing")?;
        Ok(format!("{} in total", all.len()))
    })
    .await?;
    walk.call("Delete it", client.permissions().delete(permission), |()| {
        holds(state.permission(permission.get()).is_none(), "it still exists")?;
        Ok("gone".to_owned())
    })
    .await
}

pub(super) async fn notifications(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Notifications");
    let new = NewNotification::new("Tour/in", ada).send_interval(SendInterval::Hourly);
    let notification = walk
        .call("Notify the user about new files", client.notifications().create(new), |made| {
            let stored = stored("notification", state.notification(made.id.get()))?;
            same("the user", stored.user_id, ada.get())?;
            same("the interval", &*stored.send_interval, "hourly")?;
            Ok(format!("{} about {:?}", stored.send_interval, stored.path))
        })
        .await?
        .id;
    walk.call("List the notifications", client.notifications().list().try_collect_vec(), |all| {
        same("the ids", all.iter().map(|one| one.id).collect::<Vec<_>>(), vec![notification])?;
        Ok("one notification".to_owned())
    })
    .await?;
    walk.call("Delete it", client.notifications().delete(notification), |()| {
        holds(state.notification(notification.get()).is_none(), "it still exists")?;
        Ok("gone".to_owned())
    })
    .await
}

pub(super) async fn history(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    // ada herself has done nothing yet, so log in as ada.
    let _ = state.add_event(|event| {
        event.user_id = Some(ada.get());
        event.action = "login".into();
        event.when_ms = round.simulator.now_ms();
    });
    round.section(walk, "History");
    let events = walk
        .call(
            "List the site history in pages of ten",
            client.history().site().page_size(10).try_collect_vec(),
            |events| {
                holds(events.len() > 10, "there is only one page")?;
                let ids: Vec<_> = events.iter().map(|event| event.id).collect();
                holds(
                    ids.windows(2).all(|pair| pair[0] > pair[1]),
                    "the newest event is not first, or an event repeats",
                )?;
                Ok(format!("{} events, newest first", events.len()))
            },
        )
        .await?;
    walk.call("List the logins", client.history().logins().try_collect_vec(), |logins| {
        let is_login = |action: &str| matches!(action, "login" | "failedlogin");
        let only = logins.iter().all(|event| event.action.as_ref().is_some_and(|action| is_login(action.as_str())));
        holds(only && !logins.is_empty(), "other events, or none")?;
        Ok(format!("{} logins, including failed ones", logins.len()))
    })
    .await?;
    walk.call("List the history of a user", client.history().user(ada).try_collect_vec(), |events| {
        holds(
            !events.is_empty() && events.iter().all(|event| event.user_id == Some(ada)),
            "an event of another user is included",
        )?;
        Ok(format!("{} events", events.len()))
    })
    .await?;
    walk.call("List the history of a folder", client.history().folder("Tour").try_collect_vec(), |events| {
        holds(!events.is_empty() && events.len() < state.history().len(), "all events, or none")?;
        Ok(format!("{} events", events.len()))
    })
    .await?;
    walk.call("List the history of a file", client.history().file("Tour/in/film.mov").try_collect_vec(), |found| {
        holds(!found.is_empty() && found.len() < events.len(), "all events, or none")?;
        Ok(format!("{} events", found.len()))
    })
    .await?;
    let export = async {
        let page = HistoryPage::new().per_page(5);
        let mut export = client.history().export_with(HistoryScope::Site, ExportFormat::Csv, page).await?;
        let mut text = Vec::new();
        while let Some(chunk) = export.body.chunk().await {
            text.extend_from_slice(&chunk.map_err(brickftp::Error::interrupted)?);
        }
        Ok((export.content_type, text))
    };
    walk.call("Export five events as CSV", export, |(content_type, text)| {
        holds(content_type.as_deref().is_some_and(|one| one.starts_with("text/csv")), "not CSV")?;
        same("the number of lines", text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), 6)?;
        Ok("a header and five lines".to_owned())
    })
    .await
    .map(drop)
}
