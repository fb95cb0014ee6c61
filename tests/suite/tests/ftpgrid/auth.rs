//! Tokens, the account behind them, and scopes.

use std::time::{Duration, Instant};

use ftpgrid::raw::{Idempotency, Method};
use ftpgrid::transfer::Source;
use ftpgrid::{ErrorKind, FtpAccountId, FtpAccountUpdate, Outcome, Scope};
use futures_util::future::join_all;
use mft_simulator::Fault;
use mft_simulator::ftpgrid::Simulator;
use mft_tests::support::{Trap, eventually};
use mft_tests::{Act, CallFuture, Ftpgrid, Provider, Spy, Tweaks};

const EXCHANGE: &str = "ftpgrid.auth.token";

/// Calls of the storage of every kind, by turns.
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
async fn a_token_that_is_revoked_under_50_calls_costs_one_exchange_and_no_call() {
    for patient in [false, true] {
        let provider = Ftpgrid::start().await;
        let client = provider.client(Tweaks::default());
        provider.faults().set_latency(Duration::from_millis(20));
        if patient {
            provider.faults().push(Fault::delay(Duration::from_millis(150)).on(EXCHANGE));
        }
        let calls: Vec<_> = (0..50).map(|number| tokio::spawn(call(&client, number))).collect();
        let begun = || provider.journal().len() >= 10;
        assert!(eventually(Duration::from_secs(5), begun).await);
        provider.simulator.state().revoke_tokens();
        for result in join_all(calls).await {
            result.unwrap().unwrap();
        }
        assert_eq!(provider.simulator.count(EXCHANGE), 1);
        // The calls that came too late are those that were refused, once each.
        let journal = provider.journal();
        let refused = journal.iter().filter(|exchange| exchange.status.is_some_and(|status| status == 401)).count();
        assert!((1..=50).contains(&refused), "{refused} calls were refused");
        assert_eq!(provider.simulator.state().file_paths().iter().filter(|path| path.starts_with("/many/")).count(), 8);
    }
}

#[tokio::test]
async fn a_client_without_a_token_makes_one_exchange_for_all_who_wait() {
    let provider = Ftpgrid::start().await;
    let client = provider.builder_without_token(Tweaks::default()).build().unwrap();
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
async fn a_token_that_has_ended_is_replaced_and_one_that_tells_its_end_before_that() {
    let life = Duration::from_secs(900);
    for (builder, refused) in
        [(Simulator::builder().token_life(life), 1), (Simulator::builder().token_life(life).expiry_claim(), 1)]
    {
        let provider = Ftpgrid::start_with(builder).await;
        let client = provider.client(Tweaks::default());
        client.storage().delete("/not/there").await.unwrap();
        provider.simulator.advance(life);
        client.storage().delete("/not/there").await.unwrap();
        assert_eq!((provider.simulator.count(EXCHANGE), provider.journal().len()), (1, 3 + refused));
    }
    // Shorter than the margin: each is used for three quarters of its time.
    let builder = Simulator::builder().token_life(Duration::from_secs(4)).expiry_claim();
    let provider = Ftpgrid::start_with(builder).await;
    let client = provider.builder_without_token(Tweaks::default()).build().unwrap();
    let started = Instant::now();
    while provider.simulator.count(EXCHANGE) < 2 {
        client.storage().delete("/not/there").await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(20), "the end of the token is not heeded");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let journal = provider.journal();
    assert!(journal.iter().all(mft_simulator::Exchange::succeeded), "no call had to be refused for that");
}

#[tokio::test]
async fn an_account_that_has_expired_is_told_apart_from_a_stale_token() {
    let provider = Ftpgrid::start().await;
    let client = provider.client(Tweaks::default());
    client.storage().delete("/not/there").await.unwrap();
    provider.simulator.state().expire_account();
    for attempt in 0..2 {
        let error = client.storage().delete("/top.txt").await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone), "{error}");
        assert!(error.to_string().contains("refuses the REST API account"), "{error}");
        // The token is tried once; after that there is none.
        assert_eq!(provider.simulator.count("ftpgrid.storage.delete"), 2, "attempt {attempt}");
    }
    assert_eq!(provider.simulator.count(EXCHANGE), 2, "each call asks once");
    assert!(provider.simulator.state().file("/top.txt").is_some());

    // A fresh token that is refused too is a matter of the token, and the end of the call.
    let provider = Ftpgrid::start().await;
    let client = provider.client(Tweaks::default());
    provider.faults().push(Fault::unauthorized().on("ftpgrid.storage.delete"));
    let error = client.storage().delete("/top.txt").await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone), "{error}");
    assert!(!error.to_string().contains("refuses the REST API account"), "{error}");
    assert_eq!((provider.simulator.count(EXCHANGE), provider.journal().len()), (1, 3));
}

#[tokio::test]
async fn keys_that_were_replaced_are_an_error_of_one_exchange_for_all_who_wait() {
    let provider = Ftpgrid::start().await;
    provider.simulator.state().set_keys("AK_other", "sk_live_other");
    let client = provider.builder_without_token(Tweaks::default()).build().unwrap();
    let results = join_all((0..20).map(|number| call(&client, number))).await;
    for result in results {
        let error = result.unwrap_err();
        assert!(error.is_auth() && error.outcome() == Outcome::NotDone, "{error}");
    }
    assert_eq!((provider.journal().len(), provider.simulator.count(EXCHANGE)), (1, 1));
}

#[tokio::test]
async fn a_missing_scope_is_named_by_the_error() {
    for (lacking, scopes) in [
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
        let (client, before) = (provider.client(Tweaks::default()), provider.snapshot());
        provider.simulator.state().revoke_scope(lacking);
        let (storage, accounts) = (client.storage(), client.ftp_accounts());
        let result = match lacking {
            "file.list" => storage.list_tree("/").try_collect_vec().await.map(drop),
            "file.create" => storage.upload("/a", Source::from("a")).await,
            "file.rename" => storage.rename("/top.txt", "b").await,
            "file.delete" => storage.delete("/top.txt").await,
            "file.read" => storage.download("/top.txt").bytes(9).await.map(drop),
            "ftpaccount.create" => provider.act(&client, Act::Create).await.map(drop),
            "ftpaccount.list" => accounts.list().try_collect_vec().await.map(drop),
            "ftpaccount.get" => accounts.get(provider.target).await.map(drop),
            "ftpaccount.update" => accounts.update(provider.target, FtpAccountUpdate::new().enabled(false)).await,
            _ => accounts.delete(provider.doomed).await,
        };
        let error = result.expect_err(lacking);
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::PermissionDenied, Outcome::NotDone), "{error}");
        assert!(error.to_string().contains(&format!("`{lacking}`")), "{error}");
        assert_eq!(ftpgrid::missing_scopes(&error), scopes);
        assert_eq!((provider.snapshot(), provider.journal().len()), (before, 1), "{lacking}");
    }
    // The other scope opens the one call and no more.
    let provider = Ftpgrid::start().await;
    provider.simulator.state().set_scopes(["edge"]);
    let client = provider.client(Tweaks::default());
    assert_eq!(client.storage().download("/top.txt").bytes(100).await.unwrap(), "at the top");
    let error = client.storage().download_many(["/top.txt"]).bytes(100).await.unwrap_err();
    assert_eq!(ftpgrid::missing_scopes(&error), [Scope::FileRead], "{error}");
}

/// The exchange, both servers, and what is sent and fetched there.
#[tokio::test]
async fn an_authority_that_the_application_names_is_believed_on_both_servers() {
    let provider = Ftpgrid::start_with_tls().await;
    let wary = provider.client(Tweaks::default());
    let refused = [
        wary.storage().upload("/in/a", Source::from("content")).await.map(drop),
        wary.storage().download("/top.txt").bytes(100).await.map(drop),
        provider.builder_without_token(Tweaks::default()).build().unwrap().auth().token().await.map(drop),
    ];
    for error in refused.map(Result::unwrap_err) {
        let told = (error.kind(), error.outcome());
        assert!(matches!(told, (ErrorKind::Connect | ErrorKind::Auth, Outcome::NotDone)), "{error} {told:?}");
    }
    assert_eq!(provider.journal().len(), 0);
    let tweaks = Tweaks { root_certificate: Some(provider.authority()), ..Tweaks::default() };
    let client = provider.builder_without_token(tweaks).build().unwrap();
    client.storage().upload("/in/a", Source::from("content")).await.unwrap();
    assert_eq!(client.storage().download("/in/a").bytes(100).await.unwrap(), "content");
    client.ftp_accounts().get(provider.target).await.unwrap();
    assert_eq!(provider.simulator.count(EXCHANGE), 1);
}

#[tokio::test]
async fn the_token_goes_to_the_two_servers_only() {
    let trap = Trap::open().await;
    let elsewhere = format!("http://{}/", trap.address());
    for number in 0..6 {
        let provider = Ftpgrid::start().await;
        provider.faults().push(Fault::redirect(307, &elsewhere).always());
        let error = call(&provider.client(Tweaks::default()), number).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::UnexpectedStatus, Outcome::NotDone), "{error}");
        // Where the documentation has two paths, a redirect of the first leads to the second.
        assert!(provider.journal().len() <= 2, "{error}");

        let provider = Ftpgrid::start().await;
        let spy = Some(Spy::moving_to(trap.address()));
        let error = call(&provider.client(Tweaks { spy, ..Tweaks::default() }), number).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidInput, Outcome::NotDone), "{error}");
        assert_eq!(provider.journal().len(), 0);
    }
    let provider = Ftpgrid::start().await;
    let client = provider.builder_without_token(Tweaks::default()).build().unwrap();
    for number in 0..6 {
        call(&client, number).await.unwrap();
    }
    client.ftp_accounts().get(FtpAccountId::new(1)).await.ok();
    client.raw_storage(Method::POST, "/api/list/dirs").idempotency(Idempotency::Safe).into_call().await.unwrap();
    let journal = provider.journal();
    let (_, rest) = journal.split_first().expect("the exchange comes first");
    assert!(rest.iter().all(|exchange| exchange.headers.get_all("authorization").iter().count() == 1));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(trap.caught(), Vec::<String>::new());
}
