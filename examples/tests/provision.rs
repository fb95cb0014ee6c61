//! Runs `provision_ftp_account` on each of the five services.

mod support;

use std::path::PathBuf;

use mft_simulator::{brickftp, ftpgrid, sftptogo, stook, usebuckets};
use support::{run, run_in};

const PROVISION: &str = env!("CARGO_BIN_EXE_provision_ftp_account");

/// The stored login of the partner: username, password, folder, read-only, enabled.
type Stored = (String, String, String, bool, bool);

fn password_file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("mft-examples-{}-{name}.password", std::process::id()))
}

/// Creates two logins, one of them with `--remove`, and checks the state of the service.
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
    ran.says("Read back: matches the request.\n");
    let password = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    ran.hides(&password);
    let [(name, stored_password, folder, read_only, can_log_in)] = stored().try_into().unwrap();
    ran.says(&format!("username  {name}\n"));
    assert!(name.starts_with("partner-no-1") && stored_password == password, "{service}: {name}");
    assert_eq!(folder.trim_matches('/'), format!("{folder_begins}acme/one"), "{service}");
    assert!(!read_only && can_log_in, "{service}");

    let ran =
        run_in(environment.clone(), PROVISION, &["--service", service, "partner-no-2", "--read-only", "--remove"])
            .await;
    assert!(ran.succeeded, "{service}: {}{}", ran.stdout, ran.stderr);
    ran.says("access    read\n");
    let can = stored().into_iter().filter(|(name, .., can_log_in)| name.starts_with("partner-no-2") && *can_log_in);
    assert_eq!(can.count(), 0, "{service}");

    let before = stored().len();
    let ran = run_in(environment, PROVISION, &["--service", service, "partner-no-3"]).await;
    assert!(!ran.succeeded && stored().len() == before, "{service}");
    ran.says("the password is written nowhere else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_gets_a_login_on_sftptogo_and_ftpgrid() {
    let simulator = sftptogo::Simulator::start().await.unwrap();
    let stored = || {
        let partners = simulator.state().credentials().into_iter().filter(|credential| !credential.is_default);
        let to_stored = |one: sftptogo::Credential| {
            (one.user_name, one.password, one.home_directory, one.permission == "read-only", one.state == "active")
        };
        partners.map(to_stored).collect()
    };
    provisions("sftptogo", simulator.environment(), stored, "").await;

    let simulator = ftpgrid::Simulator::start().await.unwrap();
    let stored = || {
        let to_stored = |one: ftpgrid::FtpAccount| {
            (one.username, one.password.unwrap_or_default(), one.chroot, one.access_rights == "RO", one.enabled)
        };
        simulator.state().accounts().into_iter().map(to_stored).collect()
    };
    provisions("ftpgrid", simulator.environment(), stored, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_gets_a_login_on_brickftp() {
    let simulator = brickftp::Simulator::start().await.unwrap();
    let stored = || {
        let permissions = simulator.state().permissions();
        let partners = simulator.state().users().into_iter().filter(|user| !user.site_admin);
        let to_stored = |one: brickftp::User| {
            let permission = permissions.iter().find(|permission| permission.user_id == Some(one.id)).unwrap();
            (one.username, one.password, permission.path.clone(), permission.permission == "readonly", true)
        };
        partners.map(to_stored).collect()
    };
    provisions("brickftp", simulator.environment(), stored, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_gets_a_login_on_buckets_and_stook() {
    let simulator = usebuckets::Simulator::start().await.unwrap();
    let stored = || {
        let to_stored = |one: usebuckets::User| {
            let folder = one.permissions.keys().next().map_or("acme/one", String::as_str).to_owned();
            (one.username, one.password, folder, !one.permissions.is_empty(), one.active)
        };
        simulator.state().users().into_iter().map(to_stored).collect()
    };
    provisions("usebuckets", simulator.environment(), stored, "").await;

    let simulator = stook::Simulator::start().await.unwrap();
    let stored = || {
        let to_stored = |one: stook::FtpAccount| (one.name, one.password, one.path, one.is_readonly, one.login_allowed);
        simulator.state().ftp_accounts().into_iter().map(to_stored).collect()
    };
    provisions("stook", simulator.environment(), stored, "partners/").await;
    assert_eq!(simulator.state().buckets().len(), 1, "the bucket for partners is made once");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_account_a_simulator_plays_the_service() {
    for service in ["sftptogo", "ftpgrid", "brickftp", "usebuckets", "stook"] {
        let ran = run(PROVISION, &["--service", service, "--read-only", "--remove"], None, &[]).await;
        assert!(ran.succeeded, "{service}: {}{}", ran.stdout, ran.stderr);
        ran.says("The environment has no account: using a simulator in this process.\n");
        ran.says("*** (40 characters)\n");
    }
    // A partial set of variables is an error.
    let ran = run(PROVISION, &["--service", "stook"], None, &[("STOOK_API_KEY", "MARKER")]).await;
    assert!(!ran.succeeded);
    ran.says("STOOK_ORGANIZATION_UUID is not set");
    ran.says("--provider stook");
    ran.hides("MARKER");
}
