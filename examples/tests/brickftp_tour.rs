//! The `BrickFTP` chapter covers every operation in both formats, masks secrets, and reports failures.

mod support;

use mft_examples::Narrator;
use mft_examples::tour::{Report, brickftp};
use mft_simulator::brickftp::{Simulator, State};
use mft_simulator::{Exchange, Fault, FaultRule};
use support::tour::{KEY, Secrets, the_live_tour_reads, the_program_covers, told};

async fn broken_tour(fault: FaultRule) -> (Report, String) {
    let simulator = brickftp::simulator().fault(fault).start().await.unwrap();
    told(async |narrator| brickftp::visit(&simulator, narrator).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_covers_every_operation_in_both_formats() {
    the_program_covers("brickftp", Simulator::operations(), "63 of 63 in JSON, 63 of 63 in XML", 6).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_however_short_its_life() {
    let secrets = Secrets::new();
    let collect = secrets.collector(|state: &State, exchange: &Exchange| {
        let mut secrets: Vec<_> = state.users().into_iter().map(|user| user.password).collect();
        secrets.extend(state.api_keys().into_iter().map(|key| key.key));
        secrets.extend(state.sessions().into_iter().map(|(id, _)| id));
        // Anyone with the code and the password of a bundle can open it.
        secrets.extend(state.bundles().into_iter().flat_map(|one| one.password.into_iter().chain([one.code])));
        // The signature of a presigned URL is in its query.
        let of_storage = exchange.operation.is_some_and(|name| name.starts_with("brickftp.storage."));
        secrets.extend(exchange.query.clone().filter(|_| of_storage));
        secrets
    });
    let simulator = brickftp::simulator().api_key(KEY).on_exchange(collect).start().await.unwrap();
    let visit = async |narrator: &mut Narrator| brickftp::visit(&simulator, narrator).await;
    assert!(secrets.are_hidden_on(simulator.state(), visit).await > 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_operation_is_reported() {
    // In XML only: the first round has deleted its permission by then.
    let (report, text) = broken_tour(Fault::status(403).on("brickftp.permissions.delete").after_skip(1)).await;
    assert!(!report.is_good());
    assert_eq!(report.formats[0], ("JSON", 63), "{text}");
    assert!(report.formats[1].1 < 63 && report.covered == report.formats[1].1, "{text}");
    assert!(report.failures[0].starts_with("Permissions, in XML / Delete it: brickftp.permissions.delete: 403"));
    assert!(report.failures[1].contains("missing in XML: brickftp.permissions.delete"), "{:?}", report.failures);
    assert!(text.contains("✗ Delete it") && text.contains("Failed checks"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_success_is_detected() {
    let lie = Fault::status(200).body("[]");
    let (report, text) = broken_tour(lie.on("brickftp.files.rename").once()).await;
    assert!(!report.is_good() && text.contains("\"Tour/in/renamed.txt\" does not exist"), "{text}");
    let (report, text) = broken_tour(Fault::corrupted().on("brickftp.storage.get").after_skip(0)).await;
    assert!(!report.is_good() && report.faults.iter().any(|(_, survived)| !survived), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_tour_is_read_only() {
    let simulator = Simulator::builder().api_key(KEY).start().await.unwrap();
    let journal = || simulator.journal();
    the_live_tour_reads("brickftp", simulator.environment(), "10 of 63", "BRICKFTP_SUBDOMAIN", journal).await;
}
