//! Injected faults, and the client's reaction.

use mft_simulator::Fault;
use mft_simulator::sftptogo::{Simulator, State};
use sftptogo::{Client, CredentialId, NewCredential};

use crate::tour::faults::{FOUND_GONE, lost_creation, lost_deletion, rate_limit, survived};
use crate::tour::journal::{in_doubt, show, since};
use crate::tour::{Stop, Walk, holds, same};

const SECOND_ROBOT: &str = "intake-robot-02";

pub(super) async fn visit(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    let (credentials, state) = (client.credentials(), simulator.state());
    let list = || client.credentials().list().try_collect_vec();
    walk.section("Faults");
    rate_limit(walk, simulator, "sftptogo.credentials.list", list(), state.credentials().len()).await?;
    lost_read(walk, client, simulator, robot).await?;
    let create = credentials.create(NewCredential::new().user_name(SECOND_ROBOT));
    let second = lost_creation(walk, simulator, "sftptogo.credentials.create", create, list(), |one| {
        one.login_name() == SECOND_ROBOT
    })
    .await?;
    lost_deletion(walk, simulator, "sftptogo.credentials.delete", credentials.delete(&second.id), |deleted| {
        same("the client's result", deleted.clone().into_object(), None)?;
        holds(state.credential(second.id.as_str()).is_none(), "it still exists")?;
        Ok(FOUND_GONE.to_owned())
    })
    .await?;
    lost_rotation(walk, client, simulator, robot).await
}

async fn lost_read(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    simulator.faults().push(Fault::reset().on("sftptogo.credentials.get").once());
    survived(walk, simulator, "connection lost before a read", async |walk, mark| {
        let read = walk
            .call(
                "Fetch, and lose the connection before processing",
                client.credentials().get(robot).with_response(),
                |reply| {
                    same("the attempts", reply.attempts, 2)?;
                    same("the credential", reply.value.id.as_str(), robot.as_str())?;
                    Ok("the call is safe, so the client retried".to_owned())
                },
            )
            .await;
        show(walk, simulator, mark);
        read.map(drop)
    })
    .await
}

async fn lost_rotation(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    let before = password(&simulator.state(), robot);
    let lost_response = Fault::reset().after_processing();
    simulator.faults().push(lost_response.on("sftptogo.credentials.rotate_password").once());
    survived(walk, simulator, "connection lost after a password rotation", async |walk, mark| {
        let rotation = client.credentials().rotate_password(robot);
        walk.fails("Rotate a password, and lose the connection before the response", rotation, |error| {
            same("the number of requests", since(simulator, mark).len(), 1)?;
            in_doubt(error)
        })
        .await;
        show(walk, simulator, mark);
        walk.call("Fetch the current password", client.credentials().get(robot), |read| {
            let (read, stored) = (read.password.as_ref().map(|it| it.expose().to_owned()), simulator.state());
            holds(read.is_some() && read == password(&stored, robot), "the stored password differs")?;
            holds(read != before, "the password did not change")?;
            Ok("rotated exactly once; a retry would have rotated it again".to_owned())
        })
        .await
        .map(drop)
    })
    .await
}

fn password(state: &State, id: &CredentialId) -> Option<String> {
    state.credential(id.as_str()).map(|credential| credential.password)
}
