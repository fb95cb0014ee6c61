//! FTP accounts (logins to the storage).

use ftpgrid::{AccessRights, Client, FtpAccountId, FtpAccountUpdate, NewFtpAccount, Secret};
use mft_simulator::ftpgrid::{FtpAccount as Stored, Simulator};

use crate::masked;
use crate::tour::journal::{count, mark, not_found, refused_unsent};
use crate::tour::{Stop, Walk, holds, same};

const LOGIN: &str = "dock-cam-7";

fn stored(simulator: &Simulator, id: FtpAccountId) -> Result<Stored, String> {
    let id = i64::try_from(id.get()).map_err(|error| error.to_string())?;
    simulator.state().account(id).ok_or_else(|| "the service has no such account".to_owned())
}

/// Creates, lists, fetches and changes.
pub(super) async fn visit(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<FtpAccountId, Stop> {
    let accounts = client.ftp_accounts();
    walk.section("FTP accounts (logins to the storage)");
    let password = Secret::new("Made-for-the-tour-01");
    let new = NewFtpAccount::new(LOGIN, AccessRights::ReadWrite, "/cams/7").password(password.clone());
    let created = walk
        .call("Create a login for a camera", accounts.create(new.description("Tour")), |made| {
            let stored = stored(simulator, made.id().ok_or("the response has no id")?)?;
            same("the user name", &*stored.username, LOGIN)?;
            same("the directory", &*stored.chroot, "/cams/7")?;
            holds(stored.password.as_deref() == Some(password.expose()), "the stored password differs")?;
            same("the token exchanges", count(simulator, "ftpgrid.auth.token", 0), 1)?;
            Ok(format!("{}, password {}; the keys were first exchanged for a token", LOGIN, masked(Some(&password))))
        })
        .await?;
    let Some(camera) = created.id() else { return Err(Stop) };
    walk.call("List the accounts", accounts.list().try_collect_vec(), |all| {
        same("the ids", all.iter().map(|one| one.id).collect::<Vec<_>>(), vec![camera])?;
        Ok("one account".to_owned())
    })
    .await?;
    walk.call("Fetch it", accounts.get(camera), |read| {
        same("the user name", &*read.username, LOGIN)?;
        same("the rights", &read.access_rights, &AccessRights::ReadWrite)?;
        Ok(format!("{LOGIN}, {} below {}", read.access_rights, read.chroot))
    })
    .await?;
    let change = FtpAccountUpdate::new().access_rights(AccessRights::ReadOnly).enabled(false);
    walk.call("Make it read-only and disable it", accounts.update(camera, change), |()| {
        let stored = stored(simulator, camera)?;
        same("the rights", &*stored.access_rights, "RO")?;
        same("whether it is enabled", stored.enabled, false)?;
        same("the directory", &*stored.chroot, "/cams/7")?;
        holds(stored.password.as_deref() == Some(password.expose()), "the password changed")?;
        Ok("read-only and disabled; password and directory unchanged".to_owned())
    })
    .await?;
    let before = mark(simulator);
    let outside = NewFtpAccount::new("dock-cam-8", AccessRights::ReadWrite, "/cams/../..");
    walk.fails("Request a directory outside of the storage", accounts.create(outside), |error| {
        refused_unsent(error, simulator, before)
    })
    .await;
    Ok(camera)
}

/// Deletes the login and checks that the initial state is restored.
pub(super) async fn clean_up(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    camera: FtpAccountId,
) -> Result<(), Stop> {
    walk.section("Afterwards");
    walk.call("Delete the camera's login", client.ftp_accounts().delete(camera), |()| {
        same("the number of accounts", simulator.state().accounts().len(), 0)?;
        same("the number of files", simulator.state().files().len(), 0)?;
        Ok("no accounts and no files are left".to_owned())
    })
    .await?;
    walk.fails("Fetch it again", client.ftp_accounts().get(camera), not_found).await;
    Ok(())
}
