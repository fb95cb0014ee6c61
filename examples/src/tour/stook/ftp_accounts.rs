//! FTP accounts in both versions of the API.

use mft_simulator::stook::{FtpAccount as Stored, Simulator, State};
use stook::{
    BucketId, Client, FtpAccountId, FtpAccountUpdate, LegacyFtpAccountUpdate, NewFtpAccount, Secret, WrapRule,
};

use super::stored;
use crate::masked;
use crate::tour::journal::{mark, not_found, refused_unsent};
use crate::tour::{Stop, Walk, holds, same};

fn account(state: &State, id: &FtpAccountId) -> Result<Stored, String> {
    stored("FTP account", state.ftp_account(id.as_str()))
}

/// Creates, fetches, lists, updates and deletes in version 2.
pub(super) async fn visit(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    bucket: &BucketId,
) -> Result<(), Stop> {
    let state = simulator.state();
    walk.section("FTP accounts");
    let password = Secret::new("Made-for-the-tour-01");
    let office = [WrapRule::allow(["198.51.100.7"])];
    let new = NewFtpAccount::new("camera1", password.clone(), bucket.clone(), "cam1").wrap_rules(office.clone());
    let camera = walk
        .call("Create an account for one URL", client.ftp_accounts().create(new), |made| {
            let stored = account(&state, &made.uuid)?;
            holds(stored.password == password.expose(), "the stored password differs")?;
            same("the name", made.name.as_deref(), Some(&*stored.name))?;
            holds(stored.name.starts_with("camera1_"), "the service did not extend the name")?;
            same("the path", &*stored.path, "media-archive/cam1")?;
            holds(made.has_wrap_rules(&office), "the rules differ")?;
            let masked = masked(Some(&password));
            Ok(format!(
                "\"camera1\" became {:?}, path \"cam1\" became {:?}; password {masked}",
                stored.name, stored.path
            ))
        })
        .await?;
    walk.call("Fetch it", client.ftp_accounts().get(&camera.uuid), |read| {
        let kinds: Vec<_> = read.wrap_rules.iter().flatten().map(|rule| rule.kind.as_str()).collect();
        same("the rules", kinds, vec!["deny", "allow"])?;
        Ok("one allow rule became two: all other addresses are denied".to_owned())
    })
    .await?;
    walk.call("List the accounts", client.ftp_accounts().list().try_collect_vec(), |all| {
        same("the ids", all.iter().map(|one| &one.uuid).collect::<Vec<_>>(), vec![&camera.uuid])?;
        Ok("one account".to_owned())
    })
    .await?;
    let change = FtpAccountUpdate::new().login_allowed(false);
    walk.call("Disable it", client.ftp_accounts().update(&camera.uuid, change), |_| {
        let stored = account(&state, &camera.uuid)?;
        same("whether it is enabled", stored.login_allowed, false)?;
        same("the number of rules", stored.wrap_rules.len(), 2)?;
        holds(stored.password == password.expose(), "the password changed")?;
        Ok("disabled; password, path and rules unchanged".to_owned())
    })
    .await?;
    let before = mark(simulator);
    let mistyped = FtpAccountUpdate::new().wrap_rules([WrapRule::allow(["198.51.100.700"])]);
    walk.fails("Use an invalid address", client.ftp_accounts().update(&camera.uuid, mistyped), |error| {
        refused_unsent(error, simulator, before)
    })
    .await;
    let weak = NewFtpAccount::new("camera2", Secret::new("example"), bucket.clone(), "cam2");
    walk.fails("Choose a weak password", client.ftp_accounts().create(weak), |error| {
        same("the number of accounts", state.ftp_accounts().len(), 1)?;
        Ok(format!("{error}"))
    })
    .await;
    walk.call("Delete it", client.ftp_accounts().delete(&camera.uuid), |()| {
        same("the number of accounts", state.ftp_accounts().len(), 0)?;
        Ok("no accounts are left".to_owned())
    })
    .await?;
    walk.fails("Fetch it again", client.ftp_accounts().get(&camera.uuid), not_found).await;
    Ok(())
}

/// Fetches, replaces and deletes in version 1, which has no create.
pub(super) async fn legacy(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    bucket: &BucketId,
) -> Result<(), Stop> {
    let state = simulator.state();
    let legacy = client.legacy_v1().ftp_accounts();
    walk.section("FTP accounts in legacy version 1");
    let new = NewFtpAccount::new("camera3", Secret::new("Made-for-the-tour-03"), bucket.clone(), "cam3");
    let camera = walk
        .call("Create one in version 2", client.ftp_accounts().create(new), |made| {
            same("the path", &*account(&state, &made.uuid)?.path, "media-archive/cam3")?;
            Ok("both versions work on the same accounts".to_owned())
        })
        .await?;
    walk.call("Fetch it in version 1", legacy.get(&camera.uuid), |read| {
        same("the name", read.name.as_ref(), camera.name.as_ref())?;
        Ok(format!("{:?}", read.name.as_deref().unwrap_or("?")))
    })
    .await?;
    let password = Secret::new("Made-for-the-tour-04");
    let change = LegacyFtpAccountUpdate::new(password.clone(), true, "cam4");
    walk.call("Replace its version 1 fields", legacy.update(&camera.uuid, change), |_| {
        let stored = account(&state, &camera.uuid)?;
        holds(stored.password == password.expose(), "the stored password differs")?;
        same("whether it is read-only", stored.is_readonly, true)?;
        same("the path", &*stored.path, "media-archive/cam4")?;
        Ok("password, permission and path; version 1 requires all three".to_owned())
    })
    .await?;
    walk.call("Delete it in version 1", legacy.delete(&camera.uuid), |()| {
        same("the number of accounts", state.ftp_accounts().len(), 0)?;
        Ok("no accounts are left".to_owned())
    })
    .await
}
