//! Logins, their inbound rules and their passwords.

use mft_simulator::sftptogo::{Credential as Stored, Simulator, State};
use sftptogo::{
    Client, CredentialId, CredentialPermission, CredentialUpdate, Deleted, InboundProtocol, InboundRule, NewCredential,
    Secret,
};

use crate::masked;
use crate::tour::journal::{mark, refused_unsent};
use crate::tour::{Stop, Walk, holds, same};

const LOGIN: &str = "intake-robot-01";

fn stored(state: &State, id: &CredentialId) -> Result<Stored, String> {
    state.credential(id.as_str()).ok_or_else(|| "the service has no such credential".to_owned())
}

/// Compares the client's password with the stored one without showing either.
fn is_stored(password: Option<&Secret>, stored: &Stored) -> Result<(), String> {
    holds(
        password.is_some_and(|it| it.expose() == stored.password),
        "the response has a different password than the state",
    )
}

/// Lists, creates, fetches and updates.
pub(super) async fn logins(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<CredentialId, Stop> {
    let state = simulator.state();
    walk.section("Credentials (logins to the storage)");
    walk.call("List the credentials", client.credentials().list().try_collect_vec(), |all| {
        same("the number of credentials", all.len(), state.credentials().len())?;
        holds(
            all.iter().any(|one| one.is_default && one.id.as_str() == state.root().id),
            "the root credential is missing",
        )?;
        Ok("only the root credential, which every organization has".to_owned())
    })
    .await?;
    let new = NewCredential::new()
        .alias("Nightly intake")
        .user_name(LOGIN)
        .home_directory("/home/intake-robot-01")
        .permission(CredentialPermission::ReadWrite);
    let robot = walk
        .call("Create a credential for a robot", client.credentials().create(new), |made| {
            let stored = stored(&state, &made.id)?;
            same("the alias", &*stored.alias, "Nightly intake")?;
            same("the user name", &*stored.user_name, LOGIN)?;
            same("the home directory", &*stored.home_directory, "/home/intake-robot-01")?;
            same("the permission", &*stored.permission, "read-write")?;
            is_stored(made.password.as_ref(), &stored)?;
            let access = made.file_access().ok_or("the response has no host")?;
            Ok(format!("connects to sftp://{}, password {}", access.sftp, masked(made.password.as_ref())))
        })
        .await?;
    walk.call("Fetch it", client.credentials().get(&robot.id), |read| {
        same("the login name", read.login_name(), LOGIN)?;
        is_stored(read.password.as_ref(), &stored(&state, &robot.id)?)?;
        Ok(format!("{}, {}", read.login_name(), read.state.as_ref().map_or("unknown state", |state| state.as_str())))
    })
    .await?;
    let change = CredentialUpdate::new().alias("Nightly intake, from Oslo").permission(CredentialPermission::WriteOnly);
    walk.call("Update its alias and permission", client.credentials().update(&robot.id, change), |_| {
        let stored = stored(&state, &robot.id)?;
        same("the alias", &*stored.alias, "Nightly intake, from Oslo")?;
        same("the permission", &*stored.permission, "write-only")?;
        same("the home directory", &*stored.home_directory, "/home/intake-robot-01")?;
        Ok(format!("now {:?}, {}; other fields unchanged", stored.alias, stored.permission))
    })
    .await?;
    let before = mark(simulator);
    walk.fails(
        "Request a user name that is too short",
        client.credentials().create(NewCredential::new().user_name("robot")),
        |error| refused_unsent(error, simulator, before),
    )
    .await;
    Ok(robot.id)
}

/// Replaces all rules and adds one.
pub(super) async fn inbound_rules(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    let state = simulator.state();
    let sources = || -> Result<Vec<String>, String> {
        Ok(stored(&state, robot)?.inbound_rules.into_iter().map(|rule| rule.source).collect())
    };
    walk.section("Inbound rules (allowed source addresses)");
    let office = InboundRule::allow("203.0.113.0/24").protocol(InboundProtocol::Sftp).description("Office");
    let partner = InboundRule::allow("2001:db8::7").description("Partner");
    walk.call(
        "Replace the rules by two",
        client.credentials().replace_inbound_rules(robot, vec![office, partner]),
        |_| {
            same("the sources", sources()?, vec!["203.0.113.0/24", "2001:db8::7"])?;
            Ok(format!("{}; the rule for all addresses is gone", sources()?.join(", ")))
        },
    )
    .await?;
    walk.call(
        "Add a third (the client reads and replaces)",
        client.credentials().add_inbound_rule(robot, InboundRule::allow("198.51.100.7")),
        |_| {
            same("the sources", sources()?, vec!["203.0.113.0/24", "2001:db8::7", "198.51.100.7"])?;
            Ok(sources()?.join(", "))
        },
    )
    .await?;
    let before = mark(simulator);
    let mistyped = InboundRule::allow("203.0.113.0/240");
    walk.fails(
        "Use an invalid CIDR range",
        client.credentials().replace_inbound_rules(robot, vec![mistyped]),
        |error| refused_unsent(error, simulator, before),
    )
    .await;
    Ok(())
}

/// Sets a password, rotates it, and rotates and fetches it.
pub(super) async fn passwords(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    let state = simulator.state();
    let password = || stored(&state, robot).map(|stored| stored.password);
    let credentials = client.credentials();
    walk.section("Passwords");
    let own = Secret::new("Made-for-the-tour-01");
    walk.call("Set a chosen password", credentials.set_password(robot, own.clone()), |_| {
        holds(password()? == own.expose(), "the stored password differs")?;
        Ok(format!("stored: {}", masked(Some(&own))))
    })
    .await?;
    walk.call("Rotate the password", credentials.rotate_password(robot), |_| {
        holds(password()? != own.expose(), "the password did not change")?;
        Ok("rotated; the response does not contain the new password".to_owned())
    })
    .await?;
    let before = password();
    walk.call("Rotate again, and fetch it", credentials.rotate_password_and_fetch(robot), |read| {
        let stored = stored(&state, robot)?;
        holds(before.as_ref() != Ok(&stored.password), "the password did not change")?;
        is_stored(read.password.as_ref(), &stored)?;
        Ok(format!("the new password is {}", masked(read.password.as_ref())))
    })
    .await?;
    Ok(())
}

/// Deletes the login and checks that the initial state is restored.
pub(super) async fn clean_up(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    let state = simulator.state();
    walk.section("Afterwards");
    walk.call("Delete the robot's credential", client.credentials().delete(robot), |deleted| {
        holds(matches!(deleted, Deleted::Now(was) if was.id == *robot), "the response is not the deleted credential")?;
        holds(state.credential(robot.as_str()).is_none(), "it still exists")?;
        same("the number of credentials", state.credentials().len(), 1)?;
        same("the number of webhooks", state.webhooks().len(), 0)?;
        same("the number of share links", state.share_links().len(), 0)?;
        Ok("only the root credential is left; no webhooks, no share links".to_owned())
    })
    .await
    .map(drop)?;
    walk.fails("Fetch it again", client.credentials().get(robot), |error| {
        holds(error.is_not_found(), "expected NotFound")?;
        Ok(format!("{error}"))
    })
    .await;
    Ok(())
}
