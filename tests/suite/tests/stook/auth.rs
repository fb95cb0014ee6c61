//! API key, API secret and tokens: when the client logs in, and the effect of a rejection.

use std::time::Duration;

use futures_util::future::join_all;
use mft_simulator::Fault;
use mft_simulator::stook::Simulator;
use mft_tests::net::Honeypot;
use mft_tests::runtime::wait_until;
use mft_tests::{ClientOptions, Provider, Stook};
use stook::{ApiKey, ApiSecret, Authentication, Client, ErrorKind, OrganizationId, Outcome};

const LOGIN: &str = "stook.auth.login";
const LIST: &str = "stook.ftp_accounts.list";

fn client(provider: &Stook) -> Client {
    provider.login_builder(ClientOptions::default()).build().unwrap()
}

/// Returns the number of requests that were rejected with 401.
fn refusals(provider: &Stook) -> usize {
    provider.journal().iter().filter(|exchange| exchange.status.is_some_and(|status| status.as_u16() == 401)).count()
}

async fn list(client: &Client) -> stook::Result<usize> {
    client.ftp_accounts().list().try_collect_vec().await.map(|accounts| accounts.len())
}

#[tokio::test]
async fn concurrent_calls_share_one_login() {
    let provider = Stook::start().await;
    let client = client(&provider);
    for result in join_all((0..50).map(|_| list(&client))).await {
        assert_eq!(result.unwrap(), 1);
    }
    assert_eq!((provider.simulator.count(LOGIN), provider.simulator.count(LIST)), (1, 50));
    assert_eq!(refusals(&provider), 0);
}

/// The simulated clock is years behind. By the client's own clock, the token would be expired from the start.
#[tokio::test]
async fn token_is_renewed_before_expiry_by_the_server_clock() {
    let builder = Simulator::builder().start_time_ms(1_500_000_000_000).token_lifetime(Duration::from_secs(5));
    let provider = Stook::start_with(builder).await;
    let client = client(&provider);
    list(&client).await.unwrap();
    // The token is renewed in the last quarter of its lifetime.
    tokio::time::sleep(Duration::from_millis(4_500)).await;
    list(&client).await.unwrap();
    assert!(provider.simulator.count(LOGIN) >= 2, "the token was not renewed");
    assert_eq!(refusals(&provider), 0, "the token was renewed only after a rejection");
}

/// Also if the service reports the rejection with a success status.
#[tokio::test]
async fn rejected_token_is_renewed() {
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
async fn token_revoked_under_concurrent_calls_costs_one_login() {
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
    assert!(wait_until(Duration::from_secs(10), || provider.simulator.count_processed(LIST) >= 100).await);
    provider.simulator.state().revoke_tokens();
    for result in join_all(tasks).await {
        result.unwrap().unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(provider.simulator.count(LOGIN), 2);
    assert_eq!(provider.simulator.count(LIST), 400 + refusals(&provider));
}

#[tokio::test]
async fn persistent_401_costs_one_login_and_one_retry() {
    let provider = Stook::start().await;
    let client = client(&provider);
    provider.faults().push(Fault::unauthorized().on(LIST));
    let error = list(&client).await.unwrap_err();
    assert!(error.is_auth() && error.outcome() == Outcome::NotDone, "{error}");
    assert_eq!((provider.simulator.count(LOGIN), provider.simulator.count(LIST)), (2, 2));
}

#[tokio::test]
async fn failed_login_is_shared_by_all_waiting_calls() {
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
        // The same client uses the key after it has become valid again.
        let (key, secret) = ("mrk-Stook.Key/0+1=", "mrk-Stook:Secret@2%");
        provider.simulator.set_api_key(key, secret);
        delete().await.unwrap();
    }
}

#[tokio::test]
async fn explicit_login_does_not_replace_the_cached_token() {
    let builder = Simulator::builder().start_time_ms(1_500_000_000_000).token_lifetime(Duration::from_secs(3_600));
    let provider = Stook::start_with(builder).await;
    let client = client(&provider);
    list(&client).await.unwrap();
    let issued = client.auth().login().await.unwrap();
    let end = issued.expires_at.expect("the simulator returns the expiry").0;
    assert!((1_500_003_600..1_500_003_700).contains(&end), "{end}");
    let second_client = Client::builder(client.organization_uuid(), Authentication::token(issued.token));
    let second_client = second_client.base_url(provider.simulator.base_url()).allow_http().no_proxy().build().unwrap();
    assert_eq!((list(&second_client).await.unwrap(), list(&client).await.unwrap()), (1, 1));
    assert_eq!((provider.simulator.count(LOGIN), refusals(&provider)), (2, 0));
}

#[tokio::test]
async fn login_does_not_follow_redirects() {
    let honeypot = Honeypot::open().await;
    let provider = Stook::start().await;
    for status in [301, 302, 307, 308] {
        provider.faults().clear();
        provider.faults().push(Fault::redirect(status, &format!("http://{}/hidden", honeypot.address())).on(LOGIN));
        let error = list(&client(&provider)).await.unwrap_err();
        assert!(error.is_auth() && error.outcome() == Outcome::NotDone, "{error}");
        assert!(error.to_string().contains(&honeypot.address().to_string()), "{error}");
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(honeypot.caught(), Vec::<String>::new());
    let logins = provider.journal();
    assert!(logins.iter().all(|exchange| exchange.header("authorization").is_none()), "a login request has no token");
}

#[tokio::test]
async fn login_uses_the_configured_root_certificates() {
    let provider = Stook::start_with(Simulator::builder().tls()).await;
    let error = list(&client(&provider)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{error}");
    let pem = provider.simulator.ca_pem().expect("a simulator with TLS").to_owned();
    let trusting = provider.login_builder(ClientOptions::default()).add_root_certificate(pem).build().unwrap();
    list(&trusting).await.unwrap();
}

#[tokio::test]
async fn simulator_environment_configures_a_client() {
    let provider = Stook::start().await;
    let environment = provider.simulator.environment();
    let value = |name: &str| environment.iter().find(|(key, _)| *key == name).expect(name).1.clone();
    let authentication =
        Authentication::login(ApiKey::new(value("STOOK_API_KEY")), ApiSecret::new(value("STOOK_API_SECRET")));
    let builder = Client::builder(OrganizationId::from(value("STOOK_ORGANIZATION_UUID")), authentication)
        .base_url(value("STOOK_BASE_URL"));
    list(&builder.allow_http().no_proxy().build().unwrap()).await.unwrap();
}
