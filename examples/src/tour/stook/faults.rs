//! Injected faults, and the client's reaction.

use mft_simulator::Fault;
use mft_simulator::stook::Simulator;
use stook::{Client, ErrorKind, NewBucket};

use crate::tour::faults::{FOUND_GONE, lost_creation, lost_deletion, survived};
use crate::tour::journal::{count, show};
use crate::tour::{Stop, Walk, holds, same};

const NAME: &str = "media-again";

pub(super) async fn visit(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let (buckets, state) = (client.buckets(), simulator.state());
    walk.section("Faults");
    revoked_token(walk, client, simulator).await?;
    failure_under_200(walk, client, simulator).await;
    let (create, list) = (buckets.create(NewBucket::new(NAME)), buckets.list().try_collect_vec());
    let bucket =
        lost_creation(walk, simulator, "stook.buckets.create", create, list, |one| one.name.as_deref() == Some(NAME))
            .await?;
    lost_deletion(walk, simulator, "stook.buckets.delete", buckets.delete(&bucket.uuid), |()| {
        holds(state.bucket(bucket.uuid.as_str()).is_none(), "it still exists")?;
        Ok(FOUND_GONE.to_owned())
    })
    .await
}

async fn revoked_token(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    simulator.state().revoke_tokens();
    survived(walk, simulator, "token revoked", async |walk, mark| {
        let buckets = walk
            .call("List with a revoked token", client.buckets().list().try_collect_vec(), |all| {
                same("the number of buckets", all.len(), simulator.state().buckets().len())?;
                same("the number of logins", count(simulator, "stook.auth.login", mark), 1)?;
                Ok("the client logged in again and retried".to_owned())
            })
            .await;
        show(walk, simulator, mark);
        buckets.map(drop)
    })
    .await
}

async fn failure_under_200(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) {
    let soft = Fault::status(200).body(r#"{"status":false,"message":"The storage is being moved."}"#);
    simulator.faults().push(soft.on("stook.buckets.list").once());
    survived(walk, simulator, "error in a 2xx response", async |walk, mark| {
        walk.fails("List, answered with an error in a 200", client.buckets().list().try_next(), |error| {
            same("the kind", error.kind(), ErrorKind::Rejected)?;
            same("the message", error.message(), Some("The storage is being moved."))?;
            Ok(format!("{error}"))
        })
        .await;
        show(walk, simulator, mark);
    })
    .await;
}
