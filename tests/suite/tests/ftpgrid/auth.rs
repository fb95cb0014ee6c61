//! Tokens, the account behind them, and scopes.

use std::time::{Duration, Instant};

use ftpgrid::raw::{Idempotency, Method};
use ftpgrid::transfer::Source;
use ftpgrid::{ErrorKind, FtpAccountId, FtpAccountUpdate, Outcome, Scope};
use futures_util::future::join_all;
use mft_simulator::Fault;
use mft_simulator::ftpgrid::Simulator;
use mft_tests::net::Honeypot;
use mft_tests::runtime::wait_until;
use mft_tests::{AttemptRecorder, CallFuture, CallKind, ClientOptions, Ftpgrid, Provider};

const EXCHANGE: &str = "ftpgrid.auth.token";

/// Returns storage calls of every kind in turn.
fn call(client: &ftpgrid::Client, number: usize) -> CallFuture {
    let client = client.clone();
    Box::pin(async move {
        let storage = client.storage();
        match number % 6 {
            0 => storage.list_files("/inbox").try_collect_vec().await.map(|all| format!("{all:?}")),
            1 => storage.list_tree("/").try_collect_vec().await.map(|all| format!("{all:?}")),
            2 => storage.download("/top.txt").bytes(100).await.map(|bytes| format!("{bytes:?}")),
            3 => storage.upload(&format!("/many/{number}"), Source::from("x")).await.map(|()| String::new()),
            4 => storage.download_many(["/top.txt"]).bytes(100).await.map(|bytes| format!("{bytes:?}")),
            _ => storage.delete(&format!("/never/{number}")).await.map(|()| String::new()),
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_revoked_under_50_calls_costs_one_exchange() {
    for patient in [false, true] {
        let provider = Ftpgrid::start().await;
        let client = provider.client(ClientOptions::default());
        provider.faults().set_latency(Duration::from_millis(20));
        if patient {
            provider.faults().push(Fault::delay(Duration::from_millis(150)).on(EXCHANGE));
        }
        let calls: Vec<_> = (0..50).map(|number| tokio::spawn(call(&client, number))).collect();
        let enough_requests = || provider.journal().len() >= 10;
        assert!(wait_until(Duration::from_secs(5), enough_requests).await);
        provider.simulator.state().revoke_tokens();
        for result in join_all(calls).await {
            result.unwrap().unwrap();
        }
        assert_eq!(provider.simulator.count(EXCHANGE), 1);
        // Calls that used the revoked token were rejected once each.
        let journal = provider.journal();
        let refused = journal.iter().filter(|exchange| exchange.status.is_some_and(|status| status == 401)).count();
        assert!((1..=50).contains(&refused), "{refused} calls were rejected");
        assert_eq!(provider.simulator.state().file_paths().iter().filter(|path| path.starts_with("/many/")).count(), 8);
    }
}

#[tokio::test]
async fn concurrent_calls_share_one_token_exchange() {
    let provider = Ftpgrid::start().await;
    let client = provider.builder_without_token(ClientOptions::default()).build().unwrap();
    assert_eq!(provider.journal().len(), 0);
    provider.faults().push(Fault::delay(Duration::from_millis(50)).on(EXCHANGE));
    for result in join_all((0..50).map(|number| call(&client, number))).await {
        result.unwrap();
    }
    client.ftp_accounts().get(provider.target).await.unwrap();
    assert_eq!(provider.simulator.count(EXCHANGE), 1, "one token serves both servers");
    let first = &provider.journal()[0];
    assert_eq!((first.operation, first.header("authorization")), (Some(EXCHANGE), None));
}

#[tokio::test]
async fn expired_tokens_are_replaced_and_known_expiry_is_anticipated() {
    let life = Duration::from_secs(900);
    for (builder, refused) in
        [(Simulator::builder().token_lifetime(life), 1), (Simulator::builder().token_lifetime(life).expiry_claim(), 1)]
    {
        let provider = Ftpgrid::start_with(builder).await;
        let client = provider.client(ClientOptions::default());
        client.storage().delete("/not/there").await.unwrap();
        provider.simulator.advance(life);
        client.storage().delete("/not/there").await.unwrap();
        assert_eq!((provider.simulator.count(EXCHANGE), provider.journal().len()), (1, 3 + refused));
    }
    // The token lives shorter than the margin, so it is used for three quarters of its lifetime.
    let builder = Simulator::builder().token_lifetime(Duration::from_secs(4)).expiry_claim();
    let provider = Ftpgrid::start_with(builder).await;
    let client = provider.builder_without_token(ClientOptions::default()).build().unwrap();
    let started = Instant::now();
    while provider.simulator.count(EXCHANGE) < 2 {
        client.storage().delete("/not/there").await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(20), "the expiry of the token is ignored");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let journal = provider.journal();
    assert!(journal.iter().all(mft_simulator::Exchange::succeeded), "no call was rejected");
}

#[tokio::test]
async fn expired_account_is_distinguished_from_stale_token() {
    let provider = Ftpgrid::start().await;
    let client = provider.client(ClientOptions::default());
    client.storage().delete("/not/there").await.unwrap();
    provider.simulator.state().expire_account();
    for attempt in 0..2 {
        let error = client.storage().delete("/top.txt").await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone), "{error}");
        assert!(error.to_string().contains("refuses the REST API account"), "{error}");
        // The old token is tried once and then dropped.
        assert_eq!(provider.simulator.count("ftpgrid.storage.delete"), 2, "attempt {attempt}");
    }
    assert_eq!(provider.simulator.count(EXCHANGE), 2, "each call exchanges the keys once");
    assert!(provider.simulator.state().file("/top.txt").is_some());

    // If a new token is rejected as well, the call ends with an error about the token.
    let provider = Ftpgrid::start().await;
    let client = provider.client(ClientOptions::default());
    provider.faults().push(Fault::unauthorized().on("ftpgrid.storage.delete"));
    let error = client.storage().delete("/top.txt").await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone), "{error}");
    assert!(!error.to_string().contains("refuses the REST API account"), "{error}");
    assert_eq!((provider.simulator.count(EXCHANGE), provider.journal().len()), (1, 3));
}

#[tokio::test]
async fn failed_exchange_is_shared_by_all_waiting_calls() {
    let provider = Ftpgrid::start().await;
    provider.simulator.state().set_keys("AK_other", "sk_live_other");
    let client = provider.builder_without_token(ClientOptions::default()).build().unwrap();
    let results = join_all((0..20).map(|number| call(&client, number))).await;
    for result in results {
        let error = result.unwrap_err();
        assert!(error.is_auth() && error.outcome() == Outcome::NotDone, "{error}");
    }
    assert_eq!((provider.journal().len(), provider.simulator.count(EXCHANGE)), (1, 1));
}

#[tokio::test]
async fn errors_name_the_missing_scope() {
    for (scope, scopes) in [
        ("file.list", &[Scope::FileList][..]),
        ("file.create", &[Scope::FileCreate]),
        ("file.rename", &[Scope::FileRename]),
        ("file.delete", &[Scope::FileDelete]),
        ("file.read", &[Scope::FileRead, Scope::Edge]),
        ("ftpaccount.create", &[Scope::FtpAccountCreate]),
        ("ftpaccount.list", &[Scope::FtpAccountList]),
        ("ftpaccount.get", &[Scope::FtpAccountGet]),
        ("ftpaccount.update", &[Scope::FtpAccountUpdate]),
        ("ftpaccount.delete", &[Scope::FtpAccountDelete]),
    ] {
        let provider = Ftpgrid::start().await;
        let (client, before) = (provider.client(ClientOptions::default()), provider.snapshot());
        provider.simulator.state().revoke_scope(scope);
        let (storage, accounts) = (client.storage(), client.ftp_accounts());
        let result = match scope {
            "file.list" => storage.list_tree("/").try_collect_vec().await.map(drop),
            "file.create" => storage.upload("/a", Source::from("a")).await,
            "file.rename" => storage.rename("/top.txt", "b").await,
            "file.delete" => storage.delete("/top.txt").await,
            "file.read" => storage.download("/top.txt").bytes(9).await.map(drop),
            "ftpaccount.create" => provider.call(&client, CallKind::Create).await.map(drop),
            "ftpaccount.list" => accounts.list().try_collect_vec().await.map(drop),
            "ftpaccount.get" => accounts.get(provider.target).await.map(drop),
            "ftpaccount.update" => accounts.update(provider.target, FtpAccountUpdate::new().enabled(false)).await,
            _ => accounts.delete(provider.disposable).await,
        };
        let error = result.expect_err(scope);
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::PermissionDenied, Outcome::NotDone), "{error}");
        assert!(error.to_string().contains(&format!("`{scope}`")), "{error}");
        assert_eq!(ftpgrid::missing_scopes(&error), scopes);
        assert_eq!((provider.snapshot(), provider.journal().len()), (before, 1), "{scope}");
    }
    // The `edge` scope permits only a single download.
    let provider = Ftpgrid::start().await;
    provider.simulator.state().set_scopes(["edge"]);
    let client = provider.client(ClientOptions::default());
    assert_eq!(client.storage().download("/top.txt").bytes(100).await.unwrap(), "at the top");
    let error = client.storage().download_many(["/top.txt"]).bytes(100).await.unwrap_err();
    assert_eq!(ftpgrid::missing_scopes(&error), [Scope::FileRead], "{error}");
}

/// Covers the token exchange, both servers, and transfers.
#[tokio::test]
async fn root_certificate_applies_to_both_servers() {
    let provider = Ftpgrid::start_with_tls().await;
    let untrusting = provider.client(ClientOptions::default());
    let refused = [
        untrusting.storage().upload("/in/a", Source::from("content")).await.map(drop),
        untrusting.storage().download("/top.txt").bytes(100).await.map(drop),
        provider.builder_without_token(ClientOptions::default()).build().unwrap().auth().token().await.map(drop),
    ];
    for error in refused.map(Result::unwrap_err) {
        let failure = (error.kind(), error.outcome());
        assert!(matches!(failure, (ErrorKind::Connect | ErrorKind::Auth, Outcome::NotDone)), "{error} {failure:?}");
    }
    assert_eq!(provider.journal().len(), 0);
    let options = ClientOptions { root_certificate: Some(provider.authority()), ..ClientOptions::default() };
    let client = provider.builder_without_token(options).build().unwrap();
    client.storage().upload("/in/a", Source::from("content")).await.unwrap();
    assert_eq!(client.storage().download("/in/a").bytes(100).await.unwrap(), "content");
    client.ftp_accounts().get(provider.target).await.unwrap();
    assert_eq!(provider.simulator.count(EXCHANGE), 1);
}

#[tokio::test]
async fn token_is_sent_only_to_the_two_servers() {
    let honeypot = Honeypot::open().await;
    let elsewhere = format!("http://{}/", honeypot.address());
    for number in 0..6 {
        let provider = Ftpgrid::start().await;
        provider.faults().push(Fault::redirect(307, &elsewhere).always());
        let error = call(&provider.client(ClientOptions::default()), number).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedStatus, Outcome::NotDone), "{error}");
        // If the documentation has two paths, a redirect of the first one leads to the second one.
        assert!(provider.journal().len() <= 2, "{error}");

        let provider = Ftpgrid::start().await;
        let recorder = Some(AttemptRecorder::redirecting_to(honeypot.address()));
        let error =
            call(&provider.client(ClientOptions { recorder, ..ClientOptions::default() }), number).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidInput, Outcome::NotDone), "{error}");
        assert_eq!(provider.journal().len(), 0);
    }
    let provider = Ftpgrid::start().await;
    let client = provider.builder_without_token(ClientOptions::default()).build().unwrap();
    for number in 0..6 {
        call(&client, number).await.unwrap();
    }
    client.ftp_accounts().get(FtpAccountId::new(1)).await.ok();
    client.raw_storage(Method::POST, "/api/list/dirs").idempotency(Idempotency::Safe).into_call().await.unwrap();
    let journal = provider.journal();
    let (_, requests) = journal.split_first().expect("the token exchange is the first request");
    assert!(requests.iter().all(|exchange| exchange.headers.get_all("authorization").iter().count() == 1));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(honeypot.caught(), Vec::<String>::new());
}
