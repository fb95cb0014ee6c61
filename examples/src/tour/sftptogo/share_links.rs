//! Share links and their access limit.

use std::time::{Duration, SystemTime};

use mft_simulator::sftptogo::{LinkAccess, Simulator};
use sftptogo::{Client, NewShareLink, Secret, ShareLinkUpdate, SharePermission, UnixMillis};

use crate::masked;
use crate::tour::journal::{mark, refused_unsent};
use crate::tour::{Stop, Walk, holds, same};

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) async fn visit(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let state = simulator.state();
    let in_a_week = UnixMillis::from_system_time(SystemTime::now() + WEEK);
    let password = Secret::new("Shared-on-the-tour-1");
    walk.section("Share links");
    let new = NewShareLink::folder("/outbox/q3/", SharePermission::ReadOnly)
        .expires_at(in_a_week)
        .access_limit(25)
        .password(password.clone())
        .notes("Third quarter");
    let link = walk
        .call("Share a folder for a week, with a password", client.share_links().create(new), |made| {
            let stored = state.share_link(made.id.as_str()).ok_or("the service has no such link")?;
            same("the path", &*stored.path, "/outbox/q3/")?;
            same("the end", stored.expires_at_ms, Some(in_a_week.0))?;
            same("the limit", stored.access_limit, 25)?;
            holds(stored.password.as_deref() == Some(password.expose()), "the stored password differs")?;
            let url = made.url.as_deref().ok_or("the response has no URL")?;
            // Anyone with the id can open the link, so the tour masks it like a password.
            let url = url.replace(made.id.as_str(), "***");
            Ok(format!("{url}, password {}", masked(made.password.as_ref())))
        })
        .await?;
    walk.call("List the links", client.share_links().list().try_collect_vec(), |all| {
        same("the ids", all.iter().map(|link| &link.id).collect::<Vec<_>>(), vec![&link.id])?;
        same("the visits", all.iter().map(|link| link.access_count).sum::<u64>(), 0)?;
        Ok("one link, 0 visits".to_owned())
    })
    .await?;
    let change = ShareLinkUpdate::new().access_limit(2).permission(SharePermission::ReadWrite).never_expires();
    walk.call("Limit it to two visits, without an expiry", client.share_links().update(&link.id, change), |_| {
        let stored = state.share_link(link.id.as_str()).ok_or("the service has no such link")?;
        same("the limit", stored.access_limit, 2)?;
        same("the end", stored.expires_at_ms, None)?;
        same("the permission", &*stored.permission, "read-write")?;
        same("the notes", stored.notes.as_deref(), Some("Third quarter"))?;
        Ok("limit, expiry and permission changed; password and notes unchanged".to_owned())
    })
    .await?;
    same("the first visit", simulator.access_share_link(link.id.as_str()), LinkAccess::Granted(1))
        .unwrap_or_else(|wrong| walk.see("Visit it", Err(wrong)));
    walk.call("Fetch it after the first visit", client.share_links().get(&link.id), |read| {
        same("the visits", read.access_count, 1)?;
        Ok("1 visit".to_owned())
    })
    .await?;
    let second = simulator.access_share_link(link.id.as_str());
    walk.fails("Fetch it after the second, at its limit", client.share_links().get(&link.id), |error| {
        same("the second visit", second, LinkAccess::GrantedAndRemoved)?;
        holds(state.share_link(link.id.as_str()).is_none(), "the service still has the link")?;
        holds(error.is_not_found(), "expected NotFound")?;
        Ok(format!("the service has removed it: {error}"))
    })
    .await;
    let new = NewShareLink::file("/outbox/one.pdf", SharePermission::ReadOnly);
    let file = walk
        .call("Share a file", client.share_links().create(new), |made| {
            let stored = state.share_link(made.id.as_str()).ok_or("the service has no such link")?;
            same("the path", &*stored.path, "/outbox/one.pdf")?;
            Ok("no expiry, no limit".to_owned())
        })
        .await?;
    walk.call("Delete that link", client.share_links().delete(&file.id), |()| {
        same("the number of links", state.share_links().len(), 0)?;
        Ok("no link is left".to_owned())
    })
    .await?;
    let before = mark(simulator);
    let forgotten = NewShareLink::folder("/outbox/q3", SharePermission::ReadOnly);
    walk.fails("Omit the trailing slash of a folder", client.share_links().create(forgotten), |error| {
        refused_unsent(error, simulator, before)
    })
    .await;
    Ok(())
}
