//! Key and secret against tokens: when the client logs in, and what becomes of refusals.

use std::time::Duration;

use futures_util::future::join_all;
use mft_simulator::Fault;
use mft_simulator::stook::Simulator;
use mft_tests::support::{Trap, eventually};
use mft_tests::{Provider, Stook, Tweaks};
use stook::{ApiKey, ApiSecret, Authentication, Client, ErrorKind, OrganizationId, Outcome};

const LOGIN: &str = "stook.auth.login";
const LIST: &str = "stook.ftp_accounts.list";

fn client(provider: &Stook) -> Client {
    provider.login_builder(Tweaks::default()).build().unwrap()
}

/// How many requests were refused with 401.
fn refusals(provider: &Stook) -> usize {
    provider.journal().iter().filter(|exchange| exchange.status.is_some_and(|status| status.as_u16() == 401)).count()
}

async fn list(client: &Client) -> stook::Result<usize> {
    client.ftp_accounts().list().try_collect_vec().await.map(|accounts| accounts.len())
}

#[tokio::test]
async fn fifty_calls_share_one_login() {
    let provider = Stook::start().await;
    let client = client(&provider);
    for result in join_all((0..50).map(|_| list(&client))).await {
        assert_eq!(result.unwrap(), 1);
    }
    assert_eq!((provider.simulator.count(LOGIN), provider.simulator.count(LIST)), (1, 50));
    assert_eq!(refusals(&provider), 0);
}

/// The simulated clock is years behind ours: a lifetime by our own clock would be over before it began.
#[tokio::test]
async fn a_token_is_renewed_before_it_ends_by_the_services_clock() {
    let builder = Simulator::builder().start_time_ms(1_500_000_000_000).token_life(Duration::from_secs(5));
    let provider = Stook::start_with(builder).await;
    let client = client(&provider);
    list(&client).await.unwrap();
    // It is renewed in the last quarter of its life.
    tokio::time::sleep(Duration::from_millis(4_500)).await;
    list(&client).await.unwrap();
    assert!(provider.simulator.count(LOGIN) >= 2, "it was not renewed");
    assert_eq!(refusals(&provider), 0, "it was renewed because it was refused");
}

/// Also where the service tells it under a status of success.
#[tokio::test]
async fn a_token_that_ends_early_is_renewed_when_it_is_refused() {
    for builder in [Simulator::builder(), Simulator::builder().soft_errors()] {
        let provider = Stook::start_with(builder).await;
        let client = client(&provider);
        list(&client).await.unwrap();
        provider.simulator.advance(Duration::from_secs(31 * 24 * 3_600));
        list(&client).await.unwrap();
        assert_eq!((provider.simulator.count(LOGIN), provider.simulator.count(LIST)), (2, 3));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_revoked_in_the_middle_of_fifty_parallel_calls_cost_one_login_and_no_call() {
    let provider = Stook::start().await;
    let client = client(&provider);
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                for _ in 0..8 {
                    list(&client).await?;
                }
                Ok::<_, stook::Error>(())
            })
        })
        .collect();
    assert!(eventually(Duration::from_secs(10), || provider.simulator.count_processed(LIST) >= 100).await);
    provider.simulator.state().revoke_tokens();
    for result in join_all(tasks).await {
        result.unwrap().unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(provider.simulator.count(LOGIN), 2);
    assert_eq!(provider.simulator.count(LIST), 400 + refusals(&provider));
}

#[tokio::test]
async fn a_401_that_stays_is_one_login_and_one_repeat() {
    let provider = Stook::start().await;
    let client = client(&provider);
    provider.faults().push(Fault::unauthorized().on(LIST));
    let error = list(&client).await.unwrap_err();
    assert!(error.is_auth() && error.outcome() == Outcome::NotDone, "{error}");
    assert_eq!((provider.simulator.count(LOGIN), provider.simulator.count(LIST)), (2, 2));
}

#[tokio::test]
async fn a_refused_login_is_told_by_all_who_waited_and_nothing_else_is_sent() {
    for soft in [false, true] {
        let builder = if soft { Simulator::builder().soft_errors() } else { Simulator::builder() };
        let provider = Stook::start_with(builder).await;
        let client = client(&provider);
        provider.simulator.revoke_api_key();
        let delete = || client.ftp_accounts().delete(&provider.target).into_future();
        for result in join_all((0..50).map(|_| delete())).await {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone), "{error}");
            assert_eq!(error.operation(), Some("stook.ftp_accounts.delete"));
            assert!(error.to_string().contains("Invalid API credentials."), "{error}");
        }
        assert_eq!((provider.simulator.count(LOGIN), provider.journal().len()), (1, 1));
        // A key that is good again is used by the same client.
        let (key, secret) = ("mrk-Stook.Key/0+1=", "mrk-Stook:Secret@2%");
        provider.simulator.set_api_key(key, secret);
        delete().await.unwrap();
    }
}

#[tokio::test]
async fn a_token_for_another_process_is_good_there_and_leaves_that_of_the_client_alone() {
    let builder = Simulator::builder().start_time_ms(1_500_000_000_000).token_life(Duration::from_secs(3_600));
    let provider = Stook::start_with(builder).await;
    let client = client(&provider);
    list(&client).await.unwrap();
    let issued = client.auth().login().await.unwrap();
    let end = issued.expires_at.expect("the simulator tells it").0;
    assert!((1_500_003_600..1_500_003_700).contains(&end), "{end}");
    let other = Client::builder(client.organization_uuid(), Authentication::token(issued.token));
    let other = other.base_url(provider.simulator.base_url()).allow_http().no_proxy().build().unwrap();
    assert_eq!((list(&other).await.unwrap(), list(&client).await.unwrap()), (1, 1));
    assert_eq!((provider.simulator.count(LOGIN), refusals(&provider)), (2, 0));
}

#[tokio::test]
async fn a_login_stays_on_its_origin() {
    let trap = Trap::open().await;
    let provider = Stook::start().await;
    for status in [301, 302, 307, 308] {
        provider.faults().clear();
        provider.faults().push(Fault::redirect(status, &format!("http://{}/hidden", trap.address())).on(LOGIN));
        let error = list(&client(&provider)).await.unwrap_err();
        assert!(error.is_auth() && error.outcome() == Outcome::NotDone, "{error}");
        assert!(error.to_string().contains(&trap.address().to_string()), "{error}");
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(trap.caught(), Vec::<String>::new());
    let logins = provider.journal();
    assert!(logins.iter().all(|exchange| exchange.header("authorization").is_none()), "a login carries no token");
}

#[tokio::test]
async fn a_login_trusts_the_same_certificates_as_the_calls() {
    let provider = Stook::start_with(Simulator::builder().tls()).await;
    let error = list(&client(&provider)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{error}");
    let pem = provider.simulator.ca_pem().expect("a simulator with TLS").to_owned();
    let trusting = provider.login_builder(Tweaks::default()).add_root_certificate(pem).build().unwrap();
    list(&trusting).await.unwrap();
}

#[tokio::test]
async fn the_environment_that_a_simulator_prints_is_all_that_a_client_needs() {
    let provider = Stook::start().await;
    let environment = provider.simulator.environment();
    let value = |name: &str| environment.iter().find(|(known, _)| *known == name).expect(name).1.clone();
    let authentication =
        Authentication::login(ApiKey::new(value("STOOK_API_KEY")), ApiSecret::new(value("STOOK_API_SECRET")));
    let builder = Client::builder(OrganizationId::from(value("STOOK_ORGANIZATION_UUID")), authentication)
        .base_url(value("STOOK_BASE_URL"));
    list(&builder.allow_http().no_proxy().build().unwrap()).await.unwrap();
}
