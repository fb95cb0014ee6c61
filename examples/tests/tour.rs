//! The tour covers every operation, masks secrets, and reports failures.

mod support;

use mft_examples::Narrator;
use mft_examples::tour::{Report, sftptogo};
use mft_simulator::sftptogo::{Simulator, State};
use mft_simulator::{Fault, FaultRule};
use support::run;
use support::tour::{KEY, Secrets, the_live_tour_reads, the_program_covers, told};

const TOUR: &str = env!("CARGO_BIN_EXE_tour");

async fn broken_tour(fault: FaultRule) -> (Report, String) {
    let simulator = sftptogo::simulator().fault(fault).start().await.unwrap();
    told(async |narrator| sftptogo::visit(&simulator, narrator).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_covers_every_operation() {
    let ran = the_program_covers("sftptogo", Simulator::operations(), "20 of 20", 5).await;
    // The same seed makes the same secrets.
    let twin = sftptogo::simulator().start().await.unwrap();
    ran.hides(&twin.api_key());
    ran.hides(&twin.state().root().password);
}

#[tokio::test]
async fn no_secret_is_told_however_short_its_life() {
    let secrets = Secrets::new();
    let collect = secrets.collector(|state: &State, _| {
        let passwords = state.credentials().into_iter().map(|credential| credential.password);
        let webhooks = state.webhooks().into_iter().map(|webhook| webhook.secret);
        // Anyone with the id of a share link can open it.
        let links = state.share_links().into_iter().flat_map(|link| link.password.into_iter().chain([link.id]));
        passwords.chain(webhooks).chain(links).collect::<Vec<_>>()
    });
    let simulator = sftptogo::simulator().api_key(KEY).on_exchange(collect).start().await.unwrap();
    let visit = async |narrator: &mut Narrator| sftptogo::visit(&simulator, narrator).await;
    // The API key, the root password, six robot passwords, two links with one password, and a webhook secret.
    assert_eq!(secrets.are_hidden_on(simulator.state(), visit).await, 12);
}

#[tokio::test]
async fn a_failed_operation_ends_the_chapter() {
    let (report, text) = broken_tour(Fault::status(500).on("sftptogo.webhooks.update")).await;
    assert!(!report.is_good());
    assert_eq!((report.covered, report.operations), (12, 20), "{text}");
    let [failed, uncovered] = report.failures.as_slice() else { panic!("{text}") };
    assert!(failed.starts_with("Webhooks / Pause it: sftptogo.webhooks.update: 500 "), "{failed}");
    assert!(uncovered.contains("sftptogo.webhooks.update, sftptogo.webhooks.delete"), "{uncovered}");
    assert!(text.contains("✗ Pause it") && text.contains("Failed checks"), "{text}");
}

#[tokio::test]
async fn a_false_success_is_detected() {
    let lie = Fault::status(200).body(r#"{"message":"Password set."}"#);
    let (report, text) = broken_tour(lie.on("sftptogo.credentials.set_password")).await;
    assert!(!report.is_good());
    assert!(text.contains("the stored password differs"), "{text}");
    assert_eq!(report.covered, 19, "the steps behind it go on: {text}");
}

#[tokio::test]
async fn a_service_that_limits_for_ever_is_not_survived() {
    let (report, text) = broken_tour(Fault::status(429).on("sftptogo.credentials.list").after_skip(3)).await;
    assert!(report.faults.iter().any(|(_, survived)| !survived), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_tour_is_read_only() {
    let simulator = Simulator::builder().api_key(KEY).start().await.unwrap();
    let link = simulator.state().add_share_link(|link| link.path = "/outbox/".into());
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab";
    simulator.state().add_ssh_key(&simulator.state().root().id, key).unwrap();
    let variable = "SFTPTOGO_ORGANIZATION_ID";
    let journal = || simulator.journal();
    let ran = the_live_tour_reads("sftptogo", simulator.environment(), "6 of 20", variable, journal).await;
    ran.says("1 credential with 1 inbound rule\n");
    ran.says("1 key\n");
    ran.hides(&simulator.state().root().password);
    ran.hides(&link.id);
    assert_eq!(simulator.journal().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_tour_says_what_it_misses() {
    let ran = run(TOUR, &["--live"], None, &[]).await;
    assert!(!ran.succeeded);
    ran.says("SFTPTOGO_ORGANIZATION_ID is not set");

    let simulator = Simulator::start().await.unwrap();
    simulator.faults().push(Fault::unauthorized());
    let ran = run(TOUR, &["--live"], Some(&simulator), &[]).await;
    assert!(!ran.succeeded);
    ran.says("✗ List the credentials");
    ran.says("401 Unauthorized");
}
