//! What goes wrong, and how the client lives through it.

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
    walk.section("When things go wrong");
    rate_limit(walk, simulator, "sftptogo.credentials.list", list(), state.credentials().len()).await?;
    lost_read(walk, client, simulator, robot).await?;
    let create = credentials.create(NewCredential::new().user_name(SECOND_ROBOT));
    let second = lost_creation(walk, simulator, "sftptogo.credentials.create", create, list(), |one| {
        one.login_name() == SECOND_ROBOT
    })
    .await?;
    lost_deletion(walk, simulator, "sftptogo.credentials.delete", credentials.delete(&second.id), |deleted| {
        same("what the client says", deleted.clone().into_object(), None)?;
        holds(state.credential(second.id.as_str()).is_none(), "it is still there")?;
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
            .call("Fetch, and lose the connection", client.credentials().get(robot).with_response(), |reply| {
                same("the attempts", reply.attempts, 2)?;
                same("the credential", reply.value.id.as_str(), robot.as_str())?;
                Ok("reading twice does no harm, so the client asked again".to_owned())
            })
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
    let lost = Fault::reset().after_processing();
    simulator.faults().push(lost.on("sftptogo.credentials.rotate_password").once());
    survived(walk, simulator, "connection lost after a rotation", async |walk, mark| {
        let rotation = client.credentials().rotate_password(robot);
        walk.fails("Rotate a password, and lose the connection before the reply", rotation, |error| {
            same("the number of requests", since(simulator, mark).len(), 1)?;
            in_doubt(error)
        })
        .await;
        show(walk, simulator, mark);
        walk.call("Fetch the password that is valid now", client.credentials().get(robot), |read| {
            let (read, stored) = (read.password.as_ref().map(|it| it.expose().to_owned()), simulator.state());
            holds(read.is_some() && read == password(&stored, robot), "another password is stored")?;
            holds(read != before, "it is still the old one")?;
            Ok("it was rotated, once: a repeat would have rotated it again".to_owned())
        })
        .await
        .map(drop)
    })
    .await
}

fn password(state: &State, id: &CredentialId) -> Option<String> {
    state.credential(id.as_str()).map(|credential| credential.password)
}
