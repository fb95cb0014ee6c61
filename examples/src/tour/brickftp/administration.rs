//! Permissions, notifications and the history.

use brickftp::{
    ExportFormat, HistoryPage, HistoryQuery, HistoryScope, NewNotification, NewPermission, PermissionKind,
    SendInterval, UserId,
};

use super::{Round, stored};
use crate::tour::{Stop, Walk, holds, same};

pub(super) async fn permissions(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Permissions");
    let new = NewPermission::new("Tour/in", ada, PermissionKind::Full).recursive(true);
    let permission = walk
        .call("Let the user into a folder", client.permissions().create(new), |made| {
            let stored = stored("permission", state.permission(made.id.get()))?;
            same("the user", stored.user_id, Some(ada.get()))?;
            same("the path and kind", (&*stored.path, &*stored.permission), ("Tour/in", "full"))?;
            Ok(format!("{} at {:?}", stored.permission, stored.path))
        })
        .await?
        .id;
    walk.call("List the permissions", client.permissions().list().try_collect_vec(), |all| {
        same("the number of permissions", all.len(), state.permissions().len())?;
        holds(all.iter().any(|one| one.id == permission), "the new one is missing")?;
        Ok(format!("{} in all", all.len()))
    })
    .await?;
    walk.call("Take it back", client.permissions().delete(permission), |()| {
        holds(state.permission(permission.get()).is_none(), "it is still there")?;
        Ok("gone".to_owned())
    })
    .await
}

pub(super) async fn notifications(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Notifications");
    let new = NewNotification::new("Tour/in", ada).send_interval(SendInterval::Hourly);
    let notification = walk
        .call("Tell the user about new files", client.notifications().create(new), |made| {
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
    walk.call("Stop it", client.notifications().delete(notification), |()| {
        holds(state.notification(notification.get()).is_none(), "it is still there")?;
        Ok("gone".to_owned())
    })
    .await
}

pub(super) async fn history(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    let all = HistoryQuery::new;
    // ada herself has done nothing; somebody logs in under her name.
    let _ = state.add_event(|event| {
        event.user_id = Some(ada.get());
        event.action = "login".into();
        event.when_ms = round.simulator.now_ms();
    });
    round.section(walk, "History");
    let events = walk
        .call(
            "What happened on the site, by pages of ten",
            client.history().site(all()).page_size(10).try_collect_vec(),
            |events| {
                holds(events.len() > 10, "there is one page only")?;
                let ids: Vec<_> = events.iter().map(|event| event.id).collect();
                holds(ids.windows(2).all(|pair| pair[0] > pair[1]), "the newest is not the first, or one comes twice")?;
                Ok(format!("{} events, the newest first", events.len()))
            },
        )
        .await?;
    walk.call("Who logged in", client.history().logins(all()).try_collect_vec(), |logins| {
        let is_login = |action: &str| matches!(action, "login" | "failedlogin");
        let only = logins.iter().all(|event| event.action.as_ref().is_some_and(|action| is_login(action.as_str())));
        holds(only && !logins.is_empty(), "there are other events, or none")?;
        Ok(format!("{} logins, those that failed included", logins.len()))
    })
    .await?;
    walk.call("What one user did", client.history().user(ada, all()).try_collect_vec(), |events| {
        holds(!events.is_empty() && events.iter().all(|event| event.user_id == Some(ada)), "somebody else's is there")?;
        Ok(format!("{} events", events.len()))
    })
    .await?;
    walk.call("What happened in a folder", client.history().folder("Tour", all()).try_collect_vec(), |events| {
        holds(!events.is_empty() && events.len() < state.history().len(), "it is everything, or nothing")?;
        Ok(format!("{} events", events.len()))
    })
    .await?;
    walk.call("What happened to a file", client.history().file("Tour/in/film.mov", all()).try_collect_vec(), |found| {
        holds(!found.is_empty() && found.len() < events.len(), "it is everything, or nothing")?;
        Ok(format!("{} events", found.len()))
    })
    .await?;
    let export = async {
        let page = HistoryPage::new().per_page(5);
        let mut export = client.history().export(HistoryScope::Site, ExportFormat::Csv, page).await?;
        let mut text = Vec::new();
        while let Some(chunk) = export.body.chunk().await {
            text.extend_from_slice(&chunk.map_err(brickftp::Error::interrupted)?);
        }
        Ok((export.content_type, text))
    };
    walk.call("Five events as CSV", export, |(content_type, text)| {
        holds(content_type.as_deref().is_some_and(|one| one.starts_with("text/csv")), "this is no CSV")?;
        same("the number of lines", text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), 6)?;
        Ok("the names of the columns, and five lines".to_owned())
    })
    .await
    .map(drop)
}
