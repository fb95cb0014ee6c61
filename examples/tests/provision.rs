//! The login for a partner, on each of the five services.

mod support;

use std::path::PathBuf;

use mft_simulator::{brickftp, ftpgrid, sftptogo, stook, usebuckets};
use support::{run, run_in};

const PROVISION: &str = env!("CARGO_BIN_EXE_provision_ftp_account");

/// What a service has stored for the partner: user name, password, folder, whether it may only read, whether it is enabled.
type Stored = (String, String, String, bool, bool);

fn password_file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("mft-examples-{}-{name}.password", std::process::id()))
}

/// Makes two logins, one that stays and one that does not, and looks at what the service has.
async fn provisions(
    service: &str,
    environment: Vec<(&'static str, String)>,
    stored: impl Fn() -> Vec<Stored>,
    folder_begins: &str,
) {
    let file = password_file(service);
    let path = file.to_str().unwrap();
    let arguments = ["--service", service, "partner-no-1", "--folder", "/acme/one/", "--write-to", path];
    let ran = run_in(environment.clone(), PROVISION, &arguments).await;
    assert!(ran.succeeded, "{service}: {}{}", ran.stdout, ran.stderr);
    ran.says("Read back: as it should be.\n");
    let password = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    ran.hides(&password);
    let [(name, stored_password, folder, read_only, can_log_in)] = stored().try_into().unwrap();
    ran.says(&format!("the user name  {name}\n"));
    assert!(name.starts_with("partner-no-1") && stored_password == password, "{service}: {name}");
    assert_eq!(folder.trim_matches('/'), format!("{folder_begins}acme/one"), "{service}");
    assert!(!read_only && can_log_in, "{service}");

    let ran =
        run_in(environment.clone(), PROVISION, &["--service", service, "partner-no-2", "--read-only", "--remove"])
            .await;
    assert!(ran.succeeded, "{service}: {}{}", ran.stdout, ran.stderr);
    ran.says("the right      to read\n");
    let can = stored().into_iter().filter(|(name, .., can_log_in)| name.starts_with("partner-no-2") && *can_log_in);
    assert_eq!(can.count(), 0, "{service}");

    let before = stored().len();
    let ran = run_in(environment, PROVISION, &["--service", service, "partner-no-3"]).await;
    assert!(!ran.succeeded && stored().len() == before, "{service}");
    ran.says("nobody would know it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_gets_a_login_on_sftptogo_and_ftpgrid() {
    let simulator = sftptogo::Simulator::start().await.unwrap();
    let stored = || {
        let others = simulator.state().credentials().into_iter().filter(|credential| !credential.is_default);
        let shown = |one: sftptogo::Credential| {
            (one.user_name, one.password, one.home_directory, one.permission == "read-only", one.state == "active")
        };
        others.map(shown).collect()
    };
    provisions("sftptogo", simulator.environment(), stored, "").await;

    let simulator = ftpgrid::Simulator::start().await.unwrap();
    let stored = || {
        let shown = |one: ftpgrid::FtpAccount| {
            (one.username, one.password.unwrap_or_default(), one.chroot, one.access_rights == "RO", one.enabled)
        };
        simulator.state().accounts().into_iter().map(shown).collect()
    };
    provisions("ftpgrid", simulator.environment(), stored, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_gets_a_login_on_brickftp() {
    let simulator = brickftp::Simulator::start().await.unwrap();
    let stored = || {
        let permissions = simulator.state().permissions();
        let others = simulator.state().users().into_iter().filter(|user| !user.site_admin);
        let shown = |one: brickftp::User| {
            let permission = permissions.iter().find(|permission| permission.user_id == Some(one.id)).unwrap();
            (one.username, one.password, permission.path.clone(), permission.permission == "readonly", true)
        };
        others.map(shown).collect()
    };
    provisions("brickftp", simulator.environment(), stored, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_gets_a_login_on_buckets_and_stook() {
    let simulator = usebuckets::Simulator::start().await.unwrap();
    let stored = || {
        let shown = |one: usebuckets::User| {
            let folder = one.permissions.keys().next().map_or("acme/one", String::as_str).to_owned();
            (one.username, one.password, folder, !one.permissions.is_empty(), one.active)
        };
        simulator.state().users().into_iter().map(shown).collect()
    };
    provisions("usebuckets", simulator.environment(), stored, "").await;

    let simulator = stook::Simulator::start().await.unwrap();
    let stored = || {
        let shown = |one: stook::FtpAccount| (one.name, one.password, one.path, one.is_readonly, one.login_allowed);
        simulator.state().ftp_accounts().into_iter().map(shown).collect()
    };
    provisions("stook", simulator.environment(), stored, "partners/").await;
    assert_eq!(simulator.state().buckets().len(), 1, "the bucket for partners is made once");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_account_a_simulator_plays_the_service() {
    for service in ["sftptogo", "ftpgrid", "brickftp", "usebuckets", "stook"] {
        let ran = run(PROVISION, &["--service", service, "--read-only", "--remove"], None, &[]).await;
        assert!(ran.succeeded, "{service}: {}{}", ran.stdout, ran.stderr);
        ran.says("The environment names no account: a simulator in this process plays the service.\n");
        ran.says("*** (40 characters)\n");
    }
    // Half an account is a mistake, not none.
    let ran = run(PROVISION, &["--service", "stook"], None, &[("STOOK_API_KEY", "MARKER")]).await;
    assert!(!ran.succeeded);
    ran.says("STOOK_ORGANIZATION_UUID is not set");
    ran.says("--provider stook");
    ran.hides("MARKER");
}
