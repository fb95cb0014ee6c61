//! Groups and their members.

use brickftp::{GroupId, GroupUpdate, NewGroup, NewGroupUser, UserId};

use super::{Round, stored};
use crate::tour::{Stop, Walk, holds, same};

pub(super) async fn visit(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Groups");
    let group = walk
        .call("Create a group", client.groups().create(NewGroup::new("Finance").notes("Third floor")), |made| {
            same("the name", &*stored("group", state.group(made.id.get()))?.name, "Finance")?;
            Ok(format!("number {}", made.id))
        })
        .await?
        .id;
    walk.call("List the groups", client.groups().list().try_collect_vec(), |all| {
        same("the ids", all.iter().map(|group| group.id).collect::<Vec<_>>(), vec![group])?;
        Ok("one group".to_owned())
    })
    .await?;
    walk.call("Rename it", client.groups().update(group, GroupUpdate::new().name("Finance, Oslo")), |_| {
        let stored = stored("group", state.group(group.get()))?;
        same("the name", &*stored.name, "Finance, Oslo")?;
        same("the notes", &*stored.notes, "Third floor")?;
        Ok("the notes are unchanged".to_owned())
    })
    .await?;
    members(walk, round, group, ada).await?;
    walk.call("Delete the group", client.groups().delete(group), |()| {
        holds(state.group(group.get()).is_none(), "it still exists")?;
        holds(state.user(ada.get()).is_some(), "ada was deleted too")?;
        Ok("its members remain".to_owned())
    })
    .await
}

async fn members(walk: &mut Walk<'_>, round: &Round<'_>, group: GroupId, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    let admin = |user: UserId| {
        let all = state.memberships();
        all.into_iter().find(|one| (one.group_id, one.user_id) == (group.get(), user.get())).map(|one| one.admin)
    };
    walk.call("Add the user", client.groups().add_member(group, ada, false), |_| {
        same("whether ada administers it", admin(ada), Some(false))?;
        Ok("a member, not an administrator".to_owned())
    })
    .await?;
    walk.call("Make the user an administrator", client.groups().update_member(group, ada, true), |_| {
        same("whether ada administers it", admin(ada), Some(true))?;
        Ok("done".to_owned())
    })
    .await?;
    let new = NewGroupUser::new("grace").password("Made-for-the-tour-02");
    let grace = walk
        .call("Create a user in the group", client.groups().create_user(group, new), |made| {
            same("whether grace administers it", admin(made.id), Some(false))?;
            Ok(format!("number {}", made.id))
        })
        .await?
        .id;
    walk.call("Fetch the group", client.groups().get(group), |read| {
        let users = read.user_ids.clone().unwrap_or_default();
        holds(users.contains(&ada) && users.contains(&grace), "a member is missing")?;
        same("the administrators", read.admin_ids.clone().unwrap_or_default().into_vec(), vec![ada])?;
        Ok(format!("members: {}", read.usernames.as_deref().unwrap_or_default()))
    })
    .await?;
    walk.call("Remove the user", client.groups().remove_member(group, ada), |()| {
        same("whether ada administers it", admin(ada), None)?;
        Ok("the user remains but is not a member".to_owned())
    })
    .await?;
    walk.call("Delete the other user", client.users().delete(grace), |()| {
        holds(state.user(grace.get()).is_none(), "the user still exists")?;
        Ok("gone".to_owned())
    })
    .await
}
