//! The ftpGrid, Buckets and Stook chapters cover every operation, mask secrets, and report failures.

mod support;

use mft_examples::Narrator;
use mft_examples::tour::{ftpgrid, stook, usebuckets};
use mft_simulator::Fault;
use support::tour::{KEY, Secrets, the_live_tour_reads, the_program_covers, told};

#[tokio::test(flavor = "multi_thread")]
async fn the_program_covers_every_operation() {
    let chapters = [
        ("ftpgrid", mft_simulator::ftpgrid::Simulator::operations(), "16 of 16", 5),
        ("usebuckets", mft_simulator::usebuckets::Simulator::operations(), "12 of 12", 3),
        ("stook", mft_simulator::stook::Simulator::operations(), "20 of 20", 4),
    ];
    for (chapter, operations, covered, faults) in chapters {
        the_program_covers(chapter, operations, covered, faults).await;
    }
}

#[tokio::test]
async fn no_secret_of_ftpgrid_is_told() {
    let secrets = Secrets::new();
    let collect = secrets.collector(|state: &mft_simulator::ftpgrid::State, exchange| {
        let passwords = state.accounts().into_iter().filter_map(|account| account.password);
        let token = exchange.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
        passwords.chain(token).collect::<Vec<_>>()
    });
    let builder = ftpgrid::simulator().association_key(KEY).access_key("MARKER-access").secret_key("MARKER-secret");
    let simulator = builder.on_exchange(collect).start().await.unwrap();
    let visit = async |narrator: &mut Narrator| ftpgrid::visit(&simulator, narrator).await;
    // The keys, two passwords and two tokens.
    assert_eq!(secrets.are_hidden_on(simulator.state(), visit).await, 5);
}

#[tokio::test]
async fn no_secret_of_buckets_is_told() {
    let secrets = Secrets::new();
    let collect = secrets.collector(|state: &mft_simulator::usebuckets::State, _| {
        state.users().into_iter().map(|user| user.password).collect::<Vec<_>>()
    });
    let builder = usebuckets::simulator().api_key(KEY).signing_secret("MARKER-signing-key");
    let simulator = builder.on_exchange(collect).start().await.unwrap();
    let visit = async |narrator: &mut Narrator| usebuckets::visit(&simulator, narrator).await;
    // The API key and three passwords.
    assert_eq!(secrets.are_hidden_on(simulator.state(), visit).await, 4);
}

#[tokio::test]
async fn no_secret_of_stook_is_told() {
    let secrets = Secrets::new();
    let collect = secrets.collector(|state: &mft_simulator::stook::State, _| {
        let passwords = state.ftp_accounts().into_iter().map(|account| account.password);
        let keys = state.credentials().into_iter().map(|credential| credential.secret_key);
        passwords.chain(keys).chain(state.tokens()).collect::<Vec<_>>()
    });
    let builder = stook::simulator().api_key(KEY).api_secret("MARKER-api-secret");
    let simulator = builder.on_exchange(collect).start().await.unwrap();
    let visit = async |narrator: &mut Narrator| stook::visit(&simulator, narrator).await;
    // The API key, two tokens, three passwords, and the secret of an access key.
    assert_eq!(secrets.are_hidden_on(simulator.state(), visit).await, 7);
}

#[tokio::test]
async fn a_false_success_is_detected() {
    let lie = || Fault::status(200).body(r#"{"rslt":"OK"}"#);
    let simulator = ftpgrid::simulator().fault(lie().on("ftpgrid.storage.move").once()).start().await.unwrap();
    let (report, text) = told(async |narrator| ftpgrid::visit(&simulator, narrator).await).await;
    assert!(!report.is_good() && text.contains("Rename a report: it does not exist"), "{text}");

    let lie = Fault::status(200).body(r#"{"status":true}"#).on("stook.ftp_accounts.delete").once();
    let simulator = stook::simulator().fault(lie).start().await.unwrap();
    let (report, text) = told(async |narrator| stook::visit(&simulator, narrator).await).await;
    assert!(!report.is_good() && text.contains("the number of accounts is 1, expected 0"), "{text}");

    let lie = Fault::status(200).body("{}").on("usebuckets.users.delete").once();
    let simulator = usebuckets::simulator().fault(lie).start().await.unwrap();
    let (report, text) = told(async |narrator| usebuckets::visit(&simulator, narrator).await).await;
    assert!(!report.is_good() && text.contains("omar still exists"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_tour_is_read_only() {
    let simulator = mft_simulator::ftpgrid::Simulator::builder().secret_key(KEY).start().await.unwrap();
    simulator.state().add_account(|account| account.username = "dock-cam-7".into());
    let (environment, journal) = (simulator.environment(), || simulator.journal());
    the_live_tour_reads("ftpgrid", environment, "5 of 16", "FTPGRID_ASSOCIATION_KEY", journal).await;

    let simulator = mft_simulator::usebuckets::Simulator::builder().api_key(KEY).start().await.unwrap();
    let _ = simulator.state().add_bucket(|_| {});
    let (environment, journal) = (simulator.environment(), || simulator.journal());
    the_live_tour_reads("usebuckets", environment, "2 of 12", "USEBUCKETS_API_KEY", journal).await;

    let simulator = mft_simulator::stook::Simulator::builder().api_secret(KEY).start().await.unwrap();
    let bucket = simulator.state().add_bucket(|_| {});
    simulator.state().add_ftp_account(&bucket, |_| {});
    let (environment, journal) = (simulator.environment(), || simulator.journal());
    the_live_tour_reads("stook", environment, "6 of 20", "STOOK_ORGANIZATION_UUID", journal).await;
}
