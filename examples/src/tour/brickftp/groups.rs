//! Groups, and who is in them.

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
        Ok("the notes stayed".to_owned())
    })
    .await?;
    members(walk, round, group, ada).await?;
    walk.call("Delete the group", client.groups().delete(group), |()| {
        holds(state.group(group.get()).is_none(), "it is still there")?;
        holds(state.user(ada.get()).is_some(), "ada is gone too")?;
        Ok("its members stay".to_owned())
    })
    .await
}

async fn members(walk: &mut Walk<'_>, round: &Round<'_>, group: GroupId, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    let admin = |user: UserId| {
        let all = state.memberships();
        all.into_iter().find(|one| (one.group_id, one.user_id) == (group.get(), user.get())).map(|one| one.admin)
    };
    walk.call("Put the user into it", client.groups().add_member(group, ada, false), |_| {
        same("whether ada administers it", admin(ada), Some(false))?;
        Ok("a member, and no more".to_owned())
    })
    .await?;
    walk.call("Let the user administer it", client.groups().update_member(group, ada, true), |_| {
        same("whether ada administers it", admin(ada), Some(true))?;
        Ok("done".to_owned())
    })
    .await?;
    let new = NewGroupUser::new("grace").password("Made-for-the-tour-02");
    let grace = walk
        .call("Create a user inside it", client.groups().create_user(group, new), |made| {
            same("whether grace administers it", admin(made.id), Some(false))?;
            Ok(format!("number {}", made.id))
        })
        .await?
        .id;
    walk.call("Fetch the group", client.groups().get(group), |read| {
        let users = read.user_ids.clone().unwrap_or_default();
        holds(users.contains(&ada) && users.contains(&grace), "a member is missing")?;
        same("who administers it", read.admin_ids.clone().unwrap_or_default().into_vec(), vec![ada])?;
        Ok(format!("members: {}", read.usernames.as_deref().unwrap_or_default()))
    })
    .await?;
    walk.call("Take the user out", client.groups().remove_member(group, ada), |()| {
        same("whether ada administers it", admin(ada), None)?;
        Ok("the user stays, and is no member".to_owned())
    })
    .await?;
    walk.call("Delete the other user", client.users().delete(grace), |()| {
        holds(state.user(grace.get()).is_none(), "the user is still there")?;
        Ok("gone".to_owned())
    })
    .await
}
