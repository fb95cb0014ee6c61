//! Users (logins to a bucket).

use mft_simulator::usebuckets::Simulator;
use usebuckets::{BucketId, Client, NewUser, Permission, Permissions, Secret, User, UserId, UserUpdate};

use super::stored;
use crate::masked;
use crate::tour::journal::{mark, refused_unsent};
use crate::tour::{Stop, Walk, holds, same};

/// Creates, lists and updates.
pub(super) async fn visit(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    bucket: &BucketId,
) -> Result<UserId, Stop> {
    let state = simulator.state();
    walk.section("Users (logins to a bucket)");
    let password = Secret::new("Made-for-the-tour-01");
    let new =
        NewUser::new(bucket, "mira", password.clone()).permissions(Permissions::on("/invoices", Permission::Read));
    let mira = walk
        .call("Create a user with read access to one directory", client.users().create(new), |made| {
            let stored = stored("user", state.user(made.id.as_str()))?;
            holds(stored.password == password.expose(), "the stored password differs")?;
            same("the permissions", stored.permissions.len(), 1)?;
            same("the permission", stored.permissions.get("/invoices").map(String::as_str), Some("read"))?;
            Ok(format!("mira can read /invoices; password {}", masked(Some(&password))))
        })
        .await?;
    let before = mark(simulator);
    let nobody = client.users().create(NewUser::new(bucket, "", "Made-for-the-tour-02".into()));
    walk.fails("Omit the name", nobody, |error| refused_unsent(error, simulator, before)).await;
    let new = NewUser::new(bucket, "omar", "Made-for-the-tour-03".into()).permissions(Permissions::everything());
    let omar = walk
        .call("Create one with access to every directory (explicit)", client.users().create(new), |made| {
            same("the permissions", stored("user", state.user(made.id.as_str()))?.permissions.len(), 0)?;
            Ok("no permissions, which means every directory".to_owned())
        })
        .await?;
    walk.call("List the users", client.users().list(bucket).try_collect_vec(), |all| {
        let mut ids: Vec<_> = all.iter().map(|one| &one.id).collect();
        let mut expected = vec![&mira.id, &omar.id];
        ids.sort();
        expected.sort();
        same("the ids", ids, expected)?;
        let everything = |user: &&User| user.permissions.as_ref().is_some_and(Permissions::is_everything);
        same("the users with access to every directory", all.iter().filter(everything).count(), 1)?;
        Ok("two users, one with access to every directory".to_owned())
    })
    .await?;
    let new = Secret::new("Made-for-the-tour-04");
    let change = UserUpdate::new().password(new.clone()).active(false);
    walk.call("Change mira's password and deactivate her", client.users().update(&mira.id, change), |_| {
        let stored = stored("user", state.user(mira.id.as_str()))?;
        holds(stored.password == new.expose(), "the stored password differs")?;
        same("whether she is active", stored.active, false)?;
        same("her permissions", stored.permissions.len(), 1)?;
        holds(!state.accepts_login(bucket.as_str(), "mira", new.expose()), "she is active")?;
        Ok("inactive; permissions unchanged".to_owned())
    })
    .await?;
    walk.call("Delete omar", client.users().delete(&omar.id), |()| {
        holds(state.user(omar.id.as_str()).is_none(), "omar still exists")?;
        Ok("one user is left".to_owned())
    })
    .await?;
    let everything = UserUpdate::new().active(true).permissions(Permissions::everything());
    walk.call("Activate mira with access to every directory", client.users().update(&mira.id, everything), |_| {
        same("her permissions", stored("user", state.user(mira.id.as_str()))?.permissions.len(), 0)?;
        holds(state.accepts_login(bucket.as_str(), "mira", new.expose()), "she is not active")?;
        Ok("active again".to_owned())
    })
    .await?;
    Ok(mira.id)
}

/// Deletes the remaining user.
pub(super) async fn clean_up(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    mira: &UserId,
) -> Result<(), Stop> {
    walk.section("The last user");
    walk.call("Delete mira", client.users().delete(mira), |()| {
        same("the number of users", simulator.state().users().len(), 0)?;
        Ok("no users are left".to_owned())
    })
    .await
}
