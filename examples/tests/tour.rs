//! The tour covers everything, hides secrets, and says so when something is broken.

mod support;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use mft_examples::Narrator;
use mft_examples::tour::{Report, sftptogo};
use mft_simulator::sftptogo::{Simulator, State};
use mft_simulator::{Exchange, Fault, FaultRule};
use support::run;

const TOUR: &str = env!("CARGO_BIN_EXE_tour");

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn tour_of(simulator: &Simulator) -> (Report, String) {
    let written = Written::default();
    let mut narrator = Narrator::to(written.clone());
    let report = sftptogo::visit(simulator, &mut narrator).await.unwrap();
    report.tell(&mut narrator);
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    (report, text)
}

async fn broken_tour(fault: FaultRule) -> (Report, String) {
    let simulator = sftptogo::simulator().fault(fault).start().await.unwrap();
    tour_of(&simulator).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_covers_every_operation() {
    let ran = run(TOUR, &["--only", "sftptogo"], None, &[]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    ran.says("operations covered  20 of 20");
    ran.says("faults survived     5 of 5");
    for operation in Simulator::operations() {
        ran.says(operation.name);
    }
    assert!(ran.stderr.is_empty() && !ran.stdout.contains('✗') && !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    // The same seed makes the same secrets.
    let twin = sftptogo::simulator().start().await.unwrap();
    ran.hides(&twin.api_key());
    ran.hides(&twin.state().root().password);
}

#[tokio::test]
async fn no_secret_is_told_however_short_its_life() {
    let state = Arc::new(OnceLock::<State>::new());
    let secrets = Arc::new(Mutex::new(BTreeSet::from(["MARKER-api-key-0001".to_owned()])));
    let collect = {
        let (state, secrets) = (state.clone(), secrets.clone());
        move |_: &Exchange| {
            let (state, mut secrets) = (state.get().unwrap(), secrets.lock().unwrap());
            secrets.extend(state.credentials().into_iter().map(|credential| credential.password));
            secrets.extend(state.webhooks().into_iter().map(|webhook| webhook.secret));
            // Who knows the id of a share link can open it.
            secrets.extend(state.share_links().into_iter().flat_map(|link| link.password.into_iter().chain([link.id])));
        }
    };
    let builder = sftptogo::simulator().api_key("MARKER-api-key-0001").on_exchange(collect);
    let simulator = builder.start().await.unwrap();
    state.set(simulator.state()).unwrap();
    let (report, text) = tour_of(&simulator).await;
    assert!(report.is_good(), "{text}");
    let secrets = secrets.lock().unwrap();
    // The key, root's password, six of robots, two links with one password, and a webhook's secret.
    assert_eq!(secrets.len(), 12);
    for secret in secrets.iter() {
        assert!(!text.contains(secret), "a secret shows");
    }
}

#[tokio::test]
async fn an_operation_that_fails_is_told_and_ends_the_chapter() {
    let (report, text) = broken_tour(Fault::status(500).on("sftptogo.webhooks.update")).await;
    assert!(!report.is_good());
    assert_eq!((report.covered, report.operations), (12, 20), "{text}");
    let [failed, uncovered] = report.failures.as_slice() else { panic!("{text}") };
    assert!(failed.starts_with("Webhooks / Pause it: sftptogo.webhooks.update: 500 "), "{failed}");
    assert!(uncovered.contains("sftptogo.webhooks.update, sftptogo.webhooks.delete"), "{uncovered}");
    assert!(text.contains("✗ Pause it") && text.contains("Not as it should be"), "{text}");
}

#[tokio::test]
async fn a_service_that_says_done_and_does_nothing_is_found_out() {
    let lie = Fault::status(200).body(r#"{"message":"Password set."}"#);
    let (report, text) = broken_tour(lie.on("sftptogo.credentials.set_password")).await;
    assert!(!report.is_good());
    assert!(text.contains("another password is stored"), "{text}");
    assert_eq!(report.covered, 19, "the steps behind it go on: {text}");
}

#[tokio::test]
async fn a_service_that_limits_for_ever_is_not_survived() {
    let (report, text) = broken_tour(Fault::status(429).on("sftptogo.credentials.list").after_skip(3)).await;
    assert!(report.faults.iter().any(|(_, survived)| !survived), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_tour_only_reads() {
    let simulator = Simulator::builder().api_key("MARKER-api-key-0001").start().await.unwrap();
    let link = simulator.state().add_share_link(|link| link.path = "/outbox/".into());
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab";
    simulator.state().add_ssh_key(&simulator.state().root().id, key).unwrap();
    let ran = run(TOUR, &["--live"], Some(&simulator), &[]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    ran.says("operations covered  6 of 20, those that only read");
    ran.says("1 credential with 1 inbound rule\n");
    ran.says("1 key\n");
    ran.hides("MARKER");
    ran.hides(&simulator.state().root().password);
    ran.hides(&link.id);
    assert!(simulator.journal().iter().all(|exchange| exchange.method == "GET"));
    assert_eq!(simulator.journal().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_tour_says_what_it_misses() {
    let ran = run(TOUR, &["--live"], None, &[]).await;
    assert!(!ran.succeeded);
    ran.says("SFTPTOGO_ORGANIZATION_ID is not set");
    ran.says("mft-simulator");

    let simulator = Simulator::start().await.unwrap();
    simulator.faults().push(Fault::unauthorized());
    let ran = run(TOUR, &["--live"], Some(&simulator), &[]).await;
    assert!(!ran.succeeded);
    ran.says("✗ List who can log in");
    ran.says("401 Unauthorized");
}
