//! Injected faults, and the client's reaction.

use ftpgrid::{AccessRights, Client, ErrorKind, NewFtpAccount, NewName, missing_scopes};
use mft_simulator::Fault;
use mft_simulator::ftpgrid::Simulator;

use super::storage::{FILM, film};
use crate::tour::faults::{FOUND_GONE, lost_creation, lost_deletion, survived};
use crate::tour::journal::{count, show};
use crate::tour::temporary::Temporary;
use crate::tour::{Stop, Walk, holds, same};

const SECOND_LOGIN: &str = "dock-cam-9";

pub(super) async fn visit(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let accounts = client.ftp_accounts();
    walk.section("Faults");
    revoked_token(walk, client, simulator).await?;
    missing_scope(walk, client, simulator).await;
    broken_download(walk, client, simulator).await?;
    let new = NewFtpAccount::new(SECOND_LOGIN, AccessRights::ReadOnly, "/cams/9").password("Made-for-the-tour-09");
    let (create, list) = (accounts.create(new), accounts.list().try_collect_vec());
    let second =
        lost_creation(walk, simulator, "ftpgrid.ftp_accounts.create", create, list, |one| one.username == SECOND_LOGIN)
            .await?;
    lost_deletion(walk, simulator, "ftpgrid.ftp_accounts.delete", accounts.delete(second.id), |()| {
        same("the number of accounts", simulator.state().accounts().len(), 1)?;
        Ok(FOUND_GONE.to_owned())
    })
    .await
}

async fn revoked_token(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    simulator.state().revoke_tokens();
    survived(walk, simulator, "token revoked", async |walk, mark| {
        let accounts = walk
            .call("List with a revoked token", client.storage().list_files("/").try_collect_vec(), |_| {
                same("the token exchanges", count(simulator, "ftpgrid.auth.token", mark), 1)?;
                Ok("the client exchanged its keys again and retried".to_owned())
            })
            .await;
        show(walk, simulator, mark);
        accounts.map(drop)
    })
    .await
}

async fn missing_scope(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) {
    let state = simulator.state();
    let scopes = state.scopes();
    state.revoke_scope("file.rename");
    survived(walk, simulator, "missing scope", async |walk, _| {
        walk.fails(
            "Move without the required scope",
            client.storage().rename(FILM, NewName::new("film.mov")),
            |error| {
                same("the kind", error.kind(), ErrorKind::PermissionDenied)?;
                let missing: Vec<_> = missing_scopes(error).iter().map(ToString::to_string).collect();
                same("the missing scope", missing, vec!["file.rename"])?;
                Ok(format!("{error}"))
            },
        )
        .await;
    })
    .await;
    state.set_scopes(scopes);
}

async fn broken_download(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    simulator.faults().push(Fault::reset_mid_body().on("ftpgrid.storage.download_single").once());
    let target = Temporary::new("broken.mov");
    survived(walk, simulator, "connection lost during a download", async |walk, mark| {
        let download = client.storage().download(FILM).to_file(target.path());
        let download = walk
            .call("Download, and lose the connection halfway", download, |_| {
                same("the requests", count(simulator, "ftpgrid.storage.download_single", mark), 2)?;
                let read = std::fs::read(target.path()).map_err(|error| error.to_string())?;
                holds(read == film(), "the bytes differ")?;
                Ok("restarted from the first byte, because the service does not support ranges; complete".to_owned())
            })
            .await;
        show(walk, simulator, mark);
        download.map(drop)
    })
    .await
}
