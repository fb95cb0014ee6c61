//! The chapter of `BrickFTP` covers everything in both formats, hides secrets, and says so when something is broken.

mod support;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use mft_examples::Narrator;
use mft_examples::tour::{Report, brickftp};
use mft_simulator::brickftp::{Simulator, State};
use mft_simulator::{Exchange, Fault, FaultRule};
use support::{run, run_at};

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
    let report = brickftp::visit(simulator, &mut narrator).await.unwrap();
    report.tell(&mut narrator);
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    (report, text)
}

async fn broken_tour(fault: FaultRule) -> (Report, String) {
    let simulator = brickftp::simulator().fault(fault).start().await.unwrap();
    tour_of(&simulator).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_covers_every_operation_in_both_formats() {
    let ran = run(TOUR, &["--only", "brickftp"], None, &[]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    ran.says("operations covered  63 of 63 in JSON, 63 of 63 in XML");
    ran.says("faults survived     6 of 6");
    for operation in Simulator::operations() {
        ran.says(operation.name);
    }
    assert!(ran.stderr.is_empty() && !ran.stdout.contains('✗') && !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    assert!(!ran.stdout.contains("not asked"), "{}", ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_however_short_its_life() {
    let state = Arc::new(OnceLock::<State>::new());
    let secrets = Arc::new(Mutex::new(BTreeSet::from(["MARKER-api-key-0001".to_owned()])));
    let collect = {
        let (state, secrets) = (state.clone(), secrets.clone());
        move |exchange: &Exchange| {
            let (state, mut secrets) = (state.get().unwrap(), secrets.lock().unwrap());
            secrets.extend(state.users().into_iter().map(|user| user.password));
            secrets.extend(state.api_keys().into_iter().map(|key| key.key));
            secrets.extend(state.sessions().into_iter().map(|(id, _)| id));
            // Who knows the code of a bundle and its password can open it.
            secrets.extend(state.bundles().into_iter().flat_map(|one| one.password.into_iter().chain([one.code])));
            // What signs an address is in its query.
            let of_storage = exchange.operation.is_some_and(|name| name.starts_with("brickftp.storage."));
            secrets.extend(exchange.query.clone().filter(|_| of_storage));
        }
    };
    let builder = brickftp::simulator().api_key("MARKER-api-key-0001").on_exchange(collect);
    let simulator = builder.start().await.unwrap();
    state.set(simulator.state()).unwrap();
    let (report, text) = tour_of(&simulator).await;
    assert!(report.is_good(), "{text}");
    let secrets = secrets.lock().unwrap();
    assert!(secrets.len() > 20, "{}", secrets.len());
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        assert!(!text.contains(secret), "a secret shows");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_fails_is_told() {
    // In XML only: the first round has deleted its permission by then.
    let (report, text) = broken_tour(Fault::status(403).on("brickftp.permissions.delete").after_skip(1)).await;
    assert!(!report.is_good());
    assert_eq!(report.formats[0], ("JSON", 63), "{text}");
    assert!(report.formats[1].1 < 63 && report.covered == report.formats[1].1, "{text}");
    assert!(report.failures[0].starts_with("Permissions, in XML / Take it back: brickftp.permissions.delete: 403"));
    assert!(report.failures[1].contains("missing in XML: brickftp.permissions.delete"), "{:?}", report.failures);
    assert!(text.contains("✗ Take it back") && text.contains("Not as it should be"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_says_done_and_does_nothing_is_found_out() {
    let lie = Fault::status(200).body("[]");
    let (report, text) = broken_tour(lie.on("brickftp.files.rename").once()).await;
    assert!(!report.is_good() && text.contains("there is no \"Tour/in/renamed.txt\""), "{text}");
    let (report, text) = broken_tour(Fault::corrupted().on("brickftp.storage.get").after_skip(0)).await;
    assert!(!report.is_good() && report.faults.iter().any(|(_, survived)| !survived), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_tour_only_reads() {
    let simulator = Simulator::builder().api_key("MARKER-api-key-0001").start().await.unwrap();
    let ran = run_at(&simulator, TOUR, &["--live"]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    ran.says("operations covered  10 of 63, those that only read");
    ran.hides("MARKER");
    assert!(simulator.journal().iter().all(|exchange| exchange.method == "GET"));
    let ran = run(TOUR, &["--live", "--only", "brickftp"], None, &[]).await;
    assert!(!ran.succeeded);
    ran.says("BRICKFTP_SUBDOMAIN is not set");
}
