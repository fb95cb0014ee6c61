//! Sessions and users.

use brickftp::{Authentication, NewUser, Secret, UserId, UserUpdate};

use super::{Round, stored};
use crate::masked;
use crate::tour::{Stop, Walk, holds, same};

pub(super) async fn sessions(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Sessions");
    let (name, password) = (round.simulator.admin_username(), round.simulator.admin_password());
    let session = walk
        .call("Log in as the administrator", client.sessions().login(name, password.as_str().into()), |session| {
            let sessions = state.sessions();
            holds(sessions.iter().any(|(id, _)| id == session.id.expose()), "the session differs")?;
            Ok(format!("a session: {}", masked(Some(&session.id))))
        })
        .await?;
    walk.fails("Log in with a wrong password", client.sessions().login(name, "not the password".into()), |error| {
        holds(error.is_auth(), "expected Auth")?;
        holds(!format!("{error:?}").contains("not the password"), "the error shows the password")?;
        Ok(format!("{error}"))
    })
    .await;
    let visitor = match client.with_authentication(Authentication::session(session.id)) {
        Ok(visitor) => visitor,
        Err(error) => {
            walk.see("Use the session", Err(error.to_string()));
            return Err(Stop);
        }
    };
    walk.call("Log out", visitor.sessions().logout(), |()| {
        same("the number of sessions", state.sessions().len(), 0)?;
        Ok("no session is left".to_owned())
    })
    .await
}

/// Creates ada, whom later steps need.
pub(super) async fn users(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<UserId, Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Users");
    let password = Secret::new("Made-for-the-tour-01");
    let new = NewUser::new("ada").password(password.clone()).name("Ada & Söhne <Ltd>").email("ada@acme.example");
    let ada = walk
        .call("Create a user", client.users().create(new), |made| {
            let stored = stored("user", state.user(made.id.get()))?;
            same("the user name", &*stored.username, "ada")?;
            same("the name", stored.name.as_deref(), Some("Ada & Söhne <Ltd>"))?;
            holds(stored.password == password.expose(), "the stored password differs")?;
            Ok(format!("number {}, {:?}", made.id, stored.name.unwrap_or_default()))
        })
        .await?
        .id;
    walk.call("List the users", client.users().list().try_collect_vec(), |all| {
        same("the number of users", all.len(), state.users().len())?;
        holds(all.iter().any(|user| user.id == ada), "ada is missing")?;
        Ok(format!("{} users", all.len()))
    })
    .await?;
    walk.call("Count them", client.users().count(), |count| {
        same("the number", *count, state.users().len() as u64)?;
        Ok(format!("{count}, equal to the list"))
    })
    .await?;
    walk.call("Find one by name", client.users().find("ada"), |found| {
        same("the id", found.as_ref().map(|user| user.id), Some(ada))?;
        Ok("the same user".to_owned())
    })
    .await?;
    walk.call("Find a user that does not exist", client.users().find("charles"), |found| {
        holds(found.is_none(), "a user was found")?;
        Ok("no user, and no error".to_owned())
    })
    .await?;
    walk.call("Fetch it", client.users().get(ada), |user| {
        same("the name", user.name.as_deref(), Some("Ada & Söhne <Ltd>"))?;
        Ok(format!("{}, {}", user.username.as_deref().unwrap_or("?"), user.email.as_deref().unwrap_or("?")))
    })
    .await?;
    let change = UserUpdate::new().name("Ada Lovelace").sftp_permission(true).notes("two\nlines");
    walk.call("Change the name and the notes", client.users().update(ada, change), |_| {
        let stored = stored("user", state.user(ada.get()))?;
        same("the name", stored.name.as_deref(), Some("Ada Lovelace"))?;
        same("the notes", stored.notes.as_deref(), Some("two\nlines"))?;
        same("the email", stored.email.as_deref(), Some("ada@acme.example"))?;
        Ok("changed; other fields unchanged".to_owned())
    })
    .await?;
    state.lock_out(ada.get(), round.simulator.now_ms() + 600_000);
    walk.call("Unlock the user", client.users().unlock(ada), |user| {
        holds(user.lockout_expires.is_none(), "the response still has a lockout end")?;
        same("the end", stored("user", state.user(ada.get()))?.lockout_expires_ms, None)?;
        Ok("the user can log in again".to_owned())
    })
    .await?;
    walk.fails("Create the same user again", client.users().create(NewUser::new("ada")), |error| {
        same("the status", error.status().map(|status| status.as_u16()), Some(422))?;
        Ok(format!("{error}"))
    })
    .await;
    let before = round.mark();
    walk.fails("Request a name that is too long", client.users().create(NewUser::new("a".repeat(51))), |error| {
        round.refused_unsent(error, before)
    })
    .await;
    Ok(ada)
}

/// Deletes the user. With a session, the service requires the password again (reauthentication).
pub(super) async fn clean_up(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let state = &round.state;
    round.section(walk, "Afterwards");
    let (name, password) = (round.simulator.admin_username(), round.simulator.admin_password());
    let login = round.client.sessions().login_guarded(name, password.as_str().into());
    let session = walk
        .call("Log in, with a session that logs out on drop", login, |_| {
            same("the number of sessions", state.sessions().len(), 1)?;
            Ok("one session".to_owned())
        })
        .await?;
    walk.fails("Delete the user without reauthentication", session.users().delete(ada), |error| {
        holds(brickftp::needs_reauthentication(error), "expected another error")?;
        Ok(format!("{error}"))
    })
    .await;
    let again = session.with_reauthentication(password.as_str());
    walk.call("Delete the user with reauthentication", again.users().delete(ada), |()| {
        holds(state.user(ada.get()).is_none(), "the user still exists")?;
        Ok("gone".to_owned())
    })
    .await?;
    walk.call("Log out", session.logout(), |()| {
        same("the number of sessions", state.sessions().len(), 0)?;
        same("the users", state.users().len(), 1)?;
        same("the files and folders", state.entries().len(), 0)?;
        same("the groups", state.groups().len(), 0)?;
        same("the bundles", state.bundles().len(), 0)?;
        Ok("only the administrator is left; no groups, no files".to_owned())
    })
    .await
}
